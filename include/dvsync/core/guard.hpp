#pragma once
// The guard: when so many users would lose access at once that an operator must look first (docs/rules.md D8, D12).
// Pure.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "dvsync/core/plan.hpp"

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

// With so many enabled rows the guard lets `decisions` pass as far as shares go: nobody has to count beyond.
[[nodiscard]] inline std::int64_t enough_enabled_rows(const GuardLimits& limits, std::int64_t decisions) {
  if (limits.max_disables_percent <= 0) return decisions * 2 + 1;
  const auto for_percent = std::ceil(static_cast<double>(decisions) * 100 / limits.max_disables_percent);
  return std::max(decisions * 2, static_cast<std::int64_t>(for_percent)) + 1;
}

using GuardCounts = std::array<std::int64_t, guard_class_count>;
using HeldClasses = std::array<bool, guard_class_count>;

// How a guarded decision stands when the guard counts.
enum class GuardStanding : std::uint8_t {
  fresh,      // wanted for the first time
  held,       // an earlier run holds it, and it is still wanted
  undecided,  // an earlier run holds it, and a fact is missing: nobody can tell whether it is still wanted
  approved,   // an operator released it: it is executed, and does not count
};

// The guard's account of one evaluation: of a run, of a dry run, of a request. First everything is added, then decide()
// is called once, then held() and holds() answer.
class GuardLedger {
 public:
  // Whether the evaluation looks at everybody for whom an earlier run holds something. An evaluation of single users
  // does not: what the others wait for counts, and what is held of the users it looks at stays held.
  enum class Extent : bool { everybody, single_users };

  GuardLedger(const GuardLimits& limits, Extent extent) : limits_(limits), extent_(extent) {}

  // Executed within the window, and not approved.
  void add_passed(const GuardCounts& passed) { add_to(passed_, passed); }
  // Held by earlier runs, and not wanted by this evaluation. If it looks at everybody, that is nobody's wish any more.
  void add_elsewhere(const GuardCounts& held) {
    if (extent_ == Extent::single_users) add_to(elsewhere_, held);
  }
  // A decision of this evaluation.
  void add(GuardClass guard_class, GuardStanding standing, std::int64_t decisions = 1) {
    const auto c = index_of(guard_class);
    if (standing == GuardStanding::approved) return;
    own_[c] += decisions;
    if (standing != GuardStanding::fresh) held_before_[c] += decisions;
  }

  // Wanted by this evaluation and not approved.
  [[nodiscard]] const GuardCounts& own() const { return own_; }
  // With what others wait for.
  [[nodiscard]] GuardCounts wanted() const {
    auto all = own_;
    add_to(all, elsewhere_);
    return all;
  }

  // `enabled_rows(most)`: the enabled rows that gate 0 lets through, counted before the run; not beyond `most`. Called
  // only where the number matters. What others wait for counts, but a class is held only if this evaluation itself
  // wants something of it.
  template <class EnabledRows>
  void decide(const EnabledRows& enabled_rows) {
    const auto all = wanted();
    for (std::size_t c = 0; c < held_.size(); ++c) {
      if (own_[c] == 0) continue;
      const auto decisions = all[c] + passed_[c];
      const bool stays = extent_ == Extent::single_users && held_before_[c] > 0;
      const bool surely = stays || exceeds(limits_, decisions, std::numeric_limits<std::int64_t>::max());
      held_[c] = surely || (exceeds(limits_, decisions, 0) &&
                            exceeds(limits_, decisions, enabled_rows(enough_enabled_rows(limits_, decisions))));
    }
  }

  [[nodiscard]] const HeldClasses& held() const { return held_; }
  [[nodiscard]] bool holds_anything() const { return std::find(held_.begin(), held_.end(), true) != held_.end(); }
  // Whether this decision has to wait.
  [[nodiscard]] bool holds(GuardClass guard_class, GuardStanding standing) const {
    if (standing == GuardStanding::approved) return false;
    if (standing == GuardStanding::held && extent_ == Extent::single_users) return true;
    return held_[index_of(guard_class)];
  }

 private:
  static std::size_t index_of(GuardClass guard_class) { return static_cast<std::size_t>(guard_class); }
  static void add_to(GuardCounts& sums, const GuardCounts& counts) {
    for (std::size_t c = 0; c < sums.size(); ++c) sums[c] += counts[c];
  }

  GuardLimits limits_;
  Extent extent_;
  GuardCounts own_{};
  GuardCounts held_before_{};  // of these, those that an earlier run holds
  GuardCounts elsewhere_{};
  GuardCounts passed_{};
  HeldClasses held_{};
};

}  // namespace dvsync::core
