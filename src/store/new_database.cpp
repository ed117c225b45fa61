#include "dvsync/store/new_database.hpp"

#include "dvsync/store/postgres/connection.hpp"
#include "postgres/conninfo.hpp"

namespace dvsync::store {
namespace {

constexpr const char* place_of_new_database = "the database server";

// As the server's quote_ident() would, and always.
std::string name_in_sql(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string create_role(const NewDatabase& wanted) { return "CREATE ROLE " + name_in_sql(wanted.role) + " LOGIN"; }

// The template without contents has no encoding of its own that would be in the way.
std::string create_database(const NewDatabase& wanted) {
  return "CREATE DATABASE " + name_in_sql(wanted.database) + " OWNER " + name_in_sql(wanted.role) +
         " ENCODING 'UTF8' TEMPLATE template0";
}

}  // namespace

NewDatabase named_in(const std::string& conninfo) {
  const auto role = option_of(conninfo, "user");
  const auto database = option_of(conninfo, "dbname");
  return {role, database.empty() ? role : database};
}

bool is_on_this_machine(const std::string& conninfo) {
  const auto host = option_of(conninfo, "host");
  return option_of(conninfo, "hostaddr").empty() && (host.empty() || host.starts_with('/') || host.starts_with('@'));
}

std::vector<std::string> statements_for(const NewDatabase& wanted) {
  return {create_role(wanted), create_database(wanted)};
}

std::vector<std::string> create_missing(const std::string& conninfo, const std::string& administrator,
                                        const NewDatabase& wanted) {
  Connection session(with_options(conninfo, {{"dbname", "postgres"}, {"user", administrator}}), "public",
                     place_of_new_database);
  std::vector<std::string> run;
  const auto unless = [&](const char* known, const std::string& name, const std::string& statement) {
    if (!session.exec(known, {name}).empty()) return;
    session.exec(statement);
    run.push_back(statement);
  };
  unless("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1", wanted.role, create_role(wanted));
  unless("SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1", wanted.database, create_database(wanted));
  return run;
}

void require_session(const std::string& conninfo) {
  const Connection session(conninfo, "public", place_of_new_database);
}

}  // namespace dvsync::store
