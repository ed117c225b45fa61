#pragma once
// Failures one after another, and which of them are worth a line in the log: the first of each kind, then now and then
// a count, and one line when all is well again.

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace dvsync::service {

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

}  // namespace dvsync::service
