// The guard's numbers, exactly (docs/rules.md D8, D12).

#include <gtest/gtest.h>

#include <random>

#include "dvsync/core/guard.hpp"

namespace dvsync::core {
namespace {

using enum GuardClass;
using enum GuardStanding;
using Extent = GuardLedger::Extent;

constexpr GuardLimits defaults{};

bool holds(GuardLedger& ledger, GuardClass guard_class, std::int64_t enabled_rows) {
  ledger.decide([&](std::int64_t most) { return std::min(most, enabled_rows); });
  return ledger.held()[static_cast<std::size_t>(guard_class)];
}

bool holds(std::int64_t decisions, std::int64_t enabled_rows, const GuardLimits& limits = defaults) {
  GuardLedger ledger(limits, Extent::everybody);
  ledger.add(absent, fresh, decisions);
  return holds(ledger, absent, enabled_rows);
}

TEST(Guard, HoldsMoreThanMaxDisables) {
  EXPECT_FALSE(holds(500, 1'000'000));
  EXPECT_TRUE(holds(501, 1'000'000));
}

TEST(Guard, HoldsMoreThanThePercentageFromTwentyUp) {
  EXPECT_FALSE(holds(19, 100));
  EXPECT_FALSE(holds(20, 200));
  EXPECT_TRUE(holds(20, 199));
}

TEST(Guard, HoldsMoreThanHalfFromThreeUp) {
  EXPECT_FALSE(holds(2, 3));
  EXPECT_TRUE(holds(3, 5));
  EXPECT_FALSE(holds(3, 6));
}

TEST(Guard, ForgetsSharesAtAHundredPercent) {
  EXPECT_FALSE(holds(500, 500, {.max_disables = 500, .max_disables_percent = 100}));
  EXPECT_TRUE(holds(501, 100'000, {.max_disables = 500, .max_disables_percent = 100}));
}

TEST(Guard, HoldsTwentyAtZeroPercent) {
  EXPECT_TRUE(holds(20, 1'000'000, {.max_disables = 500, .max_disables_percent = 0}));
  EXPECT_FALSE(holds(19, 1'000'000, {.max_disables = 500, .max_disables_percent = 0}));
}

TEST(Guard, CountsEachClassAlone) {
  GuardLedger ledger({.max_disables = 3}, Extent::everybody);
  ledger.add(stated, fresh, 3);
  ledger.add(absent, fresh, 4);
  ledger.add(disqualified, fresh, 3);
  ledger.decide([](std::int64_t) { return 1000; });
  EXPECT_EQ(ledger.held(), (HeldClasses{false, true, false, false}));
  EXPECT_TRUE(ledger.holds(absent, fresh));
  EXPECT_FALSE(ledger.holds(stated, fresh));
}

TEST(Guard, CountsWhatPassedWithinTheWindow) {
  GuardLedger ledger({.max_disables = 3}, Extent::everybody);
  ledger.add_passed({0, 3, 0, 0});
  ledger.add(absent, fresh);
  EXPECT_TRUE(holds(ledger, absent, 1000));
}

TEST(Guard, HoldsNothingOfAClassOfWhichNothingIsWanted) {
  GuardLedger ledger({.max_disables = 3}, Extent::single_users);
  ledger.add_passed({0, 400, 0, 0});
  ledger.add_elsewhere({0, 400, 0, 0});
  EXPECT_FALSE(holds(ledger, absent, 1000));
}

TEST(Guard, CountsWhatNobodyCanJudge) {
  // Six are held and the group is missing; one more lost the licence.
  GuardLedger ledger({.max_disables = 3}, Extent::everybody);
  ledger.add(disqualified, undecided, 6);
  ledger.add(disqualified, fresh);
  EXPECT_TRUE(holds(ledger, disqualified, 40));
  EXPECT_EQ(ledger.own()[2], 7);
}

TEST(Guard, NeitherCountsNorHoldsWhatWasApproved) {
  GuardLedger ledger({.max_disables = 3}, Extent::everybody);
  ledger.add(absent, approved, 400);
  ledger.add(absent, fresh, 4);
  EXPECT_TRUE(holds(ledger, absent, 1000));
  EXPECT_EQ(ledger.wanted()[1], 4);
  EXPECT_FALSE(ledger.holds(absent, approved));
}

TEST(Guard, LetsWhatWasHeldGoOnceTheNumbersAllowIt) {
  GuardLedger ledger({.max_disables = 3}, Extent::everybody);
  ledger.add(absent, GuardStanding::held, 3);
  EXPECT_FALSE(holds(ledger, absent, 1000));
  EXPECT_FALSE(ledger.holds(absent, GuardStanding::held));
}

TEST(Guard, KeepsWhatIsHeldFromSingleUsersWhateverTheNumbers) {
  GuardLedger ledger({.max_disables = 3}, Extent::single_users);
  ledger.add(absent, GuardStanding::held);
  EXPECT_TRUE(holds(ledger, absent, 1000));
  EXPECT_TRUE(ledger.holds(absent, GuardStanding::held));
}

TEST(Guard, CountsForSingleUsersWhatTheOthersWaitFor) {
  GuardLedger ledger({.max_disables = 3}, Extent::single_users);
  ledger.add(absent, fresh);
  ledger.add_elsewhere({0, 3, 0, 0});
  EXPECT_TRUE(holds(ledger, absent, 1000));
  EXPECT_EQ(ledger.wanted()[1], 4);
  EXPECT_EQ(ledger.own()[1], 1);
}

TEST(Guard, ForgetsForEverybodyWhatIsNotWantedAnyMore) {
  GuardLedger ledger({.max_disables = 3}, Extent::everybody);
  ledger.add(absent, fresh);
  ledger.add_elsewhere({0, 3, 0, 0});
  EXPECT_FALSE(holds(ledger, absent, 1000));
}

TEST(Guard, AsksForEnabledRowsOnlyWhereTheyMatter) {
  const auto asked_for = [](std::int64_t decisions) {
    int asked = 0;
    GuardLedger ledger(defaults, Extent::everybody);
    ledger.add(absent, fresh, decisions);
    ledger.decide([&asked](std::int64_t) -> std::int64_t {
      ++asked;
      return 1'000'000;
    });
    return asked;
  };
  for (const auto decisions : {0, 1, 2, 501}) EXPECT_EQ(asked_for(decisions), 0) << decisions;
  for (const auto decisions : {3, 20, 500}) EXPECT_EQ(asked_for(decisions), 1) << decisions;
}

// Counting up to enough_enabled_rows() decides as counting everybody does.
TEST(Guard, DecidesAlikeHoweverFarItCounts) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 20'000; ++i) {
    const GuardLimits limits{.max_disables = 500, .max_disables_percent = static_cast<double>(random() % 1010) / 10};
    const auto decisions = static_cast<std::int64_t>(random() % 600);
    const auto rows = static_cast<std::int64_t>(random() % 3000);
    EXPECT_EQ(exceeds(limits, decisions, std::min(rows, enough_enabled_rows(limits, decisions))),
              exceeds(limits, decisions, rows))
        << decisions << " of " << rows << ", " << limits.max_disables_percent << " %";
  }
}

TEST(GuardLedger, CountsWhatWasRejectedAsLongAsAnythingOfItsClassIsHeld) {
  constexpr core::GuardLimits limits{.max_disables = 20, .max_disables_percent = 100};
  const auto holds = [&](core::GuardStanding standing, core::GuardCounts all, core::GuardCounts lately) {
    core::GuardLedger ledger(limits, core::GuardLedger::Extent::everybody);
    ledger.add(core::GuardClass::absent, standing, 15);
    ledger.add_declined(all, lately);
    ledger.decide([](std::int64_t) { return std::int64_t{1000}; });
    return ledger.holds_anything();
  };
  const core::GuardCounts none{};
  const core::GuardCounts ten{0, 10, 0, 0};
  EXPECT_TRUE(holds(core::GuardStanding::held, ten, none));    // the rest of what was rejected in part
  EXPECT_FALSE(holds(core::GuardStanding::fresh, ten, none));  // long ago, and nothing of it waits
  EXPECT_TRUE(holds(core::GuardStanding::fresh, ten, ten));    // within the window
  EXPECT_FALSE(holds(core::GuardStanding::held, none, none));
}

TEST(GuardLedger, KeepsTheArithmeticOfWhatItHolds) {
  core::GuardLedger ledger({.max_disables = 500, .max_disables_percent = 10}, core::GuardLedger::Extent::everybody);
  ledger.add(core::GuardClass::absent, core::GuardStanding::fresh, 40);
  ledger.add_passed({0, 3, 0, 0});
  ledger.decide([](std::int64_t most) { return std::min<std::int64_t>(most, 100); });
  const auto sum = ledger.arithmetic(core::GuardClass::absent, 100);
  EXPECT_EQ(sum.wanted, 40);
  EXPECT_EQ(sum.passed, 3);
  EXPECT_EQ(sum.enabled_rows, 100);
  EXPECT_EQ(sum.limit, core::GuardLimit::percentage);
}

}  // namespace
}  // namespace dvsync::core
