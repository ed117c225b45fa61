#include "dvsync/service/failure_log.hpp"

#include <utility>

namespace dvsync::service {
namespace {

constexpr const char* directory = "directory";

bool broke(const sync::EnvironmentReport& environment) { return environment.outcome == store::Outcome::failed; }

}  // namespace

void FailureLog::failed(const std::string& what, const std::string& why, std::vector<Field> fields, Time now) {
  if (auto line = streaks_[what].failed(why, now)) {
    log_.write({.priority = Priority::error, .message = what + ": " + *line, .fields = std::move(fields)});
  }
}

void FailureLog::failed(const std::string& what, const std::string& why, Time now) { failed(what, why, {}, now); }

void FailureLog::succeeded(const std::string& what, Time now) {
  const auto streak = streaks_.find(what);
  if (streak == streaks_.end()) return;
  if (const auto line = streak->second.recovered(now)) log_.info(what + ": " + *line);
  streaks_.erase(streak);
}

bool FailureLog::take(const sync::RunReport& report, Time now) {
  const auto run = std::to_string(report.run_id);
  if (!report.pull_error.empty()) {  // the same news for all environments
    failed(directory, report.pull_error, {{"DVSYNC_RUN", run}}, now);
    return false;
  }
  succeeded(directory, now);
  bool all = true;
  for (const auto& environment : report.environments) {
    const auto what = "environment " + environment.name;
    if (broke(environment)) {
      failed(what, environment.error, {{"DVSYNC_RUN", run}, {"DVSYNC_ENVIRONMENT", environment.name}}, now);
      all = false;
    } else {
      succeeded(what, now);
    }
  }
  return all;
}

}  // namespace dvsync::service
