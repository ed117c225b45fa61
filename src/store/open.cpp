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

std::string role_named_in(const std::string& conninfo) {
  using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;
  const auto user_of = [](const Options& options) -> std::string {
    for (const auto* option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
      if (std::string_view(option->keyword) == "user" && option->val != nullptr) return option->val;
    }
    return "";
  };
  const Options given(PQconninfoParse(conninfo.c_str(), nullptr), &PQconninfoFree);
  const auto user = user_of(given);
  return user.empty() ? user_of(Options(PQconndefaults(), &PQconninfoFree)) : user;
}

}  // namespace dvsync::store
