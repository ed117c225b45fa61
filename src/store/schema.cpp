#include "dvsync/store/schema.hpp"

#include "dvsync/store/touched_rows.hpp"
#include "embedded_sql.hpp"
#include "sql_statements.hpp"
#include "system_user_table.hpp"

namespace dvsync::store {
namespace {

std::span<const std::string_view> migrations(SchemaKind kind) {
  return kind == SchemaKind::mirror ? embedded_sql::mirror_migrations() : embedded_sql::environment_migrations();
}

// A schema that may not be used would look like one that is not there.
[[noreturn]] void refuse_unusable(Connection& connection, const std::string& schema) {
  const auto usable = connection.exec(
      "SELECT has_schema_privilege(oid, 'USAGE'), current_user FROM pg_namespace WHERE nspname = $1", {schema});
  const bool may_use = !usable.empty() && usable.boolean(0, 0);
  const std::string role = usable.empty() ? "" : std::string(usable.text(0, 1));
  throw StoreError(StoreError::Kind::denied, connection.place() + ": the role " + role + " may not " +
                                                 (may_use ? "read schema_version in" : "use") + " the schema " +
                                                 schema + ": `dvsync migrate` grants what is needed");
}

// What every session asks first.
struct SchemaState {
  int version = 0;  // 0: not migrated at all
  std::string encoding;
  bool row_security = false;  // a policy decides which rows of systemuser this role sees
};

SchemaState read_state(Connection& connection, const std::string& schema) {
  const auto quoted = connection.quoted(schema);
  SchemaState state;
  const auto read = [&](const std::string& version) {
    const auto row =
        connection.exec("SELECT " + version + ", getdatabaseencoding(), coalesce(row_security_active(to_regclass(" +
                        connection.literal(quoted + ".systemuser") + ")), false), " + connection.search_path_set());
    state = {static_cast<int>(row.number(0, 0)), std::string(row.text(0, 1)), row.boolean(0, 2)};
  };
  try {
    read("coalesce((SELECT max(version) FROM " + quoted + ".schema_version), 0)");
  } catch (const StoreError& error) {
    if (error.kind() == StoreError::Kind::denied) refuse_unusable(connection, schema);
    if (error.kind() != StoreError::Kind::schema) throw;
    read("0");  // there is no such table
  }
  return state;
}

int installed_version(Connection& connection, const std::string& schema) {
  return read_state(connection, schema).version;
}

// Names and profiles of the whole world are kept there.
void require_utf8(SchemaKind kind, const std::string& encoding, const std::string& place) {
  if (kind != SchemaKind::mirror || encoding == "UTF8") return;
  throw StoreError(StoreError::Kind::schema, place + ": the database is encoded in " + encoding +
                                                 ", and it must be UTF8 to hold every name: CREATE DATABASE ... "
                                                 "ENCODING 'UTF8' TEMPLATE template0, and name it in "
                                                 "database.connection");
}

void refuse_newer(int version, SchemaKind kind, const std::string& schema) {
  if (version > needed_version(kind)) {
    throw StoreError(StoreError::Kind::schema, "schema " + schema + " has version " + std::to_string(version) +
                                                   ", newer than this dvsync knows (" +
                                                   std::to_string(needed_version(kind)) +
                                                   "): install the newer dvsync");
  }
}

// Creates it if it is missing. What is created must land in it: where the role may not use it, PostgreSQL would take
// the next schema of the search path.
void create_schema(Connection& owner, const std::string& schema) {
  // CREATE SCHEMA IF NOT EXISTS asks for a right on the database even where the schema is there already.
  const auto found = owner.exec(
      "SELECT has_schema_privilege(oid, 'USAGE'), has_schema_privilege(oid, 'CREATE'), current_user, "
      "nspowner::regrole FROM pg_namespace WHERE nspname = $1",
      {schema});
  if (!found.empty()) {
    if (found.boolean(0, 0) && found.boolean(0, 1)) return;
    const std::string role(found.text(0, 2));
    throw StoreError(StoreError::Kind::denied, "the role " + role + " may not create tables in the schema " + schema +
                                                   ", which belongs to " + std::string(found.text(0, 3)) +
                                                   ": GRANT USAGE, CREATE ON SCHEMA " + owner.quoted(schema) + " TO " +
                                                   owner.quoted(role) + ", or name its owner in migrate_connection");
  }
  const auto database =
      owner.exec("SELECT has_database_privilege(current_database(), 'CREATE'), current_user, current_database()");
  if (!database.boolean(0, 0)) {
    const std::string role(database.text(0, 1));
    throw StoreError(StoreError::Kind::denied, "the role " + role + " may not create the schema " + schema +
                                                   ": GRANT CREATE ON DATABASE " + owner.quoted(database.text(0, 2)) +
                                                   " TO " + owner.quoted(role) + ", or have somebody CREATE SCHEMA " +
                                                   owner.quoted(schema) + " AUTHORIZATION " + owner.quoted(role));
  }
  owner.exec("CREATE SCHEMA IF NOT EXISTS " + owner.quoted(schema));
}

// The files of sql/ name their schema by search_path alone. Until the transaction ends.
void work_in_schema(Connection& owner) {
  owner.exec("SET LOCAL search_path = " + owner.quoted(owner.schema()) + ", pg_temp");
}

void execute(Connection& owner, std::string_view file) {
  for (const auto statement : statements_of(file)) owner.exec(std::string(statement));
}

void grant(Connection& owner, SchemaKind kind, const std::string& daemon_role,
           const std::map<std::string, std::string>& create_values) {
  std::string columns;
  for (const auto& [column, value] : create_values) columns += (columns.empty() ? "" : ",") + column;
  Transaction transaction(owner);
  work_in_schema(owner);
  owner.exec("SELECT set_config('dvsync.role', $1, true), set_config('dvsync.create_columns', $2, true)",
             {daemon_role, columns});
  execute(owner, kind == SchemaKind::mirror ? embedded_sql::mirror_grants : embedded_sql::environment_grants);
  transaction.commit();
}

}  // namespace

bool admit_asker(Connection& owner, const std::string& role, const std::string& trigger) {
  const auto exists = [&] { return !owner.exec("SELECT 1 FROM pg_roles WHERE rolname = $1", {role}).empty(); };
  if (!exists()) {
    try {
      owner.exec("CREATE ROLE " + owner.quoted(role) + " NOLOGIN");
    } catch (const StoreError& error) {
      if (error.kind() == StoreError::Kind::denied) return false;
      if (!exists()) throw;  // else another migration was faster
    }
  }
  Transaction transaction(owner);
  work_in_schema(owner);
  owner.exec("SELECT set_config('dvsync.asking_role', $1, true), set_config('dvsync.asking_trigger', $2, true)",
             {role, trigger});
  execute(owner, embedded_sql::environment_askers);
  transaction.commit();
  return true;
}

void create_role_tables(Connection& owner, const std::vector<std::string>& role_names) {
  std::string names;
  for (const auto& name : role_names) names.append(names.empty() ? "" : "\n").append(name);
  Transaction transaction(owner);
  work_in_schema(owner);
  owner.exec("SELECT set_config('dvsync.role_names', $1, true)", {names});
  execute(owner, embedded_sql::environment_role_tables);
  transaction.commit();
}

void grant_access(Connection& owner, const std::string& daemon_role, const config::Environment& environment) {
  Transaction transaction(owner);
  work_in_schema(owner);
  const auto flag = [](bool value) { return std::string(value ? "t" : "f"); };
  owner.exec(
      "SELECT set_config('dvsync.role', $1, true), set_config('dvsync.roles', $2, true), set_config('dvsync.teams', "
      "$3, true)",
      {daemon_role, flag(environment.roles.has_value()),
       flag(environment.rules.teams.follow != core::GroupTeams::ignore)});
  execute(owner, embedded_sql::environment_access_grants);
  transaction.commit();
}

std::string watch_rows(Connection& owner, config::WatchRows watch) {
  std::string columns;
  for (const auto column : watched_columns()) columns.append(columns.empty() ? "" : ",").append(column);
  Transaction transaction(owner);
  work_in_schema(owner);
  owner.exec(
      "SELECT set_config('dvsync.watch_rows', $1, true), set_config('dvsync.watched_columns', $2, true), "
      "set_config('dvsync.most_touched', $3, true)",
      {std::string(config::name_of(watch)), columns, std::to_string(most_touched + 1)});
  execute(owner, embedded_sql::environment_watch);
  std::string refused(owner.exec("SELECT current_setting('dvsync.watch_refused')").text(0, 0));
  transaction.commit();
  return refused;
}

int needed_version(SchemaKind kind) { return static_cast<int>(migrations(kind).size()); }

Migration migrate(Connection& owner, SchemaKind kind, const std::string& schema, const std::string& daemon_role,
                  const std::map<std::string, std::string>& create_values) {
  require_utf8(kind, std::string(owner.exec("SELECT getdatabaseencoding()").text(0, 0)), owner.place());
  create_schema(owner, schema);
  owner.exec("CREATE TABLE IF NOT EXISTS " + owner.quoted(schema) +
             ".schema_version (version integer PRIMARY KEY, migrated_at timestamptz NOT NULL DEFAULT now())");
  const int from = installed_version(owner, schema);
  refuse_newer(from, kind, schema);
  const auto files = migrations(kind);
  for (int version = from + 1; version <= needed_version(kind); ++version) {
    Transaction transaction(owner);
    work_in_schema(owner);
    owner.exec("LOCK TABLE " + owner.quoted(schema) + ".schema_version");
    if (installed_version(owner, schema) >= version) continue;  // somebody else was faster
    execute(owner, files[static_cast<std::size_t>(version - 1)]);
    owner.exec("INSERT INTO " + owner.quoted(schema) + ".schema_version (version) VALUES ($1::int)",
               {std::to_string(version)});
    transaction.commit();
  }
  grant(owner, kind, daemon_role, create_values);
  return {from, needed_version(kind)};
}

std::string role_of(Connection& session) { return std::string(session.exec("SELECT current_user").text(0, 0)); }

void require_version(Connection& connection, SchemaKind kind, const std::string& schema) {
  const auto state = read_state(connection, schema);
  require_utf8(kind, state.encoding, connection.place());
  refuse_newer(state.version, kind, schema);
  if (state.version != needed_version(kind)) {
    const std::string is = state.version == 0 ? "is not set up"
                                              : "has version " + std::to_string(state.version) + " of " +
                                                    std::to_string(needed_version(kind));
    throw StoreError(StoreError::Kind::schema,
                     connection.place() + ": schema " + schema + " " + is + ": run `dvsync migrate`");
  }
  if (!state.row_security) return;
  throw StoreError(StoreError::Kind::schema,
                   connection.place() + ": " + row_security_refusal(schema, "systemuser", role_of(connection)));
}

}  // namespace dvsync::store
