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

// Which of the three was exceeded first.
enum class GuardLimit : std::uint8_t { none, number, percentage, half };
[[nodiscard]] constexpr GuardLimit exceeded_limit(const GuardLimits& limits, std::int64_t decisions,
                                                  std::int64_t enabled_rows) {
  if (decisions > limits.max_disables) return GuardLimit::number;
  if (!exceeds(limits, decisions, enabled_rows)) return GuardLimit::none;
  const auto count = static_cast<double>(decisions);
  const bool percentage =
      decisions >= guard_percent_from && count * 100 > limits.max_disables_percent * static_cast<double>(enabled_rows);
  return percentage ? GuardLimit::percentage : GuardLimit::half;
}

// Why a class is held: the numbers that were compared.
struct GuardArithmetic {
  std::int64_t wanted = 0;    // and not approved
  std::int64_t passed = 0;    // within the window
  std::int64_t declined = 0;  // rejected by an operator, and counting still
  std::int64_t enabled_rows = 0;
  GuardLimit limit = GuardLimit::none;  // none: an earlier run holds it, and this one looks at single users
};

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
  // Rejected by an operator: all, and those within the window. They count like what passed; and while anything of their
  // class is still held, all of them do, so that rejecting a part releases nothing of the rest.
  void add_declined(const GuardCounts& all, const GuardCounts& lately) {
    add_to(declined_, all);
    add_to(declined_lately_, lately);
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
      const bool holds_more = held_before_[c] + elsewhere_[c] > 0;
      auto& sum = arithmetic_[c];
      sum = {.wanted = all[c], .passed = passed_[c], .declined = holds_more ? declined_[c] : declined_lately_[c]};
      const auto decisions = sum.wanted + sum.passed + sum.declined;
      const bool stays = extent_ == Extent::single_users && held_before_[c] > 0;
      const bool surely = stays || exceeds(limits_, decisions, std::numeric_limits<std::int64_t>::max());
      held_[c] = surely || (exceeds(limits_, decisions, 0) &&
                            exceeds(limits_, decisions, enabled_rows(enough_enabled_rows(limits_, decisions))));
    }
  }

  [[nodiscard]] const HeldClasses& held() const { return held_; }
  // Of a class that is held, with so many enabled rows.
  [[nodiscard]] GuardArithmetic arithmetic(GuardClass guard_class, std::int64_t enabled_rows) const {
    auto sum = arithmetic_[index_of(guard_class)];
    sum.enabled_rows = enabled_rows;
    sum.limit = exceeded_limit(limits_, sum.wanted + sum.passed + sum.declined, enabled_rows);
    return sum;
  }
  [[nodiscard]] const GuardLimits& limits() const { return limits_; }
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
  GuardCounts declined_{};
  GuardCounts declined_lately_{};
  std::array<GuardArithmetic, guard_class_count> arithmetic_{};
  HeldClasses held_{};
};

}  // namespace dvsync::core
