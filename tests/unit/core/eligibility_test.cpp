// Gates 1 to 5, one at a time, and which of them decides.

#include "dvsync/core/eligibility.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/builders.hpp"

namespace dvsync::core {
namespace {

using test::a_grouped_environment;
using test::a_row;
using test::an_environment;
using test::an_identity;
using enum Trigger;

GateResult answer(Gate gate, const Environment& environment, Trigger trigger, const Identity& identity,
                  const SystemUser* row = nullptr) {
  return evaluate(environment, trigger, identity, row).gates[static_cast<std::size_t>(gate)];
}

void expect_answer(const GateResult& actual, GateOutcome expected, std::optional<Reason> reason) {
  EXPECT_EQ(actual.outcome, expected);
  EXPECT_EQ(actual.reason, reason) << (actual.reason ? code_of(*actual.reason) : "no reason");
}

// --- gate 1

TEST(EnvironmentGate, FailsOnlyWithoutADatabase) {
  using enum EnvironmentType;
  for (const EnvironmentType type : {production, sandbox, default_, trial, developer, teams}) {
    expect_answer(answer(Gate::environment, an_environment(type), background, an_identity()), GateOutcome::passed, {});
  }
  expect_answer(answer(Gate::environment, an_environment(none), background, an_identity()), GateOutcome::failed,
                Reason::no_dataverse_database);
}

// --- gate 2

TEST(DirectoryGate, AsksLifecycleThenAccount) {
  struct Line {
    Identity identity;
    GateOutcome answer;
    std::optional<Reason> reason;
  };
  const std::vector<Line> table{
      {an_identity(), GateOutcome::passed, {}},
      {an_identity().gone(), GateOutcome::failed, Reason::not_in_directory},
      {an_identity().gone().account_disabled(), GateOutcome::failed, Reason::not_in_directory},
      {an_identity().soft_deleted(), GateOutcome::failed, Reason::soft_deleted},
      {an_identity().soft_deleted().incomplete(), GateOutcome::failed, Reason::soft_deleted},
      {an_identity().account_disabled(), GateOutcome::failed, Reason::account_disabled},
      {an_identity().incomplete(), GateOutcome::unknown, Reason::identity_incomplete},
      {an_identity().lifecycle(std::nullopt), GateOutcome::unknown, Reason::directory_unknown},
  };
  for (const Line& line : table) {
    SCOPED_TRACE(line.reason ? code_of(*line.reason) : "passed");
    expect_answer(answer(Gate::directory, an_environment(), background, line.identity), line.answer, line.reason);
  }
}

// --- gate 3

TEST(SecurityGroupGate, PassesWhereTheEnvironmentHasNoGroup) {
  expect_answer(answer(Gate::security_group, an_environment(), background, an_identity().direct(std::nullopt)),
                GateOutcome::passed, {});
}

struct GroupCase {
  std::string_view what;
  Identity identity;
  NestedGroups nested_groups;
  Trigger trigger;
  GateOutcome answer;
  std::optional<Reason> reason;
  bool counts = false;
};

TEST(SecurityGroupGate, AnswersByMembershipRoleAndOwnership) {
  using enum Role;
  constexpr auto ignore = NestedGroups::ignore;
  constexpr auto honour = NestedGroups::first_access;
  constexpr auto unknown_group = Reason::security_group_unknown;
  const std::optional<bool> unknown;
  const auto somebody = [] { return an_identity(); };
  const auto with_gap = [] { return an_identity().role(global_administrator, std::nullopt); };
  const std::vector<GroupCase> table{
      {"direct", somebody().direct(), ignore, background, GateOutcome::passed, {}},
      {"direct, no role used",
       somebody().direct().role(global_administrator),
       ignore,
       background,
       GateOutcome::passed,
       {}},
      {"direct is enough, whatever is unknown",
       somebody().direct().owner(unknown).nested(unknown).roles_unknown(),
       honour,
       background,
       GateOutcome::passed,
       {}},
      {"nobody", somebody(), ignore, background, GateOutcome::failed, Reason::not_in_security_group},
      {"nobody, on demand", somebody(), honour, on_demand, GateOutcome::failed, Reason::not_in_security_group},
      {"nobody, first access", somebody(), honour, first_access, GateOutcome::failed, Reason::not_in_security_group},
      {"global administrator", somebody().role(global_administrator), ignore, background, GateOutcome::passed,
       Reason::entitled_admin},
      {"power platform administrator", somebody().role(power_platform_administrator), ignore, background,
       GateOutcome::passed, Reason::entitled_admin},
      {"dynamics 365 administrator", somebody().role(dynamics365_administrator), ignore, background,
       GateOutcome::failed, Reason::not_in_security_group},
      {"dynamics 365 role unreadable does not matter", somebody().role(dynamics365_administrator, unknown), ignore,
       background, GateOutcome::failed, Reason::not_in_security_group},
      {"one role is enough when the other is unreadable",
       somebody().role(global_administrator, unknown).role(power_platform_administrator), ignore, background,
       GateOutcome::passed, Reason::entitled_admin},
      {"role unreadable", with_gap(), ignore, background, GateOutcome::unknown, Reason::roles_unknown},
      {"role unreadable, owner in the background", with_gap().owner(), ignore, background, GateOutcome::unknown,
       Reason::roles_unknown},
      {"role unreadable does not matter to an owner on demand", with_gap().owner(), ignore, on_demand,
       GateOutcome::conditional, Reason::group_owner, true},
      {"administrator of an unreadable group", somebody().direct(unknown).role(global_administrator), ignore,
       background, GateOutcome::passed, Reason::entitled_admin},
      {"group unreadable", somebody().direct(unknown), ignore, background, GateOutcome::unknown, unknown_group},
      {"group unreadable, on demand", somebody().direct(unknown), ignore, on_demand, GateOutcome::unknown,
       unknown_group},
      {"owner in the background", somebody().owner(), ignore, background, GateOutcome::conditional,
       Reason::group_owner},
      {"owner on demand", somebody().owner(), ignore, on_demand, GateOutcome::conditional, Reason::group_owner, true},
      {"owner at first access", somebody().owner(), ignore, first_access, GateOutcome::conditional, Reason::group_owner,
       true},
      {"owners unreadable", somebody().owner(unknown), ignore, background, GateOutcome::unknown, unknown_group},
      {"owners unreadable, on demand", somebody().owner(unknown), ignore, on_demand, GateOutcome::unknown,
       unknown_group},
      {"nested, ignored", somebody().nested(), ignore, first_access, GateOutcome::failed,
       Reason::not_in_security_group},
      {"nested groups unreadable, ignored", somebody().nested(unknown), ignore, background, GateOutcome::failed,
       Reason::not_in_security_group},
      {"nested in the background", somebody().nested(), honour, background, GateOutcome::conditional,
       Reason::nested_member},
      {"nested on demand", somebody().nested(), honour, on_demand, GateOutcome::conditional, Reason::nested_member},
      {"nested at first access", somebody().nested(), honour, first_access, GateOutcome::conditional,
       Reason::nested_member, true},
      {"nested groups unreadable", somebody().nested(unknown), honour, background, GateOutcome::unknown, unknown_group},
      {"owner and nested in the background", somebody().owner().nested(), honour, background, GateOutcome::conditional,
       Reason::group_owner},
      {"owner and nested on demand: the owner counts", somebody().owner().nested(), honour, on_demand,
       GateOutcome::conditional, Reason::group_owner, true},
      {"owner, nested groups unreadable: does not matter", somebody().owner().nested(unknown), honour, background,
       GateOutcome::conditional, Reason::group_owner},
      {"nested, owners unreadable: an owner would count on demand", somebody().nested().owner(unknown), honour,
       on_demand, GateOutcome::unknown, unknown_group},
      {"nested, owners unreadable: does not matter in the background", somebody().nested().owner(unknown), honour,
       background, GateOutcome::conditional, Reason::nested_member},
      {"nested, owners unreadable: nested is enough at first access", somebody().nested().owner(unknown), honour,
       first_access, GateOutcome::conditional, Reason::nested_member, true},
  };
  for (const GroupCase& line : table) {
    SCOPED_TRACE(line.what);
    const GateResult actual =
        answer(Gate::security_group, a_grouped_environment(line.nested_groups), line.trigger, line.identity);
    expect_answer(actual, line.answer, line.reason);
    EXPECT_EQ(actual.counts, line.counts);
  }
}

// --- gate 4

Environment with_app_pass() {
  Environment environment = an_environment();
  environment.app_pass_capacity = true;
  return environment;
}

Environment with_marketing_license() {
  Environment environment = an_environment();
  environment.marketing_license = true;
  return environment;
}

struct LicenceCase {
  std::string_view what;
  Environment environment;
  Identity identity;
  Trigger trigger;
  GateOutcome answer;
  std::optional<Reason> reason;
  bool counts = false;
};

TEST(LicenceGate, AnswersByPlanRoleAndTenant) {
  const auto nothing = [] { return an_identity().no_plan(); };
  const auto gap = [] { return an_identity().no_plan().role(Role::dynamics365_administrator, std::nullopt); };
  Environment both = with_app_pass();
  both.marketing_license = true;
  const std::vector<LicenceCase> table{
      {"full plan", an_environment(), an_identity(), background, GateOutcome::passed, {}},
      {"full plan, no role used",
       an_environment(),
       an_identity().role(Role::global_administrator),
       background,
       GateOutcome::passed,
       {}},
      {"full plan, roles unreadable",
       an_environment(),
       an_identity().roles_unknown(),
       background,
       GateOutcome::passed,
       {}},
      {"full and free plan",
       an_environment(),
       an_identity().licence(Licence{.full = true, .on_demand = true}),
       background,
       GateOutcome::passed,
       {}},
      {"guest with a full plan of this tenant",
       an_environment(),
       an_identity().guest(),
       background,
       GateOutcome::passed,
       {}},
      {"no plan", an_environment(), nothing(), background, GateOutcome::failed, Reason::no_license},
      {"no plan, first access", an_environment(), nothing(), first_access, GateOutcome::failed, Reason::no_license},
      {"guest without plan", an_environment(), nothing().guest(), background, GateOutcome::failed,
       Reason::guest_no_license},
      {"global administrator", an_environment(), nothing().role(Role::global_administrator), background,
       GateOutcome::passed, Reason::entitled_admin},
      {"power platform administrator", an_environment(), nothing().role(Role::power_platform_administrator), background,
       GateOutcome::passed, Reason::entitled_admin},
      {"dynamics 365 administrator", an_environment(), nothing().role(Role::dynamics365_administrator), background,
       GateOutcome::passed, Reason::entitled_admin},
      {"administrator whose plans nobody knows", an_environment(),
       an_identity().licence_unknown().role(Role::global_administrator), background, GateOutcome::passed,
       Reason::entitled_admin},
      {"a role unreadable", an_environment(), gap(), background, GateOutcome::unknown, Reason::roles_unknown},
      {"a role unreadable, free plan in the background", an_environment(), gap().free_plan(), background,
       GateOutcome::unknown, Reason::roles_unknown},
      {"a role unreadable does not matter to a free plan on demand", an_environment(), gap().free_plan(), on_demand,
       GateOutcome::conditional, Reason::free_plan, true},
      {"free plan in the background", an_environment(), an_identity().free_plan(), background, GateOutcome::conditional,
       Reason::free_plan},
      {"free plan on demand", an_environment(), an_identity().free_plan(), on_demand, GateOutcome::conditional,
       Reason::free_plan, true},
      {"free plan at first access", an_environment(), an_identity().free_plan(), first_access, GateOutcome::conditional,
       Reason::free_plan, true},
      {"guest with a free plan of this tenant", an_environment(), an_identity().free_plan().guest(), on_demand,
       GateOutcome::conditional, Reason::free_plan, true},
      {"app pass in the background", with_app_pass(), nothing(), background, GateOutcome::conditional,
       Reason::app_pass},
      {"app pass on demand", with_app_pass(), nothing(), on_demand, GateOutcome::conditional, Reason::app_pass, true},
      {"app pass at first access", with_app_pass(), nothing(), first_access, GateOutcome::conditional, Reason::app_pass,
       true},
      {"app pass is not for guests", with_app_pass(), nothing().guest(), on_demand, GateOutcome::failed,
       Reason::guest_no_license},
      {"marketing licence", with_marketing_license(), nothing(), on_demand, GateOutcome::conditional,
       Reason::tenant_marketing_license, true},
      {"marketing licence in the background", with_marketing_license(), nothing(), background, GateOutcome::conditional,
       Reason::tenant_marketing_license},
      {"marketing licence is not for guests", with_marketing_license(), nothing().guest(), first_access,
       GateOutcome::failed, Reason::guest_no_license},
      {"free plan before app pass", with_app_pass(), an_identity().free_plan(), background, GateOutcome::conditional,
       Reason::free_plan},
      {"app pass before marketing licence", both, nothing(), background, GateOutcome::conditional, Reason::app_pass},
      {"plans unknown", an_environment(), an_identity().licence_unknown(), background, GateOutcome::unknown,
       Reason::license_unknown},
      {"plans unknown, on demand", an_environment(), an_identity().licence_unknown(), on_demand, GateOutcome::unknown,
       Reason::license_unknown},
      {"plans unknown, app pass in the background", with_app_pass(), an_identity().licence_unknown(), background,
       GateOutcome::unknown, Reason::license_unknown},
      {"plans unknown do not matter with an app pass on demand", with_app_pass(), an_identity().licence_unknown(),
       on_demand, GateOutcome::conditional, Reason::app_pass, true},
      {"plans and roles unknown", an_environment(), an_identity().licence_unknown().roles_unknown(), background,
       GateOutcome::unknown, Reason::roles_unknown},
  };
  for (const LicenceCase& line : table) {
    SCOPED_TRACE(line.what);
    const GateResult actual = answer(Gate::licence, line.environment, line.trigger, line.identity);
    expect_answer(actual, line.answer, line.reason);
    EXPECT_EQ(actual.counts, line.counts);
  }
}

TEST(LicenceGate, ExemptsByAccessModeOfTheRow) {
  using enum AccessMode;
  const Identity nobody = an_identity().no_plan();
  const auto ask = [&](const SystemUser& row) {
    return answer(Gate::licence, an_environment(), background, nobody, &row);
  };
  expect_answer(ask(a_row(nobody).access_mode(non_interactive)), GateOutcome::passed, Reason::entitled_non_interactive);
  expect_answer(ask(a_row(nobody).access_mode(administrative)), GateOutcome::passed, Reason::entitled_administrative);
  expect_answer(ask(a_row(nobody).access_mode(administrative, true)), GateOutcome::failed, Reason::no_license);
  expect_answer(ask(a_row(nobody).access_mode(read_write)), GateOutcome::failed, Reason::no_license);
  expect_answer(ask(a_row(nobody).access_mode(read)), GateOutcome::failed, Reason::no_license);
}

TEST(LicenceGate, ExemptsTheCreatorOfADeveloperEnvironmentOnly) {
  const Identity nobody = an_identity().no_plan();
  for (const EnvironmentType type : {EnvironmentType::developer, EnvironmentType::production}) {
    Environment environment = an_environment(type);
    environment.creator = nobody.object_id;
    const bool exempt = type == EnvironmentType::developer;
    expect_answer(answer(Gate::licence, environment, background, nobody),
                  exempt ? GateOutcome::passed : GateOutcome::failed,
                  exempt ? Reason::entitled_creator : Reason::no_license);
  }
}

TEST(LicenceGate, TreatsOnlyTracesOfAnAdministratorAsUnknownWhereTheDirectoryHasNoRoles) {
  const Identity nobody = an_identity().no_plan().roles_not_carried();
  const SystemUser plain = a_row(nobody);
  const SystemUser traced = a_row(nobody).access_mode(AccessMode::administrative, true);
  expect_answer(answer(Gate::licence, an_environment(), background, nobody), GateOutcome::failed, Reason::no_license);
  expect_answer(answer(Gate::licence, an_environment(), background, nobody, &plain), GateOutcome::failed,
                Reason::no_license);
  expect_answer(answer(Gate::licence, an_environment(), background, nobody, &traced), GateOutcome::unknown,
                Reason::roles_unknown);
  expect_answer(answer(Gate::security_group, a_grouped_environment(), background, nobody, &plain), GateOutcome::failed,
                Reason::not_in_security_group);
  expect_answer(answer(Gate::security_group, a_grouped_environment(), background, nobody, &traced),
                GateOutcome::unknown, Reason::roles_unknown);
}

TEST(Administrator, IsWhoHoldsAnyRoleForCertain) {
  EXPECT_EQ(is_administrator(an_identity(), nullptr), false);
  for (const Role role :
       {Role::global_administrator, Role::power_platform_administrator, Role::dynamics365_administrator}) {
    EXPECT_EQ(is_administrator(an_identity().role(role), nullptr), true);
    EXPECT_EQ(is_administrator(an_identity().role(role, std::nullopt), nullptr), std::nullopt);
    EXPECT_EQ(is_administrator(an_identity().roles_unknown().role(role), nullptr), true);
  }
}

// --- gate 5

TEST(CreationGate, FollowsTheTableOfTypesAndTriggers) {
  using enum EnvironmentType;
  struct Line {
    EnvironmentType type;
    bool creator;
    std::optional<Reason> on_background, on_request, at_first_access;
  };
  const std::vector<Line> table{
      {production, false, {}, {}, {}},
      {sandbox, false, {}, {}, {}},
      {default_, false, {}, {}, {}},
      {trial, false, Reason::trial_on_demand_only, {}, {}},
      {teams, false, Reason::teams_on_demand_only, {}, {}},
      {developer, true, {}, {}, {}},
      {developer, false, Reason::developer_creator_only, Reason::developer_creator_only,
       Reason::developer_creator_only},
      {none, false, Reason::no_dataverse_database, Reason::no_dataverse_database, Reason::no_dataverse_database},
  };
  const Identity identity = an_identity();
  const SystemUser row = a_row(identity);
  for (const Line& line : table) {
    SCOPED_TRACE(name_of(line.type));
    Environment environment = an_environment(line.type);
    if (line.creator) environment.creator = identity.object_id;
    const auto expect = [&](Trigger trigger, std::optional<Reason> reason) {
      SCOPED_TRACE(name_of(trigger));
      expect_answer(answer(Gate::creation, environment, trigger, identity),
                    reason ? GateOutcome::failed : GateOutcome::passed, reason);
      expect_answer(answer(Gate::creation, environment, trigger, identity, &row), GateOutcome::not_asked, {});
    };
    expect(background, line.on_background);
    expect(on_demand, line.on_request);
    expect(first_access, line.at_first_access);
  }
}

TEST(CreationGate, KnowsNoCreatorWhereNoneIsNamed) {
  expect_answer(answer(Gate::creation, an_environment(EnvironmentType::developer), on_demand, an_identity()),
                GateOutcome::failed, Reason::developer_creator_only);
}

TEST(CreationGate, KeepsBackgroundRunsFromCreatingAgentUsers) {
  using enum EnvironmentType;
  const Identity agent = an_identity().agent();
  const SystemUser row = a_row(agent);
  const Environment environment = an_environment();
  expect_answer(answer(Gate::creation, environment, background, agent), GateOutcome::failed,
                Reason::agent_on_demand_only);
  expect_answer(answer(Gate::creation, environment, on_demand, agent), GateOutcome::passed, {});
  expect_answer(answer(Gate::creation, environment, first_access, agent), GateOutcome::passed, {});
  expect_answer(answer(Gate::creation, environment, background, agent, &row), GateOutcome::not_asked, {});
  expect_answer(answer(Gate::creation, an_environment(trial), background, agent), GateOutcome::failed,
                Reason::trial_on_demand_only);
}

// --- which one decides

struct DecidingCase {
  std::string_view what;
  Environment environment;
  Identity identity;
  Trigger trigger;
  bool with_row;
  std::optional<Gate> gate;
  GateOutcome outcome;
  Reason reason;
};

TEST(Evaluation, IsDecidedByTheFirstFailedThenUnknownThenConditionalThenCreation) {
  const Environment group = a_grouped_environment();
  Environment trial_group = a_grouped_environment();
  trial_group.type = EnvironmentType::trial;
  const std::optional<bool> unknown;
  using enum Reason;
  const std::vector<DecidingCase> table{
      {"all passed", group, an_identity().direct(), background, false, {}, GateOutcome::passed, entitled},
      {"directory before group and licence", group, an_identity().no_plan().account_disabled(), background, true,
       Gate::directory, GateOutcome::failed, account_disabled},
      {"group before licence", group, an_identity().no_plan(), background, true, Gate::security_group,
       GateOutcome::failed, not_in_security_group},
      {"failed licence before unknown group", group, an_identity().no_plan().direct(unknown), background, true,
       Gate::licence, GateOutcome::failed, no_license},
      {"failed licence before conditional group", group, an_identity().no_plan().owner(), background, true,
       Gate::licence, GateOutcome::failed, no_license},
      {"unknown licence before conditional group", group, an_identity().licence_unknown().owner(), background, true,
       Gate::licence, GateOutcome::unknown, license_unknown},
      {"unknown group before conditional licence", group, an_identity().free_plan().direct(unknown), background, true,
       Gate::security_group, GateOutcome::unknown, security_group_unknown},
      {"first conditional", group, an_identity().free_plan().owner(), background, true, Gate::security_group,
       GateOutcome::conditional, group_owner},
      {"conditional licence", group, an_identity().free_plan().direct(), background, true, Gate::licence,
       GateOutcome::conditional, free_plan},
      {"both conditions count",
       group,
       an_identity().free_plan().owner(),
       on_demand,
       false,
       {},
       GateOutcome::passed,
       group_owner},
      {"conditional before creation", trial_group, an_identity().free_plan().direct(), background, false, Gate::licence,
       GateOutcome::conditional, free_plan},
      {"failed licence before creation", trial_group, an_identity().no_plan().direct(), background, false,
       Gate::licence, GateOutcome::failed, no_license},
      {"creation", trial_group, an_identity().direct(), background, false, Gate::creation, GateOutcome::failed,
       trial_on_demand_only},
      {"creation before an unknown that changes nothing", trial_group, an_identity().direct(unknown), background, false,
       Gate::creation, GateOutcome::failed, trial_on_demand_only},
      {"creation before somebody unknown", trial_group, an_identity().lifecycle(std::nullopt), background, false,
       Gate::creation, GateOutcome::failed, trial_on_demand_only},
      {"unknown where creation would pass", trial_group, an_identity().direct(unknown), on_demand, false,
       Gate::security_group, GateOutcome::unknown, security_group_unknown},
      {"somebody unknown is not judged by gates behind", group, an_identity().no_plan().lifecycle(std::nullopt),
       background, true, Gate::directory, GateOutcome::unknown, directory_unknown},
      {"somebody incomplete is not judged by gates behind", group, an_identity().no_plan().incomplete(), background,
       true, Gate::directory, GateOutcome::unknown, identity_incomplete},
      {"no database before everything", an_environment(EnvironmentType::none), an_identity().gone(), background, true,
       Gate::environment, GateOutcome::failed, no_dataverse_database},
  };
  for (const DecidingCase& line : table) {
    SCOPED_TRACE(line.what);
    const SystemUser row = a_row(line.identity);
    const Evaluation evaluation =
        evaluate(line.environment, line.trigger, line.identity, line.with_row ? &row : nullptr);
    EXPECT_EQ(evaluation.deciding, line.gate);
    EXPECT_EQ(evaluation.outcome, line.outcome);
    EXPECT_EQ(evaluation.reason, line.reason) << code_of(evaluation.reason);
  }
}

TEST(Evaluation, OfAPassedUserIsNamedAfterTheFirstExemptionUsed) {
  const Environment group = a_grouped_environment();
  Environment developer = an_environment(EnvironmentType::developer);
  developer.creator = an_identity().build().object_id;
  const auto code = [](const Environment& environment, const Identity& identity, std::optional<SystemUser> row = {}) {
    return code_of(evaluate(environment, background, identity, row ? &*row : nullptr).reason);
  };
  const auto in_mode = [](AccessMode mode) { return a_row(an_identity()).access_mode(mode).build(); };
  const Identity administrator = an_identity().no_plan().role(Role::global_administrator);
  EXPECT_EQ(code(group, administrator), "entitled_admin");
  EXPECT_EQ(code(group, an_identity().role(Role::global_administrator)), "entitled_admin");
  EXPECT_EQ(code(group, an_identity().direct().role(Role::global_administrator)), "entitled");
  EXPECT_EQ(code(an_environment(), administrator, in_mode(AccessMode::non_interactive)), "entitled_admin");
  EXPECT_EQ(code(an_environment(), an_identity(), in_mode(AccessMode::non_interactive)), "entitled");
  EXPECT_EQ(code(developer, an_identity().no_plan(), in_mode(AccessMode::non_interactive)), "entitled_non_interactive");
  EXPECT_EQ(code(developer, an_identity().no_plan(), in_mode(AccessMode::administrative)), "entitled_administrative");
  EXPECT_EQ(code(developer, an_identity().no_plan()), "entitled_creator");
  EXPECT_EQ(code(developer, an_identity()), "entitled");
}

TEST(Evaluation, OfAPassedUserWithoutAnExemptionIsNamedAfterTheFirstConditionalEntitlementNeeded) {
  Environment open = a_grouped_environment(NestedGroups::first_access);
  open.app_pass_capacity = true;
  open.marketing_license = true;
  const auto code = [&](const Identity& identity) {
    return code_of(evaluate(open, first_access, identity, nullptr).reason);
  };
  EXPECT_EQ(code(an_identity().direct()), "entitled") << "none was needed";
  EXPECT_EQ(code(an_identity().direct().owner().nested()), "entitled") << "a direct member needs no ownership";
  EXPECT_EQ(code(an_identity().owner().nested()), "group_owner");
  EXPECT_EQ(code(an_identity().nested().free_plan()), "nested_member") << "gate 3 before gate 4";
  EXPECT_EQ(code(an_identity().direct().free_plan()), "free_plan");
  EXPECT_EQ(code(an_identity().direct().no_plan()), "app_pass");
  open.app_pass_capacity = false;
  EXPECT_EQ(code(an_identity().direct().no_plan()), "tenant_marketing_license");
  EXPECT_EQ(code(an_identity().owner().no_plan().role(Role::dynamics365_administrator)), "entitled_admin")
      << "an exemption comes first, wherever it was used";
}

TEST(Evaluation, AnswersEveryGateEvenBehindTheDecidingOne) {
  const SystemUser row = a_row(an_identity());
  const Evaluation evaluation =
      evaluate(a_grouped_environment(), background, an_identity().account_disabled().no_plan(), &row);
  std::vector<GateOutcome> answers;
  for (const GateResult& gate : evaluation.gates) answers.push_back(gate.outcome);
  EXPECT_EQ(answers, (std::vector{GateOutcome::passed, GateOutcome::passed, GateOutcome::failed, GateOutcome::failed,
                                  GateOutcome::failed, GateOutcome::not_asked}));
}

}  // namespace
}  // namespace dvsync::core
