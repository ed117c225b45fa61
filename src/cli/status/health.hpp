#pragma once
// Health for monitoring: one line and an exit code, as Nagios, Icinga and their like want it.

#include <chrono>
#include <cstdint>
#include <string>

#include "dvsync/config/configuration.hpp"
#include "status/status_facts.hpp"

namespace dvsync::cli {

enum class HealthState : std::uint8_t { ok = 0, warning = 1, critical = 2, unknown = 3 };  // the plugins' exit codes

struct Health {
  HealthState state = HealthState::ok;
  std::string line;  // "DVSYNC OK - … | 'contoso_age'=180s;2700;5400", without line break
};

// How old the last run that went through may be, by the schedule.
struct HealthLimits {
  std::chrono::seconds warning;
  std::chrono::seconds critical;
};
[[nodiscard]] HealthLimits limits_for(const config::Schedule& schedule);

[[nodiscard]] Health health_of(const Status& status, const HealthLimits& limits);
// Of a status that could not even be read.
[[nodiscard]] Health no_health(HealthState state, const std::string& why);

}  // namespace dvsync::cli
