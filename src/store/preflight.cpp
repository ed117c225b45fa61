#include "dvsync/store/preflight.hpp"

#include <algorithm>
#include <array>

#include "dvsync/store/schema.hpp"
#include "dvsync/store/touched_rows.hpp"
#include "system_user_table.hpp"

namespace dvsync::store {
namespace {

constexpr const char* how_to_grant = ": `dvsync migrate` grants what is needed";

void check_takes_writes(bool in_recovery, bool read_only, std::vector<Obstacle>& obstacles) {
  if (in_recovery) {
    obstacles.push_back({.what = "this server is a standby and takes no writes: connect to the primary "
                                 "(target_session_attrs=read-write finds it among several hosts)",
                         .kind = StoreError::Kind::unavailable});
  } else if (read_only) {
    obstacles.push_back(
        {.what = "sessions are read-only here (default_transaction_read_only): reset it for the role, the database or "
                 "the server",
         .kind = StoreError::Kind::unavailable});
  }
}

void check_takes_writes(Connection& session, std::vector<Obstacle>& obstacles) {
  const auto facts = session.exec("SELECT pg_is_in_recovery(), current_setting('transaction_read_only')::boolean");
  check_takes_writes(facts.boolean(0, 0), facts.boolean(0, 1), obstacles);
}

// Of the tables and sequences of ours in `schema`; `own` is what their names are like.
void check_table_rights(Connection& session, const std::string& schema, const char* own,
                        std::vector<Obstacle>& obstacles) {
  const auto missing = session.exec(
      "SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class "
      "WHERE relnamespace = to_regnamespace($2) AND relname LIKE $1 AND relname <> 'schema_version' "
      "AND ((relkind IN ('r', 'p') AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT') "
      "AND (relname = 'sync_change' OR has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')))) "
      "OR (relkind = 'S' AND NOT has_sequence_privilege(oid, 'USAGE')))",
      {std::string(own), session.quoted(schema)});
  if (!missing.null(0, 0)) {
    obstacles.push_back({.what = "the role " + role_of(session) + " may not read and write " +
                                 std::string(missing.text(0, 0)) + how_to_grant,
                         .kind = StoreError::Kind::denied});
  }
  if (!session.exec("SELECT has_database_privilege(current_database(), 'TEMPORARY')").boolean(0, 0)) {
    obstacles.push_back(
        {.what = "the role " + role_of(session) + " may not create temporary tables in the database" + how_to_grant,
         .kind = StoreError::Kind::denied});
  }
}

// As sql/environment/grants.sql grants them.
void check_column_rights(Connection& session, const std::string& table, const WrittenColumns& columns,
                         std::vector<Obstacle>& obstacles) {
  using Right = std::pair<const char*, const std::vector<std::string>*>;
  for (const auto& [right, names] :
       {Right{"SELECT", &columns.created}, Right{"INSERT", &columns.created}, Right{"UPDATE", &columns.updated}}) {
    const auto missing = session.exec(
        "SELECT string_agg(name, ', ') FROM unnest($1::text[]) name WHERE NOT has_column_privilege($2, name, $3)",
        {to_array(*names), table, std::string(right)});
    if (missing.null(0, 0)) continue;
    obstacles.push_back({.what = "the role " + role_of(session) + " lacks " + right +
                                 " on these columns of systemuser: " + std::string(missing.text(0, 0)) + how_to_grant,
                         .kind = StoreError::Kind::denied});
  }
}

// A publication makes PostgreSQL refuse updates of a table whose rows it could not name to a subscriber.
void check_replication(Connection& session, const std::string& schema, std::vector<Obstacle>& obstacles) {
  const auto rows = session.exec(
      "SELECT c.relname, p.pubname FROM pg_class c JOIN pg_publication p ON p.pubupdate OR p.pubdelete "
      "WHERE c.relnamespace = to_regnamespace($1) AND c.relkind IN ('r', 'p') "
      "AND (p.puballtables OR EXISTS (SELECT 1 FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = "
      "c.oid) "
      "OR EXISTS (SELECT 1 FROM pg_publication_namespace n WHERE n.pnpubid = p.oid AND n.pnnspid = c.relnamespace)) "
      "AND NOT CASE c.relreplident WHEN 'f' THEN true "
      "WHEN 'd' THEN EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indisvalid) "
      "WHEN 'i' THEN EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisreplident AND i.indisvalid) "
      "ELSE false END ORDER BY c.relname, p.pubname",
      {session.quoted(schema)});
  for (int row = 0; row < rows.size(); ++row) {
    const std::string table(rows.text(row, 0));
    obstacles.push_back({"the publication " + std::string(rows.text(row, 1)) + " publishes updates of " + table +
                         ", which has no replica identity, so that PostgreSQL refuses them: give it a primary key, or "
                         "ALTER TABLE " +
                         schema + "." + table + " REPLICA IDENTITY FULL"});
  }
}

// Our sessions see all rows or get an error (row_security = off). sync_request has policies for those who ask.
void check_row_security(Connection& session, const std::string& schema, std::vector<Obstacle>& obstacles) {
  const auto rows = session.exec(
      "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind IN ('r', 'p') "
      "AND relrowsecurity AND relname <> 'sync_request' AND row_security_active(oid) ORDER BY relname",
      {session.quoted(schema)});
  for (int row = 0; row < rows.size(); ++row) {
    obstacles.push_back({row_security_refusal(schema, std::string(rows.text(row, 0)), role_of(session))});
  }
}

// Constraints and triggers do not look at what such a session writes, and it takes a superuser to change that.
void check_session(Connection& session, std::vector<Obstacle>& obstacles) {
  const auto role = session.exec("SELECT current_setting('session_replication_role')");
  if (role.text(0, 0) == "origin") return;
  obstacles.push_back({.what = "session_replication_role is " + std::string(role.text(0, 0)) +
                               " in this role's sessions: neither foreign keys nor triggers look at what they write",
                       .stops = false});
}

void check_encoding(Connection& session, std::vector<Obstacle>& obstacles) {
  const auto encoding = session.exec("SELECT getdatabaseencoding()");
  if (encoding.text(0, 0) == "UTF8") return;
  const bool bytes = encoding.text(0, 0) == "SQL_ASCII";
  obstacles.push_back({.what = "the database is encoded in " + std::string(encoding.text(0, 0)) +
                               (bytes ? ", where a column's length counts bytes: a value that is too long then is that "
                                        "user's rejection"
                                      : ": a value with characters that it does not have is that user's rejection"),
                       .stops = false});
}

// Every create_values entry into the type of its column.
void check_create_values(Connection& session, const SystemUserTable& table, const config::Environment& environment,
                         std::vector<Obstacle>& obstacles) {
  for (const auto& [name, value] : environment.create_values) {
    const auto column = table.columns.find(name);
    if (column == table.columns.end()) continue;
    try {
      session.exec("SELECT CAST($1 AS " + column->second.type_name + ")", {value});
    } catch (const RowError&) {
      obstacles.push_back({"create_values gives systemuser." + name + " a value that its type " +
                           column->second.type_name + " does not take"});
    }
  }
}

std::optional<Obstacle> try_to_plan(Connection& session, const std::string& what, const std::string& statements) {
  try {
    session.exec(statements);
    return std::nullopt;
  } catch (const RowError& error) {
    return Obstacle{"PostgreSQL would refuse to " + what + ": " + error.what()};
  } catch (const StoreError& error) {
    return Obstacle{.what = "PostgreSQL would refuse to " + what + ": " + error.what(), .kind = error.kind()};
  }
}

// PostgreSQL plans what a run executes: it then checks rights, policies, publications and columns, and runs nothing, no
// trigger either.
std::optional<Obstacle> try_to_plan_writes(Connection& session, const SystemUserTable& table,
                                           const config::Environment& environment) {
  const auto name = session.quoted(environment.schema) + ".systemuser";
  const auto columns = written_columns(table, environment);
  std::string inserted;
  std::string values;
  for (const auto& column : columns.created) {
    const auto constant = environment.create_values.find(column);
    inserted += (inserted.empty() ? "" : ", ") + session.quoted(column);
    values +=
        (values.empty() ? "" : ", ") +
        (constant == environment.create_values.end() ? session.quoted(column) : session.literal(constant->second));
  }
  std::string updated;
  for (const auto& column : columns.updated) {
    updated += (updated.empty() ? "" : ", ") + session.quoted(column) + " = " + session.quoted(column);
  }
  return try_to_plan(session, "write systemuser",
                     "EXPLAIN INSERT INTO " + name + " (" + inserted + ") SELECT " + values + " FROM " + name +
                         " WHERE false; EXPLAIN UPDATE " + name + " SET " + updated + " WHERE false");
}

// Of security roles, where the configuration has them managed.
std::optional<Obstacle> try_to_plan_roles(Connection& session, const config::Environment& environment) {
  if (!environment.roles) return std::nullopt;
  const auto schema = session.quoted(environment.schema);
  const auto held = schema + ".systemuserroles";
  return try_to_plan(session, "manage `roles`",
                     "EXPLAIN SELECT roleid, name, businessunitid FROM " + schema + ".role; EXPLAIN INSERT INTO " +
                         held + " (systemuserid, roleid) SELECT systemuserid, roleid FROM " + held +
                         " WHERE false; EXPLAIN DELETE FROM " + held + " WHERE false");
}

// Of group teams, where their members follow.
std::optional<Obstacle> try_to_plan_teams(Connection& session, const config::Environment& environment) {
  if (environment.rules.teams.follow == core::GroupTeams::ignore) return std::nullopt;
  const auto schema = session.quoted(environment.schema);
  const auto held = schema + ".teammembership";
  return try_to_plan(session, "follow `group_teams`",
                     "EXPLAIN SELECT teamid, name, teamtype, azureactivedirectoryobjectid, membershiptype FROM " +
                         schema + ".team; EXPLAIN INSERT INTO " + held +
                         " (systemuserid, teamid) SELECT systemuserid, teamid FROM " + held +
                         " WHERE false; EXPLAIN DELETE FROM " + held + " WHERE false");
}

// Of a schema that is complete: what the triggers note is kept in a table of ours.
void check_row_watch(Connection& session, const SystemUserTable& table, std::vector<Obstacle>& obstacles) {
  if (table.columns.empty() || read_row_watch(session).watches) return;
  obstacles.push_back({.what =
                           "no trigger notes rows that others change: the next full run finds them (watch_rows: on, "
                           "and `dvsync migrate`, for an earlier one)",
                       .stops = false});
}

bool any_stops(const std::vector<Obstacle>& obstacles) {
  return std::ranges::any_of(obstacles, [](const Obstacle& obstacle) { return obstacle.stops; });
}

// What is wrong for good comes before what a grant mends, and that before what may pass by itself.
int weight(const Obstacle& obstacle) {
  if (!obstacle.stops) return 3;
  if (obstacle.kind == StoreError::Kind::unavailable) return 2;
  return obstacle.kind == StoreError::Kind::denied ? 1 : 0;
}

std::vector<Obstacle> sorted(std::vector<Obstacle> obstacles) {
  std::ranges::stable_sort(obstacles, {}, weight);
  return obstacles;
}

}  // namespace

std::string row_security_refusal(const std::string& schema, const std::string& table, const std::string& role) {
  return "row level security decides which rows of " + table + " the role " + role +
         " sees, and whoever it hides would never be disabled: ALTER ROLE " + role + " BYPASSRLS, or ALTER TABLE " +
         schema + "." + table + " DISABLE ROW LEVEL SECURITY";
}

std::vector<Obstacle> find_obstacles(Connection& mirror, const std::string& mirror_schema) {
  std::vector<Obstacle> obstacles;
  check_takes_writes(mirror, obstacles);
  check_table_rights(mirror, mirror_schema, "%", obstacles);
  for (const std::string function : {"index_user_names()", "index_memberships()", "leave_room(boolean)"}) {
    const auto name = mirror.quoted(mirror_schema) + "." + function;
    if (mirror.exec("SELECT has_function_privilege($1, 'EXECUTE')", {name}).boolean(0, 0)) continue;
    obstacles.push_back({.what = "the role " + role_of(mirror) + " may not execute " + function + how_to_grant,
                         .kind = StoreError::Kind::denied});
  }
  check_row_security(mirror, mirror_schema, obstacles);
  check_replication(mirror, mirror_schema, obstacles);
  return sorted(std::move(obstacles));
}

std::vector<Obstacle> find_obstacles(Connection& session, const config::Environment& environment) {
  const auto table = read_table(session, environment);
  auto obstacles = find_obstacles(table, environment);
  check_takes_writes(session, obstacles);
  check_table_rights(session, environment.schema, R"(sync\_%)", obstacles);
  if (!table.columns.empty()) {
    check_column_rights(session, session.quoted(environment.schema) + ".systemuser",
                        written_columns(table, environment), obstacles);
  }
  check_row_security(session, environment.schema, obstacles);
  check_replication(session, environment.schema, obstacles);
  check_create_values(session, table, environment, obstacles);
  if (!any_stops(obstacles)) {
    if (auto refused = try_to_plan_writes(session, table, environment)) obstacles.push_back(std::move(*refused));
    if (auto refused = try_to_plan_roles(session, environment)) obstacles.push_back(std::move(*refused));
    if (auto refused = try_to_plan_teams(session, environment)) obstacles.push_back(std::move(*refused));
    check_row_watch(session, table, obstacles);
  }
  check_session(session, obstacles);
  check_encoding(session, obstacles);
  return sorted(std::move(obstacles));
}

NewRows require_ready(Connection& session, const config::Environment& environment, Use use) {
  if (use == Use::reading) {
    auto obstacles = find_obstacles(session, environment);
    std::erase_if(obstacles, [](const Obstacle& obstacle) { return obstacle.kind != StoreError::Kind::schema; });
    refuse(session.place(), obstacles);
    return {};  // which creates none
  }
  const auto table = read_table(session, environment);
  auto obstacles = find_obstacles(table, environment);
  check_takes_writes(table.in_recovery, table.read_only, obstacles);
  if (any_stops(obstacles) || try_to_plan_writes(session, table, environment) ||
      try_to_plan_roles(session, environment) || try_to_plan_teams(session, environment)) {
    refuse(session.place(), find_obstacles(session, environment));
  }
  return {.business_unit = table.business_unit.id, .binary = takes_binary(table, environment)};
}

void require_writes(Connection& session) {
  std::vector<Obstacle> obstacles;
  check_takes_writes(session, obstacles);
  refuse(session.place(), obstacles);
}

void refuse(const std::string& place, const std::vector<Obstacle>& obstacles) {
  const auto stopping = std::ranges::count_if(obstacles, [](const Obstacle& obstacle) { return obstacle.stops; });
  if (stopping == 0) return;
  const auto& first = obstacles.front();
  const auto more = stopping == 1 ? "" : "; `dvsync check` names " + std::to_string(stopping - 1) + " more";
  throw StoreError(first.kind, place + ": " + first.what + more);
}

}  // namespace dvsync::store
