#pragma once
// Which classes the guard holds, for a run, its plan and a request alike (docs/rules.md D8, D12). Private to sync.

#include <array>
#include <cstdint>
#include <functional>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/guard.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/store/run_log.hpp"

namespace dvsync::sync {

using HeldClasses = std::array<bool, core::guard_class_count>;

struct GuardedDecisions {
  store::ClassCounts own;     // wanted here: nothing else can be held by it
  store::ClassCounts wanted;  // with what others wait for
  store::ClassCounts passed;  // within the window
  HeldClasses kept{};         // held whatever the numbers say
};

// `enabled_rows` is asked only where the number matters, with the decisions it will be compared with.
inline HeldClasses held_by_guard(const config::Safety& safety, const GuardedDecisions& counted,
                                 const std::function<std::int64_t(std::int64_t decisions)>& enabled_rows) {
  HeldClasses held{};
  for (std::size_t c = 0; c < held.size(); ++c) {
    if (counted.own[c] == 0) continue;
    const auto decisions = counted.wanted[c] + counted.passed[c];
    const auto rows = decisions < core::guard_half_from ? decisions * 1000 : enabled_rows(decisions);
    held[c] = counted.kept[c] || core::exceeds({safety.max_disables, safety.max_disables_percent}, decisions, rows);
  }
  return held;
}

}  // namespace dvsync::sync
