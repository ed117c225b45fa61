#include "status_line.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "dvsync/sync/in_words.hpp"

namespace dvsync::service {

const char* name_of(Kind kind) { return kind == Kind::full ? "full" : "incremental"; }

std::string status_of(const sync::RunReport& report, Kind kind) {
  if (!report.pull_error.empty()) return fmt::format("run {} failed: the directory was not read", report.run_id);
  core::Counters sum;
  auto worst = store::Outcome::succeeded;
  for (const auto& environment : report.environments) {
    sum += environment.counters;
    worst = std::max(worst, environment.outcome);
  }
  return fmt::format("run {} ({}) {}: {}", report.run_id, name_of(kind), core::name_of(worst),
                     sync::changes_in_words(sum, worst));
}

std::string status_until_next(const std::string& last, std::chrono::nanoseconds wait) {
  const auto at = std::chrono::system_clock::now() +
                  std::chrono::duration_cast<std::chrono::seconds>(std::max(wait, std::chrono::nanoseconds(0)));
  return fmt::format("{}; next run at {:%H:%M:%S}", last.empty() ? "no run yet" : last,
                     fmt::localtime(std::chrono::system_clock::to_time_t(at)));
}

}  // namespace dvsync::service
