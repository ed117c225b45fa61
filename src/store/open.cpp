#include "dvsync/store/open.hpp"

#include <libpq-fe.h>

#include "dvsync/store/schema.hpp"

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

// What the connection string says, else libpq's default (its variables among them).
std::string option_of(const std::string& conninfo, std::string_view keyword) {
  using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;
  const auto value_in = [&](const Options& options) -> std::string {
    for (const auto* option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
      if (option->keyword == keyword && option->val != nullptr) return option->val;
    }
    return "";
  };
  const Options given(PQconninfoParse(conninfo.c_str(), nullptr), &PQconninfoFree);
  const auto value = value_in(given);
  return value.empty() ? value_in(Options(PQconndefaults(), &PQconninfoFree)) : value;
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

std::string place_of(const config::Environment& environment) { return "environment " + environment.rules.name; }

std::string connection_of(const config::Configuration& configuration, const config::Environment& environment) {
  return environment.connection.value_or(configuration.database.connection);
}

std::string owner_connection_of(const config::Configuration& configuration, const config::Environment& environment) {
  if (environment.migrate_connection) return *environment.migrate_connection;
  if (environment.connection) return *environment.connection;
  return configuration.database.migrate_connection.value_or(configuration.database.connection);
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

std::string role_named_in(const std::string& conninfo) { return option_of(conninfo, "user"); }

}  // namespace dvsync::store
