// What the guard (D8, D12) gets to see of a change, and what is left of it when it is held.

#include "dvsync/core/guard.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "dvsync/core/plan.hpp"
#include "support/builders.hpp"

namespace dvsync::core {
namespace {

using test::a_grouped_environment;
using test::a_row;
using test::an_environment;
using test::an_identity;

constexpr PlanOptions held{.trigger = Trigger::background, .guard_admissions = false, .withhold_transition = true};

TEST(GuardLimits, AreANumberAPercentageAndTheHalf) {
  struct Line {
    GuardLimits limits;
    std::int64_t decisions, enabled_rows;
    bool exceeded;
  };
  constexpr GuardLimits usual{};
  constexpr GuardLimits number_only{.max_disables = 500, .max_disables_percent = 100};
  const std::vector<Line> table{
      {usual, 500, 1'000'000, false}, {usual, 501, 1'000'000, true}, {usual, 20, 200, false},
      {usual, 21, 200, true},         {usual, 19, 100, false},       {usual, 20, 100, true},
      {usual, 2, 2, false},           {usual, 3, 5, true},           {usual, 3, 6, false},
      {number_only, 500, 500, false}, {number_only, 501, 501, true}, {usual, 0, 0, false},
  };
  for (const Line& line : table) {
    EXPECT_EQ(exceeds(line.limits, line.decisions, line.enabled_rows), line.exceeded)
        << line.decisions << " of " << line.enabled_rows;
  }
}

TEST(Guard, CountsDisablesOfEnabledRowsInThreeClasses) {
  struct Line {
    Environment environment;
    Identity identity;
    GuardClass guard_class;
  };
  const std::vector<Line> table{
      {an_environment(), an_identity().account_disabled(), GuardClass::stated},
      {an_environment(), an_identity().soft_deleted(), GuardClass::stated},
      {an_environment(), an_identity().gone(), GuardClass::absent},
      {a_grouped_environment(), an_identity(), GuardClass::disqualified},
      {an_environment(), an_identity().no_plan(), GuardClass::disqualified},
      {an_environment(), an_identity().no_plan().guest(), GuardClass::disqualified},
  };
  for (const Line& line : table) {
    SCOPED_TRACE(name_of(line.guard_class));
    const SystemUser enabled = a_row(line.identity);
    const Planned planned = plan(line.environment, {}, line.identity, &enabled);
    ASSERT_TRUE(planned.change);
    EXPECT_EQ(planned.change->guarded, line.guard_class);
    for (const std::string_view reason : {"not_in_directory", "on leave"}) {
      const SystemUser disabled = a_row(line.identity).disabled(reason).with(Column::jobtitle, "Apprentice");
      const Planned other = plan(line.environment, {}, line.identity, &disabled);
      if (other.change) {
        EXPECT_FALSE(other.change->guarded) << reason;
      }
    }
  }
}

TEST(Guard, CountsCreatesAndEnablesAfterAChangeOfRules) {
  const SystemUser disabled = a_row(an_identity()).disabled(Reason::no_license);
  for (const SystemUser* row : {static_cast<const SystemUser*>(nullptr), &disabled}) {
    for (const bool guarded : {false, true}) {
      const PlanOptions options{
          .trigger = Trigger::background, .guard_admissions = guarded, .withhold_transition = false};
      const Planned planned = plan(an_environment(), options, an_identity(), row);
      ASSERT_TRUE(planned.change);
      EXPECT_EQ(planned.change->guarded, guarded ? std::optional{GuardClass::admitted} : std::nullopt);
    }
  }
}

TEST(Guard, NeverHoldsAnUpdate) {
  const SystemUser row = a_row(an_identity()).with(Column::jobtitle, "Apprentice");
  const PlanOptions options{.trigger = Trigger::background, .guard_admissions = true, .withhold_transition = false};
  const Planned planned = plan(an_environment(), options, an_identity(), &row);
  ASSERT_TRUE(planned.change);
  EXPECT_FALSE(planned.change->guarded);
}

TEST(HeldDisable, WritesEverythingButTheDisable) {
  const Identity identity = an_identity().soft_deleted();
  SystemUser row = a_row(identity).with(Column::jobtitle, "Apprentice").access_mode(AccessMode::administrative, true);
  row.disabledreason = "of old";
  const Planned planned = plan(an_environment(), held, identity, &row);
  EXPECT_EQ(planned.decision, Decision::update);
  EXPECT_EQ(planned.reason, Reason::soft_deleted);
  EXPECT_EQ(planned.withheld, Decision::disable);
  EXPECT_TRUE(planned.access);
  ASSERT_TRUE(planned.change);
  EXPECT_EQ(planned.change->action, Decision::update);
  EXPECT_FALSE(planned.change->guarded);
  EXPECT_FALSE(planned.change->after.isdisabled);
  EXPECT_EQ(planned.change->after.disabledreason, "of old");
  EXPECT_EQ(planned.change->after.azurestate, 1);
  EXPECT_EQ(planned.change->after.azuredeletedon, identity.deleted_at);
  EXPECT_EQ(planned.change->after[Column::jobtitle], "Engineer");
  EXPECT_EQ(planned.change->after.accessmode, 1) << "with the disable it would have stayed as well";
  EXPECT_TRUE(planned.change->after.setupuser);
}

TEST(HeldDisable, OfARowInLineIsNoChange) {
  const Identity identity = an_identity().account_disabled();
  const SystemUser row = a_row(identity);
  const Planned planned = plan(an_environment(), held, identity, &row);
  EXPECT_EQ(planned.decision, Decision::keep);
  EXPECT_EQ(planned.withheld, Decision::disable);
  EXPECT_FALSE(planned.change);
}

TEST(HeldDisable, DoesNotHoldTheNewReasonOfADisabledRow) {
  const Identity identity = an_identity().account_disabled();
  const SystemUser row = a_row(identity).disabled(Reason::no_license);
  const Planned planned = plan(an_environment(), held, identity, &row);
  EXPECT_FALSE(planned.withheld);
  ASSERT_TRUE(planned.change);
  EXPECT_EQ(planned.change->after.disabledreason, "account_disabled");
}

TEST(HeldCreate, IsNoChangeAtAll) {
  for (const Trigger trigger : {Trigger::background, Trigger::on_demand}) {
    PlanOptions options = held;
    options.trigger = trigger;
    const Planned planned = plan(an_environment(), options, an_identity(), nullptr);
    EXPECT_EQ(planned.decision, trigger == Trigger::background ? Decision::ignore : Decision::refuse);
    EXPECT_EQ(planned.withheld, Decision::create);
    EXPECT_FALSE(planned.change);
    EXPECT_FALSE(planned.access);
    EXPECT_TRUE(planned.written.empty());
  }
}

TEST(HeldEnable, LeavesTheRowDisabledButInLine) {
  SystemUser row = a_row(an_identity())
                       .disabled(Reason::no_license)
                       .with(Column::jobtitle, "Apprentice")
                       .access_mode(AccessMode::administrative, true);
  row.invitestatuscode = 4;
  const Planned planned = plan(an_environment(), held, an_identity(), &row);
  EXPECT_EQ(planned.decision, Decision::update);
  EXPECT_EQ(planned.withheld, Decision::enable);
  ASSERT_TRUE(planned.change);
  EXPECT_FALSE(planned.change->invitation_required);
  EXPECT_FALSE(planned.access);
  row[Column::jobtitle] = "Engineer";
  EXPECT_EQ(planned.change->after, row);
}

TEST(HeldEnable, OfARowDisabledByHandStillFollowsInAccessMode) {
  Environment environment = an_environment();
  environment.manual_disable = ManualDisable::override_;
  const SystemUser row = a_row(an_identity()).disabled("on leave").access_mode(AccessMode::administrative, true);
  const Planned planned = plan(environment, held, an_identity(), &row);
  ASSERT_TRUE(planned.change);
  EXPECT_TRUE(planned.change->after.isdisabled);
  EXPECT_EQ(planned.change->after.disabledreason, "on leave");
  EXPECT_EQ(planned.change->after.accessmode, 0);
  EXPECT_FALSE(planned.change->after.setupuser);
}

}  // namespace
}  // namespace dvsync::core
