#pragma once
// Failures in the log, thinned, each cause by itself: the database, the directory, each environment.

#include <map>
#include <string>

#include "dvsync/service/failure_streak.hpp"
#include "dvsync/service/log.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::service {

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
};

}  // namespace dvsync::service
