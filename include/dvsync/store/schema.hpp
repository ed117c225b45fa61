#pragma once
// The schemas: creating and upgrading them (`dvsync migrate`), and telling whether they fit (`dvsync check`, every
// run).

#include <map>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

enum class SchemaKind : bool { mirror, environment };

// The version this program needs.
[[nodiscard]] int needed_version(SchemaKind kind);

// Has triggers note rows that others change (docs/rules.md D16), or no longer. Returns why there are none although
// there should be; empty: there are, or nobody wants them. `owner` must be allowed to.
std::string watch_rows(Connection& owner, config::WatchRows watch);

// Makes the tables of business units, roles and teams that are missing, with the root unit and these roles in every
// unit.
void create_role_tables(Connection& owner, const std::vector<std::string>& role_names);
// Grants what looking after this environment's security roles and group teams takes, on the tables that are there and
// `owner` may grant.
void grant_access(Connection& owner, const std::string& daemon_role, const config::Environment& environment);

struct Migration {
  int from = 0;  // 0: created
  int to = 0;
};
// Makes `role` one of those that may ask with this trigger in an environment's sync_request, and creates it if it is
// missing. False: it is missing, and `owner` may not create roles.
bool admit_asker(Connection& owner, const std::string& role, const std::string& trigger);

// Creates the schema if it is missing and runs what it lacks, each file in one transaction; then grants `daemon_role`
// what it needs. `owner` must be connected as the schema's owner. Throws StoreError: nothing was created if the
// database or the schema is not one that can be worked with, else what went before stays.
Migration migrate(Connection& owner, SchemaKind kind, const std::string& schema, const std::string& daemon_role,
                  const std::map<std::string, std::string>& create_values);

// The role that the session works as.
[[nodiscard]] std::string role_of(Connection& session);

// Throws StoreError, saying what to do, unless the schema has the version this program needs, the session may use it,
// and it sees everything in it. One statement, which sets the session's search path as well; no write is tried.
void require_version(Connection& connection, SchemaKind kind, const std::string& schema);

}  // namespace dvsync::store
