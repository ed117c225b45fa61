#pragma once
// The guard: when so many users would lose access at once that an operator must look first (docs/rules.md D8, D12).
// Pure.

#include <cstdint>

namespace dvsync::core {

struct GuardLimits {
  std::int64_t max_disables = 500;
  double max_disables_percent = 10;  // 100 turns off the percentage and the half
};

// Below this many decisions the number of enabled rows does not matter: nobody has to count them.
inline constexpr std::int64_t guard_half_from = 3;
inline constexpr std::int64_t guard_percent_from = 20;

// `decisions`: those of one class, wanted now and committed within the window. `enabled_rows`: counted before the run.
[[nodiscard]] constexpr bool exceeds(const GuardLimits& limits, std::int64_t decisions, std::int64_t enabled_rows) {
  if (decisions > limits.max_disables) return true;
  if (limits.max_disables_percent >= 100) return false;
  const auto count = static_cast<double>(decisions);
  const auto rows = static_cast<double>(enabled_rows);
  if (decisions >= guard_percent_from && count * 100 > limits.max_disables_percent * rows) return true;
  return decisions >= guard_half_from && count * 2 > rows;
}

}  // namespace dvsync::core
