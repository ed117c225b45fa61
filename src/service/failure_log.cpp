#include "dvsync/service/failure_log.hpp"

#include <fmt/format.h>

#include <utility>

#include "dvsync/sync/in_words.hpp"

namespace dvsync::service {
namespace {

constexpr std::size_t most_known = 16;  // of a failure that never reads the same twice, no more than this many lines
constexpr std::chrono::hours reminder{1};

bool power_of_ten(std::int64_t number) {
  while (number > 1 && number % 10 == 0) number /= 10;
  return number == 1;
}

std::string words_for(std::chrono::steady_clock::duration duration) {
  return sync::format_age(std::chrono::duration_cast<std::chrono::seconds>(duration));
}

constexpr const char* directory = "directory";

bool broke(const sync::EnvironmentReport& environment) { return environment.outcome == store::Outcome::failed; }

}  // namespace

std::optional<std::string> FailureStreak::failed(const std::string& why, Time now) {
  if (failures_++ == 0) since_ = told_ = now;
  if (known_.size() < most_known && known_.insert(why).second) {
    told_ = now;
    return why;
  }
  if (!power_of_ten(failures_) && now - told_ < reminder) return std::nullopt;
  told_ = now;
  return fmt::format("still failing: {} times in {}: {}", failures_, words_for(now - since_), why);
}

std::optional<std::string> FailureStreak::recovered(Time now) {
  if (failures_ == 0) return std::nullopt;
  auto line = fmt::format("recovered after {} {} in {}", failures_, failures_ == 1 ? "failure" : "failures",
                          words_for(now - since_));
  failures_ = 0;
  known_.clear();
  return line;
}

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
  std::map<std::string, std::vector<std::string>> by_error;
  for (const auto& environment : report.environments) {
    if (broke(environment)) {
      by_error[environment.error].push_back(environment.name);
    } else {
      succeeded("environment " + environment.name, now);
    }
  }
  std::erase_if(shared_, [&](const auto& failure) { return !by_error.contains(failure.first); });
  for (const auto& [error, names] : by_error) {
    if (names.size() == 1) {
      failed("environment " + names.front(), error, {{"DVSYNC_RUN", run}, {"DVSYNC_ENVIRONMENT", names.front()}}, now);
    } else if (auto line = shared_[error].failed(error, now)) {
      log_.write({.priority = Priority::error,
                  .message = "environments " + sync::names_in_words(names) + ": " + *line,
                  .fields = {{"DVSYNC_RUN", run}}});
    }
  }
  return by_error.empty();
}

}  // namespace dvsync::service
