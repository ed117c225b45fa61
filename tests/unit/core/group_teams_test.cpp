#include "dvsync/core/group_teams.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "dvsync/core/plan.hpp"
#include "support/builders.hpp"

namespace dvsync::core {
namespace {

// docs/rules.md D19.
struct Row {
  const char* what;
  TeamFacts facts;
  TeamSet before;
  bool joins;
  bool leaves;
  TeamSet after;
};

TEST(GroupTeams, HaveTheUsersOfTheirGroups) {
  const std::vector<Row> table = {
      {"enters", {.belongs = {0, 2}, .unknown = {}}, {}, true, true, {0, 2}},
      {"again: nothing to do", {.belongs = {0, 2}, .unknown = {}}, {0, 2}, true, true, {0, 2}},
      {"leaves one, enters another", {.belongs = {1}, .unknown = {}}, {0}, true, true, {1}},
      {"a group that cannot be read keeps its members", {.belongs = {}, .unknown = {0}}, {0, 1}, true, true, {0}},
      {"and gets none", {.belongs = {1}, .unknown = {0}}, {}, true, true, {1}},
      {"a disabled row does not enter", {.belongs = {0}, .unknown = {}}, {}, false, true, {}},
      {"but leaves", {.belongs = {}, .unknown = {}}, {0}, false, true, {}},
      {"and stays where it belongs", {.belongs = {0}, .unknown = {}}, {0}, false, true, {0}},
      {"what the guard holds does not leave", {.belongs = {1}, .unknown = {}}, {0}, true, false, {0, 1}},
  };
  for (const auto& row : table) {
    EXPECT_EQ(teams_in_line(row.facts, row.before, row.joins, row.leaves), row.after) << row.what;
  }
}

TEST(GroupTeams, AreInLineAfterOneStep) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const auto some = [&] {
    TeamSet teams;
    for (std::uint32_t team = 0; team < 6; ++team) {
      if (random() % 2 == 0) teams.push_back(team);
    }
    return teams;
  };
  for (int i = 0; i < 5'000; ++i) {
    TeamFacts facts{.belongs = some(), .unknown = {}};
    facts.unknown = without(some(), facts.belongs);
    const auto before = some();
    const bool joins = random() % 2 == 0;
    const bool leaves = random() % 2 == 0;
    const auto after = teams_in_line(facts, before, joins, leaves);
    EXPECT_TRUE(std::ranges::is_sorted(after));
    EXPECT_EQ(teams_in_line(facts, after, joins, leaves), after);
    EXPECT_TRUE(without(without(after, before), facts.belongs).empty()) << "nobody enters a team of another group";
    EXPECT_TRUE(without(without(before, after), without(before, facts.unknown)).empty()) << "unknown keeps";
  }
}

class PlanOfTeams : public ::testing::Test {
 protected:
  Environment environment_ = [] {
    auto environment = test::an_environment();
    environment.teams = {.follow = GroupTeams::background, .names = {"Sales", "Support"}};
    return environment;
  }();
  Identity identity_ = [] {
    Identity identity = test::an_identity();
    identity.teams.belongs = {1};
    return identity;
  }();
  SystemUser row_ = test::a_row(identity_);

  [[nodiscard]] Planned plan_under(Trigger trigger) const {
    return plan(environment_, {.trigger = trigger}, identity_, &row_);
  }
};

TEST_F(PlanOfTeams, FollowsUnderTheTriggersThatTheSettingNames) {
  struct Case {
    GroupTeams follow;
    Trigger trigger;
    bool follows;
  };
  for (const auto& one :
       {Case{GroupTeams::ignore, Trigger::first_access, false},
        Case{GroupTeams::first_access, Trigger::background, false},
        Case{GroupTeams::first_access, Trigger::on_demand, false},
        Case{GroupTeams::first_access, Trigger::first_access, true},
        Case{GroupTeams::background, Trigger::background, true}, Case{GroupTeams::background, Trigger::on_demand, true},
        Case{GroupTeams::background, Trigger::first_access, true}}) {
    environment_.teams.follow = one.follow;
    const auto planned = plan_under(one.trigger);
    ASSERT_EQ(planned.change.has_value(), one.follows) << name_of(one.trigger);
    if (!one.follows) continue;
    EXPECT_EQ(planned.decision, Decision::update);
    EXPECT_EQ(planned.change->after.teams, TeamSet{1});
    EXPECT_EQ(planned.change->teams_after, std::vector<std::string>{"Support"});
    EXPECT_TRUE(planned.change->columns.empty()) << "the row itself stays as it is";
    EXPECT_FALSE(planned.change->guarded) << "entering is not guarded";
  }
}

TEST_F(PlanOfTeams, GuardsWhoLeaves) {
  row_.teams = {0, 1};
  const auto planned = plan_under(Trigger::background);
  ASSERT_TRUE(planned.change);
  EXPECT_EQ(planned.change->guarded, GuardClass::access);
  EXPECT_EQ(planned.change->teams_before, (std::vector<std::string>{"Sales", "Support"}));
  EXPECT_FALSE(plan(environment_, {.withhold_transition = true}, identity_, &row_).change);
}

TEST_F(PlanOfTeams, LeavesTheTeamsOfWhoIsGoneOrCannotBeUsed) {
  row_.teams = {0};
  identity_.defect = "jobTitle holds NUL";
  EXPECT_FALSE(plan_under(Trigger::background).change);
  identity_.defect.clear();
  identity_.lifecycle = Lifecycle::gone;
  EXPECT_EQ(plan_under(Trigger::background).change->after.teams, row_.teams);
}

TEST_F(PlanOfTeams, ComeWithANewRow) {
  const auto planned = plan(environment_, {}, identity_, nullptr);
  ASSERT_TRUE(planned.change);
  EXPECT_EQ(planned.change->after.teams, TeamSet{1});
}

}  // namespace
}  // namespace dvsync::core
