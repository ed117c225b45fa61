// Every outcome of the gates against every state of the row, under every trigger; and what a transition writes.

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "dvsync/core/plan.hpp"
#include "support/builders.hpp"

namespace dvsync::core {
namespace {

using test::a_grouped_environment;
using test::a_row;
using test::an_environment;
using test::an_identity;
using enum Trigger;

enum class Kind : std::uint8_t { ignored, fails, keeps_state, passes };

struct Outcome {
  Kind kind;
  Reason reason;
  Environment environment;
  Identity identity;
  std::vector<Trigger> triggers{background, on_demand, first_access};
};

std::vector<Outcome> outcomes() {
  const Environment plain = an_environment();
  const Environment group = a_grouped_environment();
  const Environment nesting = a_grouped_environment(NestedGroups::first_access);
  Environment capacity = an_environment();
  capacity.app_pass_capacity = true;
  Environment marketing = an_environment();
  marketing.marketing_license = true;
  const auto no_plan = [] { return an_identity().no_plan(); };
  const std::optional<bool> unknown;
  return {
      {Kind::ignored, Reason::no_dataverse_database, an_environment(EnvironmentType::none), an_identity()},
      {Kind::fails, Reason::not_in_directory, plain, an_identity().gone()},
      {Kind::fails, Reason::soft_deleted, plain, an_identity().soft_deleted()},
      {Kind::fails, Reason::account_disabled, plain, an_identity().account_disabled()},
      {Kind::fails, Reason::not_in_security_group, group, an_identity()},
      {Kind::fails, Reason::no_license, plain, no_plan()},
      {Kind::fails, Reason::guest_no_license, plain, no_plan().guest()},
      {Kind::keeps_state, Reason::group_owner, group, an_identity().owner(), {background}},
      {Kind::keeps_state, Reason::nested_member, nesting, an_identity().nested(), {background, on_demand}},
      {Kind::keeps_state, Reason::free_plan, plain, an_identity().free_plan(), {background}},
      {Kind::keeps_state, Reason::app_pass, capacity, no_plan(), {background}},
      {Kind::keeps_state, Reason::tenant_marketing_license, marketing, no_plan(), {background}},
      {Kind::keeps_state, Reason::directory_unknown, plain, an_identity().lifecycle(std::nullopt)},
      {Kind::keeps_state, Reason::identity_incomplete, plain, an_identity().incomplete()},
      {Kind::keeps_state, Reason::security_group_unknown, group, an_identity().direct(unknown)},
      {Kind::keeps_state, Reason::roles_unknown, plain, no_plan().roles_unknown()},
      {Kind::keeps_state, Reason::license_unknown, plain, an_identity().licence_unknown()},
      {Kind::passes, Reason::entitled, plain, an_identity()},
      {Kind::passes, Reason::group_owner, group, an_identity().owner(), {on_demand, first_access}},
      {Kind::passes, Reason::nested_member, nesting, an_identity().nested(), {first_access}},
      {Kind::passes, Reason::free_plan, plain, an_identity().free_plan(), {on_demand, first_access}},
      {Kind::passes, Reason::app_pass, capacity, no_plan(), {on_demand, first_access}},
      {Kind::passes, Reason::entitled_admin, group, no_plan().role(Role::power_platform_administrator)},
  };
}

enum class State : std::uint8_t { none, e, d, m };
constexpr std::array states{State::none, State::e, State::d, State::m};
constexpr std::array<std::string_view, 4> state_names{"-", "E", "D", "M"};

// What the rules ask for; `update` where only columns move, `keep` where nothing does.
Decision expected_decision(Kind kind, State state, Trigger trigger) {
  const bool asked = trigger != background;
  const Decision stays_out = asked ? Decision::refuse : Decision::ignore;
  const Decision stays_disabled = asked ? Decision::refuse : Decision::keep;
  switch (kind) {
    case Kind::ignored:
      return stays_out;
    case Kind::fails:
      if (state == State::none) return stays_out;
      return state == State::e ? Decision::disable : stays_disabled;
    case Kind::keeps_state:
      if (state == State::none) return stays_out;
      return state == State::e ? Decision::keep : stays_disabled;
    case Kind::passes:
      if (state == State::none) return Decision::create;
      if (state == State::e) return Decision::keep;
      return state == State::m && !asked ? Decision::keep : Decision::enable;
  }
  return Decision::keep;
}

std::optional<SystemUser> row_in(State state, const Outcome& outcome) {
  const bool administrator = outcome.reason == Reason::entitled_admin;
  SystemUser row = a_row(outcome.identity)
                       .access_mode(administrator ? AccessMode::administrative : AccessMode::read_write, administrator);
  if (outcome.reason == Reason::not_in_directory) row.azurestate = static_cast<std::int16_t>(AzureState::not_found);
  if (outcome.reason == Reason::soft_deleted) {
    row.azurestate = static_cast<std::int16_t>(AzureState::soft_deleted);
    row.azuredeletedon = outcome.identity.deleted_at;
  }
  const bool fails = outcome.kind == Kind::fails;
  switch (state) {
    case State::none:
      return std::nullopt;
    case State::e:
      return row;
    case State::d:
      return test::RowBuilder{row}.disabled(fails ? outcome.reason : Reason::no_license);
    case State::m:
      return test::RowBuilder{row}.disabled("left the project");
  }
  return std::nullopt;
}

TEST(Transitions, FollowOutcomeStateAndTrigger) {
  for (const Outcome& outcome : outcomes()) {
    for (const Trigger trigger : outcome.triggers) {
      for (const State state : states) {
        SCOPED_TRACE(std::string{code_of(outcome.reason)} + " " + std::string{name_of(trigger)} + " " +
                     std::string{state_names[static_cast<std::size_t>(state)]});
        const std::optional<SystemUser> row = row_in(state, outcome);
        const Planned planned =
            plan(outcome.environment, {.trigger = trigger}, outcome.identity, row ? &*row : nullptr);
        const Decision expected = expected_decision(outcome.kind, state, trigger);
        EXPECT_EQ(name_of(planned.decision), name_of(expected));
        const bool moves =
            expected == Decision::create || expected == Decision::enable || expected == Decision::disable;
        EXPECT_EQ(planned.change.has_value(), moves);
        if (planned.change) {
          EXPECT_EQ(planned.change->action, expected);
        }
        const bool by_hand = state == State::m && outcome.kind == Kind::passes && trigger == background;
        EXPECT_EQ(code_of(planned.reason), code_of(by_hand ? Reason::manually_disabled : outcome.reason));
        const bool enabled = moves ? expected != Decision::disable : state == State::e && outcome.kind != Kind::ignored;
        EXPECT_EQ(planned.access, enabled);
      }
    }
  }
}

TEST(Transitions, OfUnknownFactsSayWhichFactIsMissing) {
  for (const Outcome& outcome : outcomes()) {
    SCOPED_TRACE(code_of(outcome.reason));
    const SystemUser row = a_row(outcome.identity);
    const Planned planned = plan(outcome.environment, {.trigger = background}, outcome.identity, &row);
    const bool unknown = planned.evaluation.outcome == GateOutcome::unknown;
    const bool rejected = outcome.reason == Reason::identity_incomplete;
    EXPECT_EQ(planned.missing, unknown && !rejected ? std::optional{outcome.reason} : std::nullopt);
    EXPECT_EQ(planned.rejection.has_value(), rejected);
  }
}

// --- what is written

TEST(Disabling, WritesTheCodeAsReason) {
  const SystemUser row = a_row(an_identity());
  const Planned planned = plan(an_environment(), {}, an_identity().account_disabled(), &row);
  ASSERT_TRUE(planned.change);
  EXPECT_EQ(planned.change->action, Decision::disable);
  EXPECT_TRUE(planned.change->after.isdisabled);
  EXPECT_EQ(planned.change->after.disabledreason, "account_disabled");
  EXPECT_FALSE(planned.change->invitation_required);
  EXPECT_TRUE(planned.change->columns.contains(Column::isdisabled));
  EXPECT_TRUE(planned.change->columns.contains(Column::disabledreason));
}

TEST(Disabling, GivesADisabledRowTheReasonThatHoldsNow) {
  const SystemUser row = a_row(an_identity().no_plan()).disabled(Reason::account_disabled);
  const Planned planned = plan(an_environment(), {}, an_identity().no_plan(), &row);
  EXPECT_EQ(planned.decision, Decision::update);
  ASSERT_TRUE(planned.change);
  EXPECT_EQ(planned.change->after.disabledreason, "no_license");
  EXPECT_EQ(planned.change->reason, Reason::no_license);
  EXPECT_FALSE(planned.change->guarded);
}

TEST(Disabling, LeavesTheReasonOfARowDisabledByHand) {
  for (const Text& reason : {Text{}, Text{"left the project"}}) {
    SystemUser row = a_row(an_identity()).disabled_otherwise();
    row.disabledreason = reason;
    const Planned planned = plan(an_environment(), {}, an_identity().account_disabled(), &row);
    EXPECT_EQ(planned.decision, Decision::keep);
    EXPECT_FALSE(planned.change);
  }
}

TEST(Disabling, LeavesTheReasonWhereAFactIsUnknownOrConditional) {
  for (const Identity& identity : {an_identity().licence_unknown().build(), an_identity().free_plan().build()}) {
    const SystemUser row = a_row(identity).disabled(Reason::account_disabled);
    EXPECT_FALSE(plan(an_environment(), {}, identity, &row).change);
  }
}

TEST(Enabling, ClearsReasonAndInvitation) {
  SystemUser row = a_row(an_identity()).disabled(Reason::no_license);
  row.invitestatuscode = 4;
  const Planned planned = plan(an_environment(), {}, an_identity(), &row);
  ASSERT_TRUE(planned.change);
  EXPECT_EQ(planned.change->action, Decision::enable);
  EXPECT_FALSE(planned.change->after.isdisabled);
  EXPECT_EQ(planned.change->after.disabledreason, std::nullopt);
  EXPECT_EQ(planned.change->after.invitestatuscode, 0);
  EXPECT_TRUE(planned.change->invitation_required);
}

TEST(Enabling, LeavesTheInvitationOfARowThatWasNeverDisabled) {
  SystemUser row = a_row(an_identity());
  row.invitestatuscode = 4;
  EXPECT_FALSE(plan(an_environment(), {}, an_identity(), &row).change);
}

TEST(Enabling, ClearsAReasonLeftOnAnEnabledRow) {
  SystemUser row = a_row(an_identity());
  row.disabledreason = "no_license";
  const Planned planned = plan(an_environment(), {}, an_identity(), &row);
  EXPECT_EQ(planned.decision, Decision::update);
  ASSERT_TRUE(planned.change);
  EXPECT_EQ(planned.change->after.disabledreason, std::nullopt);
}

TEST(Creating, FillsTheRowAndTellsNobodyToWait) {
  const Planned planned = plan(an_environment(), {}, an_identity(7), nullptr);
  ASSERT_TRUE(planned.change);
  const Change& change = *planned.change;
  EXPECT_EQ(change.action, Decision::create);
  EXPECT_EQ(change.object_id, test::guid(7));
  EXPECT_EQ(change.before, SystemUser{});
  EXPECT_EQ(change.after.azureactivedirectoryobjectid, test::guid(7));
  EXPECT_EQ(change.after[Column::domainname], "ana7@contoso.example");
  EXPECT_TRUE(change.after.islicensed);
  EXPECT_FALSE(change.after.isdisabled);
  EXPECT_EQ(change.columns, difference(change.before, change.after));
  EXPECT_FALSE(change.guarded);
  EXPECT_FALSE(change.invitation_required);
}

TEST(Updating, TouchesOnlyTheColumnsItNames) {
  SystemUser row = a_row(an_identity()).with(Column::jobtitle, "Apprentice");
  const Planned planned = plan(an_environment(), {}, an_identity(), &row);
  EXPECT_EQ(planned.decision, Decision::update);
  ASSERT_TRUE(planned.change);
  Columns only_title;
  only_title.add(Column::jobtitle);
  EXPECT_EQ(planned.change->columns, only_title);
  EXPECT_EQ(planned.change->before[Column::jobtitle], "Apprentice");
  row[Column::jobtitle] = "Engineer";
  EXPECT_EQ(planned.change->after, row);
}

// --- azurestate, azuredeletedon, islicensed

TEST(AzureState, FollowsTheDirectoryWhateverTheDecision) {
  const Timestamp long_ago = test::at(1'500'000'000);
  const Timestamp now = test::at(1'700'000'000);
  struct Line {
    std::string_view what;
    Identity identity;
    AzureState state;
    std::optional<Timestamp> deleted_on;
  };
  const std::vector<Line> table{
      {"present", an_identity(), AzureState::exists, std::nullopt},
      {"disabled account", an_identity().account_disabled(), AzureState::exists, std::nullopt},
      {"soft-deleted", an_identity().soft_deleted(now), AzureState::soft_deleted, now},
      {"soft-deleted, the directory does not say when", an_identity().soft_deleted(std::nullopt),
       AzureState::soft_deleted, long_ago},
      {"gone keeps the date", an_identity().gone(), AzureState::not_found, long_ago},
  };
  for (const Line& line : table) {
    for (const bool by_hand : {true, false}) {
      SCOPED_TRACE(line.what);
      SystemUser row = a_row(line.identity);
      row.azurestate = 7;
      row.azuredeletedon = long_ago;
      if (by_hand) row = test::RowBuilder{row}.disabled_otherwise();
      const Planned planned = plan(an_environment(), {}, line.identity, &row);
      ASSERT_TRUE(planned.change);
      EXPECT_EQ(planned.change->after.azurestate, static_cast<std::int16_t>(line.state));
      EXPECT_EQ(planned.change->after.azuredeletedon, line.deleted_on);
    }
  }
}

TEST(AzureState, StaysWhereNothingIsKnownOfTheIdentity) {
  const SystemUser row = a_row(an_identity()).azure(AzureState::soft_deleted, test::at(1));
  EXPECT_FALSE(plan(an_environment(), {}, an_identity().lifecycle(std::nullopt), &row).change);
  EXPECT_FALSE(plan(an_environment(), {}, an_identity().incomplete(), &row).change);
}

TEST(IsLicensed, FollowsTheFullPlanAndStaysWhereNobodyKnows) {
  const auto after = [](const Identity& identity, bool before) {
    const SystemUser row = a_row(identity).islicensed(before);
    const Planned planned = plan(an_environment(), {}, identity, &row);
    return planned.change ? planned.change->after.islicensed : before;
  };
  EXPECT_TRUE(after(an_identity(), false));
  EXPECT_FALSE(after(an_identity().free_plan(), true));
  EXPECT_FALSE(after(an_identity().no_plan().role(Role::global_administrator), true));
  EXPECT_TRUE(after(an_identity().licence_unknown(), true));
  EXPECT_TRUE(after(an_identity().no_plan().gone(), true)) << "of somebody gone, the last known value stays (D11)";
  EXPECT_FALSE(after(an_identity().no_plan().account_disabled(), true));
}

// --- D5, D6

TEST(ManualDisable, IsOvercomeAsThePolicySays) {
  struct Line {
    ManualDisable policy;
    Trigger trigger;
    Decision decision;
  };
  const std::vector<Line> table{
      {ManualDisable::until_access, background, Decision::keep},
      {ManualDisable::until_access, on_demand, Decision::enable},
      {ManualDisable::until_access, first_access, Decision::enable},
      {ManualDisable::sticky, background, Decision::keep},
      {ManualDisable::sticky, on_demand, Decision::refuse},
      {ManualDisable::sticky, first_access, Decision::refuse},
      {ManualDisable::override_, background, Decision::enable},
      {ManualDisable::override_, on_demand, Decision::enable},
      {ManualDisable::override_, first_access, Decision::enable},
  };
  const SystemUser row = a_row(an_identity()).disabled("on leave");
  for (const Line& line : table) {
    Environment environment = an_environment();
    environment.manual_disable = line.policy;
    const Planned planned = plan(environment, {.trigger = line.trigger}, an_identity(), &row);
    EXPECT_EQ(name_of(planned.decision), name_of(line.decision)) << name_of(line.trigger);
    const bool enables = line.decision == Decision::enable;
    EXPECT_EQ(planned.reason, enables ? Reason::entitled : Reason::manually_disabled);
  }
}

TEST(ManualDisable, LetsProfileAzureStateAndAccessModeFollow) {
  Environment environment = an_environment();
  environment.manual_disable = ManualDisable::sticky;
  const SystemUser row = a_row(an_identity())
                             .disabled("on leave")
                             .with(Column::jobtitle, "Apprentice")
                             .azure(AzureState::not_found)
                             .access_mode(AccessMode::administrative, true);
  for (const Trigger trigger : {background, on_demand}) {
    const Planned planned = plan(environment, {.trigger = trigger}, an_identity(), &row);
    EXPECT_EQ(planned.decision, trigger == background ? Decision::update : Decision::refuse);
    ASSERT_TRUE(planned.change);
    EXPECT_EQ(planned.change->action, Decision::update);
    EXPECT_EQ(planned.change->after[Column::jobtitle], "Engineer");
    EXPECT_EQ(planned.change->after.azurestate, 0);
    EXPECT_EQ(planned.change->after.accessmode, 0);
    EXPECT_TRUE(planned.change->after.isdisabled);
    EXPECT_EQ(planned.change->after.disabledreason, "on leave");
  }
}

Environment keeping_on_license_loss() {
  Environment environment = a_grouped_environment();
  environment.on_license_loss = OnLicenseLoss::keep;
  return environment;
}

TEST(LicenceLoss, KeepsRowAndReasonWhereTheEnvironmentSaysSo) {
  for (const bool guest : {false, true}) {
    test::IdentityBuilder builder = an_identity().no_plan().direct();
    if (guest) builder.guest();
    const Identity identity = builder;
    const SystemUser enabled = a_row(identity);
    const SystemUser disabled = a_row(identity).disabled(Reason::account_disabled);
    for (const SystemUser* row : {&enabled, &disabled}) {
      const Planned planned = plan(keeping_on_license_loss(), {}, identity, row);
      EXPECT_EQ(planned.decision, Decision::keep);
      EXPECT_EQ(planned.reason, Reason::no_license_kept);
      EXPECT_FALSE(planned.change);
    }
  }
}

TEST(LicenceLoss, StillDisablesFormerAdministratorsAndCreatesNobody) {
  const Identity identity = an_identity().no_plan().direct();
  const SystemUser row = a_row(identity).access_mode(AccessMode::administrative, true);
  EXPECT_EQ(plan(keeping_on_license_loss(), {}, identity, &row).decision, Decision::disable);
  const Planned planned = plan(keeping_on_license_loss(), {}, identity, nullptr);
  EXPECT_EQ(planned.decision, Decision::ignore);
  EXPECT_EQ(planned.reason, Reason::no_license);
}

TEST(LicenceLoss, DoesNotKeepWhoFailsAnotherGate) {
  const Identity identity = an_identity().no_plan();
  const SystemUser row = a_row(identity);
  EXPECT_EQ(plan(keeping_on_license_loss(), {}, identity, &row).reason, Reason::not_in_security_group);
  EXPECT_EQ(plan(keeping_on_license_loss(), {}, identity, &row).decision, Decision::disable);
}

TEST(LicenceLoss, ThatDoesNotDisableLeavesAnUnknownGroupMissing) {
  const Identity identity = an_identity().no_plan().direct(std::nullopt);
  const SystemUser row = a_row(identity);
  const Planned planned = plan(keeping_on_license_loss(), {}, identity, &row);
  EXPECT_EQ(planned.reason, Reason::no_license_kept);
  EXPECT_EQ(planned.missing, Reason::security_group_unknown);
}

}  // namespace
}  // namespace dvsync::core
