#include "sync/held.hpp"

#include "dvsync/store/open.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "words.hpp"

namespace dvsync::cli {

std::vector<HeldDecisions> read_held(store::Connection& environment) {
  const auto rows = environment.exec(
      "SELECT held_run_id, class, count(*), (extract(epoch FROM min(held_since)) * 1000000)::bigint, "
      "extract(epoch FROM now() - min(held_since))::bigint FROM sync_pending "
      "WHERE held_run_id IS NOT NULL AND approved_at IS NULL GROUP BY held_run_id, class ORDER BY held_run_id, class");
  std::vector<HeldDecisions> held;
  for (int row = 0; row < rows.size(); ++row) {
    held.push_back({.run_id = rows.number(row, 0),
                    .guard_class = std::string(rows.text(row, 1)),
                    .decisions = rows.number(row, 2),
                    .since = store::timestamp_at(rows, row, 3).value(),
                    .seconds = rows.number(row, 4)});
  }
  return held;
}

HeldByEnvironment read_held(const config::Configuration& configuration, const sync::RunReport& report) {
  HeldByEnvironment held;
  for (const auto& ended : report.environments) {
    if (ended.outcome != store::Outcome::held) continue;
    for (const auto& environment : configuration.environments) {
      if (environment.rules.name == ended.name)
        held[ended.name] = read_held(*store::open_environment(configuration, environment));
    }
  }
  return held;
}

std::string describe(const HeldDecisions& held) {
  const bool admitted = held.guard_class == core::name_of(core::GuardClass::admitted);
  return (admitted ? count_of(held.decisions, "create or enable", "creates and enables")
                   : count_of(held.decisions, "disable", "disables")) +
         " (" + held.guard_class + ") of run " + std::to_string(held.run_id);
}

}  // namespace dvsync::cli
