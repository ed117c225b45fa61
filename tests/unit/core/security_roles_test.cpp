#include "dvsync/core/security_roles.hpp"

#include <gtest/gtest.h>

#include <random>

#include "dvsync/core/plan.hpp"
#include "support/builders.hpp"

namespace dvsync::core {
namespace {

constexpr RoleSet basic = 1, maker = 2, sales = 4, admin = 8;
constexpr RoleSet all = basic | maker | sales | admin;

RoleRules rules() {
  return {.names = {"Basic User", "Environment Maker", "Salesperson", "System Administrator"},
          .everybody = basic,
          .administrators = admin,
          .by_license = sales | maker,
          .available = all};
}

// docs/rules.md D18.
struct Row {
  const char* what;
  RoleFacts facts;
  RowRoles before;
  RoleSet held;
  RoleSet given;
};

TEST(SecurityRoles, FollowLicencesAdministratorsAndHands) {
  const RoleFacts user{.by_plans = 0, .administrator = false, .enabled = true};
  const auto with = [&](auto change) {
    auto facts = user;
    change(facts);
    return facts;
  };
  const auto licensed = with([](auto& f) { f.by_plans = sales; });
  const auto unknown = with([](auto& f) { f.by_plans.reset(); });
  const auto disabled = with([](auto& f) { f.enabled = false; });
  const auto fired = with([](auto& f) { f.enabled = false, f.lost_licence = true; });
  const std::vector<Row> table = {
      {"everybody's, and the plan's", licensed, {0, 0, all}, basic | sales, basic | sales},
      {"again: nothing to do", licensed, {basic | sales, basic | sales, all}, basic | sales, basic | sales},
      {"what somebody else gave is not given again", licensed, {sales, 0, all}, basic | sales, basic},
      {"nor taken when the plan goes", user, {basic | sales, basic, all}, basic | sales, basic},
      {"the plan goes", user, {basic | sales, basic | sales, all}, basic, basic},
      {"the plans are not known", unknown, {basic | sales, basic | sales, all}, basic | sales, basic | sales},
      {"somebody took it: it stays taken", licensed, {basic, basic | sales, all}, basic, basic | sales},
      {"until the plan goes, which forgets it", user, {basic, basic | sales, all}, basic, basic},
      {"an administrator", with([](auto& f) { f.administrator = true; }), {0, 0, all}, basic | admin, basic | admin},
      {"no administrator any more", user, {basic | admin, basic | admin, all}, basic, basic},
      {"nobody knows",
       with([](auto& f) { f.administrator.reset(); }),
       {basic | admin, basic | admin, all},
       basic | admin,
       basic | admin},
      {"a role that the business unit does not have", licensed, {0, 0, basic}, basic, basic},
      {"a disabled row gets nothing", disabled, {0, 0, all}, 0, 0},
      {"and loses what its plans no longer map to", disabled, {sales, sales, all}, 0, 0},
      {"disabled for want of a licence: all that the sync gave",
       fired,
       {basic | sales | maker, basic | sales, all},
       maker,
       0},
      {"what the guard holds is not taken",
       with([](auto& f) { f.lost_licence = f.withheld = true; }),
       {basic | sales, basic | sales, all},
       basic | sales,
       basic | sales},
  };
  for (const auto& row : table) {
    const auto after = roles_in_line(rules(), row.facts, row.before);
    EXPECT_EQ(after.held, row.held) << row.what;
    EXPECT_EQ(after.given, row.given) << row.what;
  }
}

TEST(SecurityRoles, AreOneWhateverTheirCaseAndFormerName) {
  EXPECT_TRUE(same_role("Basic User", "BASIC USER"));
  EXPECT_TRUE(same_role("Common Data Service User", "basic user"));
  EXPECT_FALSE(same_role("Common Data Service", "Basic User"));
}

TEST(SecurityRoles, AreGivenToDisabledUsersWhereTheEnvironmentAllowsIt) {
  auto allowed = rules();
  allowed.on_disabled_users = true;
  EXPECT_EQ(roles_in_line(allowed, {.by_plans = sales, .administrator = false}, {0, 0, all}).held, basic | sales);
}

TEST(SecurityRoles, AreOnlyTakenWhereWhatIsAllowedCannotBeRead) {
  auto unknown = rules();
  unknown.gives = false;
  const RoleFacts facts{.by_plans = 0, .administrator = true, .enabled = true};
  EXPECT_EQ(roles_in_line(unknown, facts, {sales, sales, all}).held, RoleSet{0});
}

TEST(SecurityRoles, AreNotTakenWhereTheyAreNotManaged) {
  auto unmanaged = rules();
  unmanaged.takes = false;
  EXPECT_EQ(
      roles_in_line(unmanaged, {.by_plans = 0, .administrator = false, .enabled = true}, {sales, sales, all}).held,
      basic | sales);
}

TEST(SecurityRoles, AreInLineAfterOneStep) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  const auto set = [&] { return static_cast<RoleSet>(random() & all); };
  const auto maybe = [&] { return random() % 2 == 0; };
  for (int i = 0; i < 20'000; ++i) {
    auto some = rules();
    some.on_disabled_users = maybe();
    some.takes = maybe();
    some.gives = maybe();
    RoleFacts facts{.by_plans = std::nullopt,
                    .administrator = std::nullopt,
                    .enabled = maybe(),
                    .lost_licence = maybe(),
                    .withheld = maybe()};
    if (maybe()) facts.by_plans = set() & some.by_license;
    if (maybe()) facts.administrator = maybe();
    const RowRoles before{set(), set(), set()};
    const auto once = roles_in_line(some, facts, before);
    EXPECT_EQ(roles_in_line(some, facts, once), once);
    EXPECT_EQ(before.held & ~once.held & ~before.given, 0U) << "what others gave stays";
    EXPECT_EQ(once.held & ~before.held & ~before.available, 0U) << "only roles that there are";
  }
}

TEST(Plan, GivesAndTakesRolesWithTheRow) {
  auto environment = test::an_environment();
  environment.roles = rules();
  core::Identity identity = test::an_identity().full_plan();
  identity.plan_roles = sales;
  const auto created = plan(environment, {}, identity, nullptr);
  ASSERT_TRUE(created.change);
  EXPECT_EQ(created.change->after.roles.held, basic | sales);
  EXPECT_FALSE(created.change->guarded);

  core::SystemUser row = test::a_row(identity);
  row.roles = {basic | sales, basic | sales, all};
  EXPECT_FALSE(plan(environment, {}, identity, &row).change);
  identity.plan_roles = 0;
  const auto taken = plan(environment, {}, identity, &row);
  ASSERT_TRUE(taken.change);
  EXPECT_EQ(taken.decision, Decision::update);
  EXPECT_EQ(taken.change->guarded, GuardClass::access);
  EXPECT_EQ(taken.change->after.roles.held, basic);
  EXPECT_FALSE(plan(environment, {.withhold_transition = true}, identity, &row).change);

  identity.licence = Licence{};
  const auto fired = plan(environment, {}, identity, &row);
  EXPECT_EQ(fired.decision, Decision::disable);
  EXPECT_EQ(fired.change->guarded, GuardClass::disqualified);
  EXPECT_EQ(fired.change->after.roles.held, 0U);
}

TEST(Plan, GivesAPlaceholderWithoutAnyRoleTheOneForPlaceholders) {
  auto environment = test::an_environment();
  environment.roles = rules();
  SystemUser stub;
  stub.systemuserid = test::guid(7);
  stub.isdisabled = true;
  stub.roles.available = all;
  EXPECT_FALSE(plan_stub(environment, stub)) << "none is named";
  environment.roles.stub = sales;
  const auto change = plan_stub(environment, stub);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->after.roles, (RowRoles{sales, sales, all}));
  EXPECT_EQ(change->roles_after, std::vector<std::string>{"Salesperson"});
  EXPECT_EQ(change->reason, Reason::stub_user);
  EXPECT_TRUE(change->columns.empty());
  stub.roles = {0, sales, all};
  EXPECT_FALSE(plan_stub(environment, stub)) << "somebody took it";
  stub.roles = {0, 0, basic};
  EXPECT_FALSE(plan_stub(environment, stub)) << "its business unit has none";
}

TEST(Plan, LeavesTheRolesOfWhoIsGoneOrCannotBeUsed) {
  auto environment = test::an_environment();
  environment.roles = rules();
  core::Identity identity = test::an_identity().full_plan();
  core::SystemUser row = test::a_row(identity);
  row.roles = {basic | sales, basic | sales, all};
  identity.plan_roles = 0;
  identity.defect = "jobTitle holds NUL";
  EXPECT_FALSE(plan(environment, {}, identity, &row).change);
  identity.defect.clear();
  identity.lifecycle = Lifecycle::gone;
  EXPECT_EQ(plan(environment, {}, identity, &row).change->after.roles, row.roles);
}

}  // namespace
}  // namespace dvsync::core
