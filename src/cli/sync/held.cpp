#include "sync/held.hpp"

#include "dvsync/store/open.hpp"

namespace dvsync::cli {

HeldByEnvironment read_held(const config::Configuration& configuration, const sync::RunReport& report) {
  HeldByEnvironment held;
  for (const auto& ended : report.environments) {
    if (ended.outcome != store::Outcome::held) continue;
    for (const auto& environment : configuration.environments) {
      if (environment.rules.name != ended.name) continue;
      held[ended.name] = store::read_held(*store::open_environment(configuration, environment));
    }
  }
  return held;
}

}  // namespace dvsync::cli
