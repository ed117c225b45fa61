#pragma once
// Failures in the log, thinned, each cause by itself: the database, the directory, each environment.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "dvsync/service/log.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::service {

// Failures one after another, and which of them are worth a line in the log: the first of each kind, then now and then
// a count, and one line when all is well again.
class FailureStreak {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // The line to log, if any.
  [[nodiscard]] std::optional<std::string> failed(const std::string& why, Time now);
  [[nodiscard]] std::optional<std::string> recovered(Time now);

 private:
  std::int64_t failures_ = 0;
  Time since_;
  Time told_;
  std::set<std::string> known_;
};

class FailureLog {
 public:
  using Time = FailureStreak::Time;
  explicit FailureLog(Log& log) : log_(log) {}

  // Of one step that has a name ("runs", "taking turns").
  void failed(const std::string& what, const std::string& why, Time now);
  void succeeded(const std::string& what, Time now);

  // Of a run. True: it went through.
  bool take(const sync::RunReport& report, Time now);

 private:
  void failed(const std::string& what, const std::string& why, std::vector<Field> fields, Time now);
  Log& log_;
  std::map<std::string, FailureStreak> streaks_;
  std::map<std::string, FailureStreak> shared_;  // failures that several environments have in common, by their words
};

}  // namespace dvsync::service
