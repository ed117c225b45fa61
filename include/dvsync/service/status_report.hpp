#pragma once
// The status with what is to be said about it, and as JSON: what `dvsync status --json` prints and the console answers.

#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <stop_token>
#include <vector>

#include "dvsync/service/health.hpp"

namespace dvsync::service {

struct StatusReport {
  Status status;
  config::Schedule schedule;
  core::Timestamp now;  // when it was read
  std::vector<Finding> findings = judge(status, schedule);
};
// As read_status().
[[nodiscard]] StatusReport read_report(const config::Configuration& configuration, const std::stop_token& stop = {});

// A daemon's next run, but for its jitter; 0: one runs now, or has missed its time. nullopt: no daemon works.
[[nodiscard]] std::optional<std::chrono::seconds> next_run(const store::ScheduleState& schedule,
                                                           const config::Schedule& configured);

// The keys are stable and described in docs/commands.md.
[[nodiscard]] boost::json::object json_of(const StatusReport& report);

}  // namespace dvsync::service
