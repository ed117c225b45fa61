#include "dvsync/store/json_values.hpp"
#include "dvsync/store/log_json.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/sync/sync_json.hpp"

namespace dvsync::sync {
namespace {

namespace json = boost::json;
using core::utc_time;
using store::json_text;

json::value json_of_pull(const std::optional<PullReport>& pull) {
  if (!pull) return nullptr;
  return json::object{{"records", pull->records},
                      {"changed", pull->merge.changed},
                      {"absent", pull->merge.absent},
                      {"rejected", pull->merge.rejected},
                      {"anonymous", pull->merge.anonymous},
                      {"listing_complete", pull->merge.listing_complete},
                      {"mirror_version", pull->merge.version},
                      {"warnings", store::json_of(pull->warnings)},
                      {"staged_ms", pull->staged.count()},
                      {"duration_ms", pull->duration.count()}};
}

json::object json_of_environment(const EnvironmentReport& e, const HeldByEnvironment& held) {
  const auto found = held.find(e.name);
  return {{"name", e.name},
          {"kind", core::name_of(e.kind)},
          {"outcome", core::name_of(e.outcome)},
          {"why_full", json_text(e.why_full)},
          {"counters", store::json_of(e.counters)},
          {"held", found == held.end() ? json::array() : json_of(found->second)},
          {"held_because", store::json_of(e.held_because)},
          {"missing", store::json_of(e.missing)},
          {"warnings", store::json_of(e.warnings)},
          {"error", json_text(e.error)},
          {"duration_ms", e.duration.count()}};
}

}  // namespace

json::array json_of(const std::vector<store::HeldDecisions>& held) {
  json::array all;
  for (const auto& decisions : held) {
    all.push_back(json::object{{"run_id", decisions.run_id},
                               {"class", decisions.guard_class},
                               {"decisions", decisions.decisions},
                               {"since", utc_time(decisions.since)},
                               {"seconds", decisions.seconds}});
  }
  return all;
}

json::object json_of(const RunReport& report, const HeldByEnvironment& held) {
  json::array environments;
  for (const auto& environment : report.environments) environments.push_back(json_of_environment(environment, held));
  return {{"run_id", report.run_id},
          {"exit_code", report.exit_code()},
          {"note", json_text(report.note)},
          {"pull", json_of_pull(report.pull)},
          {"pull_error", json_text(report.pull_error)},
          {"environments", std::move(environments)},
          {"in_line", store::json_of(report.in_line)}};
}

HeldByEnvironment read_held(const config::Configuration& configuration, const RunReport& report) {
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

}  // namespace dvsync::sync
