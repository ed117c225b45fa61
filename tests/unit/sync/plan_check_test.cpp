// Whether what is decided now is what a saved plan says: the first difference is named, and nothing is overlooked.

#include "sync/plan_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dvsync/store/change_fields.hpp"
#include "support/builders.hpp"

namespace dvsync::sync {
namespace {

using core::Column;
using core::Decision;
using core::Reason;
using test::a_row;
using test::an_environment;
using test::an_identity;
using test::guid;
using testing::HasSubstr;

// Of user `number`: whose account is disabled, or who got a title.
core::Change disabling(std::uint64_t number) {
  const core::Identity identity = an_identity(number).account_disabled();
  const core::SystemUser row = a_row(identity);
  return *core::plan(an_environment(), {}, identity, &row).change;
}
core::Change updating(std::uint64_t number) {
  const core::SystemUser row = a_row(an_identity(number));
  const core::Identity identity = an_identity(number).with(core::Attribute::job_title, "Head");
  return *core::plan(an_environment(), {}, identity, &row).change;
}
core::Change creating(std::uint64_t number) {
  return *core::plan(an_environment(), {}, an_identity(number), nullptr).change;
}

SavedChange saved(const core::Change& change, bool held = false) {
  const bool create = change.action == Decision::create;
  return {.object_id = change.object_id,
          .user = (create ? change.after : change.before)[Column::domainname].value_or(""),
          .action = change.action,
          .reason = change.reason,
          .held = held,
          .row = create ? std::nullopt : std::optional(digest_of(change.before)),
          .change = digest_of(change)};
}

// The refusal's words; empty: it is the same.
std::string refusal(PlanCheck& now, std::vector<SavedChange> planned) {
  try {
    now.require_same({.name = "contoso", .basis = {}, .changes = std::move(planned)});
  } catch (const PlanRefused& refused) {
    return refused.what();
  }
  return "";
}

TEST(PlanCheck, AcceptsExactlyWhatWasPlanned) {
  PlanCheck now;
  for (const auto& change : {disabling(1), updating(2), creating(3)}) now.wrote(change);
  EXPECT_EQ(refusal(now, {saved(disabling(1)), saved(updating(2)), saved(creating(3))}), "");
}

TEST(PlanCheck, NamesAUserAboutWhomNothingIsDecidedAnyMore) {
  PlanCheck now;
  EXPECT_THAT(
      refusal(now, {saved(disabling(1))}),
      HasSubstr("contoso: ana1@contoso.example: disable (account_disabled) was planned, and is not decided any more"));
}

TEST(PlanCheck, SaysWhyAChangeCouldNotBeWritten) {
  PlanCheck now;
  now.could_not_write(guid(1), "row_locked");
  EXPECT_THAT(refusal(now, {saved(disabling(1))}), HasSubstr("cannot be written: row_locked"));
}

TEST(PlanCheck, NamesAUserWhoWasNotPlanned) {
  PlanCheck now;
  now.wrote(disabling(1));
  now.wrote(updating(2));
  EXPECT_THAT(refusal(now, {saved(disabling(1))}),
              HasSubstr("ana2@contoso.example: update (entitled) was not planned"));
}

TEST(PlanCheck, SeesEveryColumnOfTheRow) {
  const auto planned = updating(1);
  const auto differs = [&](const std::function<void(core::SystemUser&)>& move) {
    auto moved = planned;
    move(moved.before);
    PlanCheck now;
    now.wrote(moved);
    return refusal(now, {saved(planned)});
  };
  const auto moved = HasSubstr("the row has changed");
  for (std::size_t c = 0; c < core::text_column_count; ++c) {
    EXPECT_THAT(differs([&](auto& row) { row.texts[c] = "another"; }), moved) << c;
  }
  EXPECT_THAT(differs([](auto& row) { row.systemuserid = guid(7); }), moved);
  EXPECT_THAT(differs([](auto& row) { row.applicationid = guid(7); }), moved);
  EXPECT_THAT(differs([](auto& row) { row.deletedstate = 1; }), moved);
  EXPECT_THAT(differs([](auto& row) { row.islicensed = !row.islicensed; }), moved);
  EXPECT_THAT(differs([](auto& row) { row.isdisabled = true; }), moved);
  EXPECT_THAT(differs([](auto& row) { row.disabledreason = ""; }), moved);
  EXPECT_THAT(differs([](auto& row) { row.accessmode = 4; }), moved);
  EXPECT_THAT(differs([](auto& row) { row.setupuser = true; }), moved);
  EXPECT_THAT(differs([](auto& row) { row.azurestate = 2; }), moved);
  EXPECT_THAT(differs([](auto& row) { row.azuredeletedon = test::at(0); }), moved);
  EXPECT_THAT(differs([](auto& row) { row.invitestatuscode = 1; }), moved);
  EXPECT_THAT(differs([](auto& row) { row.roles.held = 1; }), moved);
  EXPECT_THAT(differs([](auto& row) { row.teams = {3}; }), moved);
  EXPECT_EQ(differs([](auto&) {}), "");
}

TEST(PlanCheck, SaysWhatIsDecidedInstead) {
  auto now = updating(1);
  auto planned = saved(disabling(1));
  planned.row = digest_of(now.before);
  PlanCheck check;
  check.wrote(now);
  EXPECT_THAT(refusal(check, {planned}),
              HasSubstr("disable (account_disabled) was planned, and now it would be update (entitled)"));
}

TEST(PlanCheck, SeesAnotherValue) {
  auto now = updating(1);
  now.after[Column::jobtitle] = "Chief";
  PlanCheck check;
  check.wrote(now);
  EXPECT_THAT(refusal(check, {saved(updating(1))}), HasSubstr("other values would be written now"));
}

TEST(PlanCheck, HoldsWhatThePlanHeldAndNothingElse) {
  const auto rest = updating(1);
  PlanCheck held;
  held.holds(guid(1));
  held.wrote(rest);
  EXPECT_EQ(refusal(held, {saved(rest, true)}), "");
  PlanCheck released;
  released.wrote(rest);
  EXPECT_THAT(refusal(released, {saved(rest, true)}), HasSubstr("the guard holds it back no more"));
  PlanCheck newly_held;
  newly_held.wrote(rest);
  newly_held.holds(guid(1));
  EXPECT_THAT(refusal(newly_held, {saved(rest)}), HasSubstr("the guard would hold it back now"));
}

TEST(PlanCheck, TakesADryRunWithItsClassesAtTheEnd) {
  auto change = disabling(1);
  change.guarded = core::GuardClass::stated;
  PlanCheck now;
  now.changed("contoso", 0, change, {});
  now.may_be_held(
      "contoso", {.object_id = guid(1), .user = "ana1@contoso.example", .guard_class = *change.guarded, .instead = {}});
  EnvironmentReport report;
  now.environment_ends(0, report);
  auto again = now;
  EXPECT_EQ(refusal(now, {saved(change)}), "");
  report.held_classes[static_cast<std::size_t>(*change.guarded)] = true;
  again.environment_ends(0, report);
  EXPECT_EQ(refusal(again, {{.object_id = guid(1), .user = "ana1@contoso.example", .held = true}}), "");
}

TEST(PlanCheck, LeavesOutWhomThePlanDoesNotName) {
  std::vector<core::Change> changes{updating(1), updating(2)};
  keep_planned({.name = "contoso", .basis = {}, .changes = {saved(updating(2))}}, changes);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes.front().object_id, guid(2));
}

TEST(PlanCheck, RefusesAnotherMirrorOrOtherRules) {
  const SavedEnvironment plan{
      .name = "contoso", .basis = {.mirror_id = guid(1), .mirror_version = 7, .mark = guid(2), .schema = "contoso"}};
  const auto words = [&](const std::function<void(PlanBasis&)>& move) {
    auto now = plan.basis;
    move(now);
    try {
      require_same_basis(plan, now);
    } catch (const PlanRefused& refused) {
      return std::string(refused.what());
    }
    return std::string();
  };
  EXPECT_EQ(words([](auto&) {}), "");
  EXPECT_THAT(words([](auto& now) { now.mirror_id = guid(9); }), HasSubstr("another mirror"));
  EXPECT_THAT(words([](auto& now) { now.mirror_version = 8; }), HasSubstr("the mirror had version 7, and has 8"));
  EXPECT_THAT(words([](auto& now) { now.mark.reset(); }), HasSubstr("the directory has changed"));
  EXPECT_THAT(words([](auto& now) { now.schema = "fabrikam"; }), HasSubstr("schema contoso"));
  EXPECT_THAT(words([](auto& now) { now.settings = 1; }), HasSubstr("the configuration"));
  EXPECT_THAT(words([](auto& now) { now.knowledge = 1; }), HasSubstr("tell more or less"));
}

TEST(ChangeFields, ComeBackAsTheyWere) {
  for (auto change : {disabling(1), updating(2), creating(3)}) {
    change.after.azuredeletedon = core::Timestamp(std::chrono::microseconds(1'700'000'000'123'456));
    change.after.invitestatuscode = 1;
    change.columns = core::difference(change.before, change.after);
    change.roles_before = {"Basic User"};
    core::Change again;
    again.action = change.action;
    ASSERT_EQ(store::read_fields(store::fields_json(change), again), std::vector<std::string>{});
    EXPECT_EQ(again.columns, change.columns);
    EXPECT_EQ(again.roles_before, change.roles_before);
    EXPECT_EQ(store::fields_json(again), store::fields_json(change));
  }
}

TEST(ChangeFields, OfAnotherKindAreToldApart) {
  core::Change change;
  EXPECT_EQ(store::read_fields(R"({"azureactivedirectoryobjectid": [null, "x"], "jobtitle": [null, "Head"]})", change),
            std::vector<std::string>{"azureactivedirectoryobjectid"});
  EXPECT_EQ(change.after[Column::jobtitle], "Head");
  for (const auto* broken :
       {"", "{", "[]", R"({"jobtitle": 1})", R"({"jobtitle": [1, 2]})", R"({"isdisabled": [0, 1]})",
        R"({"accessmode": [0, 99999]})", R"({"azuredeletedon": [null, "yesterday"]})",
        R"({"azuredeletedon": [null, "2026-02-30T00:00:00.000000Z"]})", R"({"roles": [1, []]})"}) {
    EXPECT_EQ(store::read_fields(broken, change), std::nullopt) << broken;
  }
}

}  // namespace
}  // namespace dvsync::sync
