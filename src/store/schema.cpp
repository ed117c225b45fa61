#include "dvsync/store/schema.hpp"

#include "embedded_sql.hpp"

namespace dvsync::store {
namespace {

std::span<const std::string_view> migrations(SchemaKind kind) {
  return kind == SchemaKind::mirror ? embedded_sql::mirror_migrations() : embedded_sql::environment_migrations();
}

// 0: not migrated at all.
int installed_version(Connection& connection) {
  try {
    return static_cast<int>(connection.exec("SELECT coalesce(max(version), 0) FROM our.schema_version").number(0, 0));
  } catch (const StoreError& error) {
    if (error.kind() == StoreError::Kind::schema) return 0;  // there is no such table
    throw;
  }
}

void refuse_newer(int version, SchemaKind kind, const std::string& schema) {
  if (version > needed_version(kind)) {
    throw StoreError(StoreError::Kind::schema, "schema " + schema + " has version " + std::to_string(version) +
                                                   ", newer than this dvsync knows (" +
                                                   std::to_string(needed_version(kind)) +
                                                   "): install the newer dvsync");
  }
}

// The files of sql/ name their schema by search_path alone. Until the transaction ends.
void work_in_schema(Connection& owner) {
  owner.exec("SET LOCAL search_path = " + owner.quoted(owner.schema()) + ", pg_temp");
}

void grant(Connection& owner, SchemaKind kind, const std::string& daemon_role,
           const std::map<std::string, std::string>& create_values) {
  std::string columns;
  for (const auto& [column, value] : create_values) columns += (columns.empty() ? "" : ",") + column;
  Transaction transaction(owner);
  work_in_schema(owner);
  owner.exec("SELECT set_config('dvsync.role', $1, true), set_config('dvsync.create_columns', $2, true)",
             {daemon_role, columns});
  owner.exec(std::string(kind == SchemaKind::mirror ? embedded_sql::mirror_grants : embedded_sql::environment_grants));
  transaction.commit();
}

}  // namespace

bool admit_asker(Connection& owner, const std::string& role, const std::string& trigger) {
  const auto exists = [&] { return !owner.exec("SELECT FROM pg_roles WHERE rolname = $1", {role}).empty(); };
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
  owner.exec(std::string(embedded_sql::environment_askers));
  transaction.commit();
  return true;
}

int needed_version(SchemaKind kind) { return static_cast<int>(migrations(kind).size()); }

Migration migrate(Connection& owner, SchemaKind kind, const std::string& schema, const std::string& daemon_role,
                  const std::map<std::string, std::string>& create_values) {
  // CREATE SCHEMA IF NOT EXISTS asks for a right on the database even where the schema is there already.
  if (owner.exec("SELECT FROM pg_namespace WHERE nspname = $1", {schema}).empty()) {
    owner.exec("CREATE SCHEMA " + owner.quoted(schema));
  }
  owner.exec(
      "CREATE TABLE IF NOT EXISTS our.schema_version (version integer PRIMARY KEY, migrated_at timestamptz NOT NULL "
      "DEFAULT now())");
  const int from = installed_version(owner);
  refuse_newer(from, kind, schema);
  const auto files = migrations(kind);
  for (int version = from + 1; version <= needed_version(kind); ++version) {
    Transaction transaction(owner);
    work_in_schema(owner);
    owner.exec("LOCK TABLE our.schema_version");
    if (installed_version(owner) >= version) continue;  // somebody else was faster
    owner.exec(std::string(files[static_cast<std::size_t>(version - 1)]));
    owner.exec("INSERT INTO our.schema_version (version) VALUES ($1::int)", {std::to_string(version)});
    transaction.commit();
  }
  grant(owner, kind, daemon_role, create_values);
  return {from, needed_version(kind)};
}

namespace {

// PostgreSQL's own words do not say what to do.
void refuse_unusable(Connection& connection, const std::string& schema) {
  const auto usable = connection.exec(
      "SELECT has_schema_privilege(oid, 'USAGE'), current_user FROM pg_namespace WHERE nspname = $1", {schema});
  if (usable.empty() || usable.boolean(0, 0)) return;
  throw StoreError(StoreError::Kind::denied, "the role " + std::string(usable.text(0, 1)) + " may not use the schema " +
                                                 schema + ": `dvsync migrate` grants what is needed");
}

}  // namespace

void require_version(Connection& connection, SchemaKind kind, const std::string& schema) {
  int version = 0;
  try {
    version = installed_version(connection);
  } catch (const StoreError& error) {
    if (error.kind() == StoreError::Kind::denied) refuse_unusable(connection, schema);
    throw;
  }
  refuse_newer(version, kind, schema);
  if (version == needed_version(kind)) return;
  const std::string state =
      version == 0 ? "is not set up"
                   : "has version " + std::to_string(version) + " of " + std::to_string(needed_version(kind));
  throw StoreError(StoreError::Kind::schema, "schema " + schema + " " + state + ": run `dvsync migrate`");
}

}  // namespace dvsync::store
