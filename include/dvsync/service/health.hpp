#pragma once
// The judgement of health: what needs attention, of the facts that the databases tell. Pure. `dvsync status`, its
// --json and its --check, and the metrics all tell these findings and none of their own.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/store/run_status.hpp"

namespace dvsync::service {

// Where everything stands.
struct Status {
  store::MirrorStatus mirror;
  std::vector<store::EnvironmentStatus> environments = {};  // those that have a database
};

enum class Severity : std::uint8_t {
  note,      // worth knowing; needs no attention
  warning,   // somebody should look at it
  critical,  // rows are not kept in line
};
[[nodiscard]] std::string_view name_of(Severity severity);

struct Finding {
  Severity severity = Severity::warning;
  std::string_view code;                         // for programs; docs/operating.md lists them
  std::string environment = {};                  // empty: the mirror, or the daemon
  std::string what = {};                         // one line, printable
  std::optional<std::chrono::seconds> age = {};  // it has been so for as long
  std::string next = {};                         // what to do about it
  std::string subject = {};                      // which of several of one code: the class of the guard
  std::optional<std::int64_t> run_id = {};       // of which run
  std::int64_t count = 0;                        // of what there is to count: decisions, users, runs
};

// How old the last run that went through may be, by the schedule.
struct HealthLimits {
  std::chrono::seconds warning;
  std::chrono::seconds critical;
};
[[nodiscard]] HealthLimits limits_for(const config::Schedule& schedule);

// Worst first. Of one severity, what concerns everything comes first; then the environments in their order.
[[nodiscard]] std::vector<Finding> judge(const Status& status, const config::Schedule& schedule);

// The worst severity among the findings; `note` where nothing needs attention.
[[nodiscard]] Severity worst_of(const std::vector<Finding>& findings);

// "612 disables (absent) of run 17"
[[nodiscard]] std::string describe(const store::HeldDecisions& held);

}  // namespace dvsync::service
