#include "environment_session.hpp"

#include "dvsync/store/schema.hpp"
#include "dvsync/sync/environment_run.hpp"

namespace dvsync::cli {

std::unique_ptr<store::Connection> open_environment(const config::Configuration& configuration,
                                                    const config::Environment& environment) {
  auto session = std::make_unique<store::Connection>(sync::connection_of(configuration, environment),
                                                     environment.schema, "environment " + environment.rules.name);
  store::require_version(*session, store::SchemaKind::environment, environment.schema);
  return session;
}

std::unique_ptr<store::Connection> open_mirror(const config::Configuration& configuration) {
  const auto& database = configuration.database;
  auto session = std::make_unique<store::Connection>(database.connection, database.mirror_schema, "the mirror");
  store::require_version(*session, store::SchemaKind::mirror, database.mirror_schema);
  return session;
}

}  // namespace dvsync::cli
