// What an undo makes of one row.

#include "sync/undone_row.hpp"

#include <gtest/gtest.h>

#include <random>

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

core::Change planned(const core::Identity& identity, const core::SystemUser& row) {
  return *core::plan(an_environment(), {}, identity, &row).change;
}
core::Change disabling() {
  const core::Identity identity = an_identity().account_disabled().with(core::Attribute::job_title, "Head");
  return planned(identity, a_row(an_identity()));
}

store::PastLine logged(const core::Change& change) {
  return {.systemuserid = change.after.systemuserid,
          .object_id = change.object_id,
          .domainname = change.after[Column::domainname],
          .action = std::string(core::name_of(change.action)),
          .fields = store::fields_json(change)};
}

TEST(UndoneRow, IsAsItWasBefore) {
  const auto change = disabling();
  const auto back = bring_back(logged(change), change.after);
  ASSERT_TRUE(back.change) << back.why_not;
  EXPECT_EQ(back.change->after, change.before);
  EXPECT_EQ(back.change->before, change.after);
  EXPECT_EQ(back.change->columns, change.columns);
  EXPECT_EQ(back.change->action, Decision::enable);
  EXPECT_EQ(back.change->reason, Reason::run_undone);
}

// Whatever the rules write to a row, an undo takes back.
TEST(UndoneRow, IsAsItWasBeforeWhateverWasWritten) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto either = [&] { return random() % 2 == 0; };
  int undone = 0;
  for (int round = 0; round < 2000; ++round) {
    auto identity = an_identity();
    if (either()) identity.account_disabled();
    if (either()) identity.no_plan();
    if (either()) identity.soft_deleted();
    if (either()) identity.with(core::Attribute::job_title, "Head");
    if (either()) identity.without(core::Attribute::mail);
    if (either()) identity.role(core::Role::global_administrator);
    auto row = a_row(an_identity());
    if (either()) row.disabled(Reason::no_license);
    if (either()) row.access_mode(core::AccessMode::administrative, either());
    if (either()) row.azure(core::AzureState::not_found);
    const core::SystemUser before = row;
    const auto change = core::plan(an_environment(), {}, identity, &before).change;
    if (!change) continue;
    const auto back = bring_back(logged(*change), change->after);
    ASSERT_TRUE(back.change) << back.why_not;
    EXPECT_EQ(back.change->after, before);
    ++undone;
  }
  EXPECT_GT(undone, 500);
}

TEST(UndoneRow, KeepsWhatElseChangedSince) {
  const auto change = disabling();
  auto row = change.after;
  row[Column::mobilephone] = "+47 1";
  const auto back = bring_back(logged(change), row);
  ASSERT_TRUE(back.change);
  EXPECT_EQ(back.change->after[Column::mobilephone], "+47 1");
  EXPECT_FALSE(back.change->columns.contains(Column::mobilephone));
}

TEST(UndoneRow, StaysWhereSomebodyChangedIt) {
  const auto change = disabling();
  auto row = change.after;
  row[Column::jobtitle] = "Boss";
  EXPECT_EQ(bring_back(logged(change), row).why_not, "somebody changed it since");
  auto line = logged(change);
  line.later_run = 7;
  EXPECT_EQ(bring_back(line, change.after).why_not, "run 7 changed it since");
}

TEST(UndoneRow, StaysWhereItIsAnotherRowOrNoneOfOurs) {
  const auto change = disabling();
  auto row = change.after;
  row.systemuserid = guid(7);
  EXPECT_EQ(bring_back(logged(change), row).why_not, "the user has another row now");
  row = change.after;
  row.deletedstate = 1;
  EXPECT_EQ(bring_back(logged(change), row).why_not, "deleted_in_dataverse");
}

TEST(UndoneRow, StaysWhereTheLineSaysNothingOfIt) {
  const auto change = disabling();
  auto line = logged(change);
  for (const auto* fields : {"", "[]", R"({"ownerid": ["a", "b"]})", R"({"jobtitle": 3})"}) {
    line.fields = fields;
    EXPECT_EQ(bring_back(line, change.after).why_not, "its line in the log cannot be read") << fields;
  }
  line.fields = R"({"roles": [[], ["Basic User"]]})";
  EXPECT_EQ(bring_back(line, change.after).why_not, "only its roles or teams were changed, and they follow the rules");
}

TEST(UndoneRow, PutsADisableThatComesAgainOnHold) {
  const core::Identity gone = an_identity().gone();
  const auto change = planned(gone, a_row(an_identity()));
  UndoneRow row{.change = *bring_back(logged(change), change.after).change};
  foresee(row, planned(gone, row.change.after));
  EXPECT_TRUE(row.on_hold);
  EXPECT_EQ(row.again->reason, Reason::not_in_directory);
}

TEST(UndoneRow, TellsAnUpdateThatComesAgainAndHoldsNothing) {
  const core::Identity identity = an_identity().with(core::Attribute::job_title, "Head");
  const auto change = planned(identity, a_row(an_identity()));
  UndoneRow row{.change = *bring_back(logged(change), change.after).change};
  foresee(row, planned(identity, row.change.after));
  EXPECT_FALSE(row.on_hold);
  EXPECT_TRUE(row.again);
}

TEST(UndoneRow, LeavesOutWhatTheRulesWouldDoBesides) {
  const core::Identity identity = an_identity().with(core::Attribute::job_title, "Head");
  const auto change = planned(identity, a_row(an_identity()));
  UndoneRow row{.change = *bring_back(logged(change), change.after).change};
  const core::Identity other = an_identity().with(core::Attribute::city, "Oslo");
  foresee(row, planned(other, row.change.after));
  EXPECT_FALSE(row.again);
}

}  // namespace
}  // namespace dvsync::sync
