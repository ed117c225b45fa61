#include "dvsync/store/open.hpp"

#include <charconv>

#include "dvsync/store/schema.hpp"
#include "postgres/conninfo.hpp"
#include "postgres/session.hpp"

namespace dvsync::store {
namespace {

std::unique_ptr<Connection> open(const std::string& conninfo, SchemaKind kind, const std::string& schema,
                                 const std::string& place, const SessionOptions& options) {
  ConnectionSettings settings{.stop = options.stop, .application_name = options.application_name};
  if (options.beside_runs) settings.lock_timeout = std::chrono::milliseconds(500);
  auto session = std::make_unique<Connection>(conninfo, schema, place, settings);
  require_version(*session, kind, schema);
  if (options.reads_everything) session->exec("SET statement_timeout = 0");
  if (options.commits_later) session->exec("SET synchronous_commit = off");
  if (options.beside_runs) session->exec("SET lock_timeout = '500ms'");
  return session;
}

}  // namespace

std::unique_ptr<Connection> open_mirror(const config::Configuration& configuration, const SessionOptions& options) {
  const auto& database = configuration.database;
  const auto& conninfo =
      options.as_owner ? database.migrate_connection.value_or(database.connection) : database.connection;
  return open(conninfo, SchemaKind::mirror, database.mirror_schema, "the mirror", options);
}

std::unique_ptr<Connection> open_environment(const config::Configuration& configuration,
                                             const config::Environment& environment, const SessionOptions& options) {
  const auto conninfo =
      options.as_owner ? owner_connection_of(configuration, environment) : connection_of(configuration, environment);
  return open(conninfo, SchemaKind::environment, environment.schema, place_of(environment), options);
}

void enter_environment(Connection& session, const config::Environment& environment) {
  session.turn_to(environment.schema, place_of(environment));
  require_version(session, SchemaKind::environment, environment.schema);
}

std::string place_of(const config::Environment& environment) { return "environment " + environment.rules.name; }

std::string connection_of(const config::Configuration& configuration, const config::Environment& environment) {
  return environment.connection.value_or(configuration.database.connection);
}

std::string owner_connection_of(const config::Configuration& configuration, const config::Environment& environment) {
  if (environment.migrate_connection) return *environment.migrate_connection;
  if (environment.connection) return *environment.connection;
  return configuration.database.migrate_connection.value_or(configuration.database.connection);
}

std::chrono::seconds patience_of(const std::string& conninfo) {
  const auto given = option_of(conninfo, "connect_timeout");
  std::int64_t seconds = 0;
  std::from_chars(given.data(), given.data() + given.size(), seconds);
  return std::chrono::seconds(seconds > 0 ? seconds : default_connect_timeout);
}

std::string transport_warning(const std::string& conninfo) {
  const auto host = option_of(conninfo, "host");
  const auto address = option_of(conninfo, "hostaddr");
  const auto& where = address.empty() ? host : address;
  const bool here = where.empty() || where.starts_with('/') || where.starts_with('@') || where == "localhost" ||
                    where.starts_with("127.") || where == "::1";
  const auto mode = option_of(conninfo, "sslmode");
  if (here || mode == "require" || mode == "verify-ca" || mode == "verify-full") return "";
  return "the connection to " + where +
         " is not encrypted if the server does not ask for it (sslmode=" + (mode.empty() ? "prefer" : mode) +
         "): sslmode=verify-full in the connection string demands it";
}

std::string mistake_in_connection(const std::string& conninfo) { return mistake_in(conninfo); }

std::string password_file_warning(const std::string& conninfo) {
  const auto file = option_of(conninfo, "passfile");
  if (file.empty() || file.starts_with('/')) return "";
  return "passfile=" + file +
         " is looked for in the folder that dvsync is started in (the daemon's is /): write the whole path";
}

std::string role_named_in(const std::string& conninfo) { return option_of(conninfo, "user"); }

}  // namespace dvsync::store
