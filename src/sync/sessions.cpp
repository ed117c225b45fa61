#include "sessions.hpp"

#include "dvsync/store/schema.hpp"

namespace dvsync::sync {

void SpareSessions::keep(const config::Environment* environment, std::unique_ptr<store::Connection> session) {
  sessions_[environment] = std::move(session);
}

std::unique_ptr<store::Connection> SpareSessions::take(const config::Environment* environment) {
  auto found = sessions_.extract(environment);
  return found ? std::move(found.mapped()) : nullptr;
}

std::unique_ptr<store::Connection> connect_to_mirror(const config::Configuration& configuration,
                                                     const std::stop_token& stop) {
  const auto& database = configuration.database;
  auto mirror = std::make_unique<store::Connection>(database.connection, database.mirror_schema, "the mirror");
  mirror->stop_on(stop);
  store::require_version(*mirror, store::SchemaKind::mirror, database.mirror_schema);
  return mirror;
}

std::unique_ptr<store::Connection> connect_beside_runs(const std::string& conninfo,
                                                       const config::Environment& environment,
                                                       const std::stop_token& stop) {
  auto session =
      std::make_unique<store::Connection>(conninfo, environment.schema, "environment " + environment.rules.name);
  session->stop_on(stop);
  store::require_version(*session, store::SchemaKind::environment, environment.schema);
  // Sooner than PostgreSQL looks for deadlocks (1 s): if a run and we stand in each other's way, we give way.
  session->exec("SET lock_timeout = '500ms'");
  return session;
}

}  // namespace dvsync::sync
