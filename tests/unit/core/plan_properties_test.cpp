// What holds of every plan, whatever the facts: random identities, rows, environments and triggers.
// The seed is printed, and DVSYNC_TEST_SEED repeats a run; DVSYNC_TEST_ROUNDS makes it longer.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "dvsync/core/plan.hpp"
#include "support/builders.hpp"

namespace dvsync::core {
namespace {

std::uint64_t number_in(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): there is but one thread
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::uint64_t seed() {
  static const std::uint64_t value = [] {
    const std::uint64_t chosen = number_in("DVSYNC_TEST_SEED", std::random_device{}());
    std::cout << "DVSYNC_TEST_SEED=" << chosen << '\n';
    return chosen;
  }();
  return value;
}

// One situation to plan for.
struct Situation {
  Environment environment;
  PlanOptions options;
  Identity identity;
  std::optional<SystemUser> row;
  std::vector<WrittenColumn> known;

  [[nodiscard]] const SystemUser* row_or_null() const { return row ? &*row : nullptr; }
  [[nodiscard]] Planned planned() const { return plan(environment, options, identity, row_or_null(), known); }
};

class Generator {
 public:
  explicit Generator(std::uint64_t start) : random_(start) {}

  Situation situation(std::uint64_t number = 1) {
    Situation result;
    result.environment = environment(number);
    result.options = {.trigger = pick<Trigger>(3), .guard_admissions = flip(4), .withhold_transition = flip(4)};
    result.identity = identity(number);
    if (!flip(4)) {
      result.row = row(result.identity, result.environment);
      result.known = known(*result.row);
    }
    return result;
  }

  // The same facts, and whatever was unknown is known now.
  Identity resolved(Identity identity, const SystemUser* row) {
    if (!identity.lifecycle) identity.lifecycle = pick<Lifecycle>(3);
    if (!identity.account_enabled) identity.account_enabled = flip(2);
    if (!identity.licence) identity.licence = Licence{.full = flip(2), .on_demand = flip(2)};
    if (!identity.plan_roles) identity.plan_roles = some_roles();
    if (!identity.roles.carried && row != nullptr && row->setupuser) {
      identity.roles = {.holds = {std::nullopt, std::nullopt, std::nullopt}, .carried = true};
    }
    for (std::optional<bool>& holds : identity.roles.holds) holds = holds.value_or(flip(2));
    for (std::optional<bool>* fact : {&identity.group.direct, &identity.group.owner, &identity.group.nested}) {
      *fact = fact->value_or(flip(2));
    }
    return identity;
  }

 private:
  bool flip(int one_in) { return std::uniform_int_distribution{1, one_in}(random_) == 1; }
  template <class Enum>
  Enum pick(int count) {
    return static_cast<Enum>(std::uniform_int_distribution{0, count - 1}(random_));
  }
  std::optional<bool> fact() {
    if (flip(5)) return std::nullopt;
    return flip(3);
  }

  Text text() {
    static const std::vector<Text> texts{
        std::nullopt, "", " \xc2\xa0", "Ana", "Li", "#", "\xc3\x98yvind", std::string(60, 'x'), std::string(300, 'y')};
    return texts[std::uniform_int_distribution<std::size_t>{0, texts.size() - 1}(random_)];
  }

  RoleSet some_roles() { return std::uniform_int_distribution<RoleSet>{0, 15}(random_); }
  TeamSet some_teams() {
    TeamSet teams;
    for (std::uint32_t team = 0; team < 3; ++team) {
      if (flip(2)) teams.push_back(team);
    }
    return teams;
  }

  void give_access(Environment& environment) {
    if (flip(2)) {
      environment.roles = {.names = {"Basic User", "Maker", "Auditor", "Admin"},
                           .everybody = some_roles(),
                           .administrators = some_roles(),
                           .by_license = some_roles(),
                           .stub = 0,
                           .takes = !flip(4),
                           .available = some_roles(),
                           .on_disabled_users = flip(3),
                           .gives = !flip(8)};
    }
    if (flip(2)) environment.teams = {.follow = pick<GroupTeams>(3), .names = {"Sales", "Service", "Support"}};
  }

  Environment environment(std::uint64_t number) {
    Environment environment = test::an_environment(pick<EnvironmentType>(7));
    environment.has_security_group = flip(2);
    environment.nested_groups = pick<NestedGroups>(2);
    if (flip(2)) environment.creator = test::guid(flip(2) ? number : number + 1'000);
    environment.app_pass_capacity = flip(4);
    environment.marketing_license = flip(6);
    environment.manual_disable = pick<ManualDisable>(3);
    environment.on_license_loss = pick<OnLicenseLoss>(2);
    environment.mapping = mapping_of(pick<MappingPreset>(3));
    environment.mapping.full_name_order = pick<FullNameOrder>(2);
    give_access(environment);
    if (flip(2)) {
      for (UpdatePolicy& policy : environment.mapping.policies) policy = pick<UpdatePolicy>(4);
    }
    return environment;
  }

  Identity identity(std::uint64_t number) {
    Identity identity;
    identity.object_id = test::guid(number);
    identity.lifecycle = flip(2) ? std::optional{Lifecycle::present} : lifecycle();
    if (flip(2)) identity.deleted_at = test::at(1'700'000'000);
    identity.account_enabled = flip(10) ? std::nullopt : std::optional{!flip(5)};
    identity.guest = flip(4);
    if (!flip(5)) identity.licence = Licence{.full = flip(2), .on_demand = flip(3)};
    for (std::optional<bool>& holds : identity.roles.holds) holds = flip(8) ? std::nullopt : std::optional{flip(6)};
    identity.roles.carried = !flip(5);
    identity.group = {.direct = fact(), .owner = fact(), .nested = fact()};
    if (!flip(4)) identity.plan_roles = some_roles();
    identity.teams = {.belongs = some_teams(), .unknown = {}};
    if (flip(2)) identity.teams.unknown = without(some_teams(), identity.teams.belongs);
    for (Text& value : identity.profile.values) value = text();
    if (!flip(5))
      identity.profile[Attribute::user_principal_name] = "ana" + std::to_string(number) + "@contoso.example";
    if (flip(8)) identity.defect = "jobTitle holds NUL";
    return identity;
  }

  std::optional<Lifecycle> lifecycle() {
    if (flip(4)) return std::nullopt;
    return pick<Lifecycle>(3);
  }

  SystemUser row(const Identity& identity, const Environment& environment) {
    SystemUser row = test::a_row(identity, environment.mapping);
    for (Text& value : row.texts) {
      if (flip(4)) value = text();
    }
    row.islicensed = flip(2);
    row.isdisabled = flip(2);
    if (flip(2)) row.disabledreason = reason();
    row.accessmode = std::uniform_int_distribution<std::int16_t>{0, 5}(random_);
    if (flip(2)) row.accessmode = flip(2) ? 0 : 1;
    row.setupuser = flip(2);
    row.azurestate = std::uniform_int_distribution<std::int16_t>{0, 2}(random_);
    if (flip(2)) row.azuredeletedon = test::at(1'600'000'000);
    row.invitestatuscode = flip(2) ? 4 : 0;
    if (flip(20)) row.applicationid = test::guid(9);
    if (flip(20)) row.deletedstate = 1;
    if (environment.roles.any()) row.roles = {.held = some_roles(), .given = some_roles(), .available = some_roles()};
    if (environment.teams.any()) row.teams = some_teams();
    return row;
  }

  std::string reason() {
    if (flip(3)) return "on leave";
    return std::string{code_of(static_cast<Reason>(std::uniform_int_distribution{
        static_cast<int>(Reason::not_in_directory), static_cast<int>(Reason::guest_no_license)}(random_)))};
  }

  std::vector<WrittenColumn> known(const SystemUser& row) {
    std::vector<WrittenColumn> known;
    for (std::size_t i = 0; i < text_column_count; ++i) {
      const auto column = static_cast<Column>(i);
      if (flip(3))
        known.push_back({.column = column, .written = {.value = flip(4) ? text() : row[column], .edited = flip(5)}});
    }
    return known;
  }

  std::mt19937_64 random_;
};

// The world after the plan was carried out.
Situation applied(Situation situation, const Planned& planned) {
  if (planned.change) situation.row = planned.change->after;
  for (const WrittenColumn& written : planned.written) {
    std::erase_if(situation.known, [&](const WrittenColumn& known) { return known.column == written.column; });
    situation.known.push_back(written);
  }
  return situation;
}

bool is_transition(Decision decision) {
  return decision == Decision::create || decision == Decision::enable || decision == Decision::disable;
}

std::optional<Decision> transition_of(const Planned& planned) {
  if (planned.change && is_transition(planned.change->action)) return planned.change->action;
  return planned.withheld;
}

template <class Property>
void for_many_situations(Property property) {
  const std::uint64_t rounds = number_in("DVSYNC_TEST_ROUNDS", 1'000);
  Generator generator{seed()};
  for (std::uint64_t round = 0; round < rounds && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const Situation situation = generator.situation();
    property(situation, situation.planned(), generator);
  }
}

TEST(PlanProperties, APlanCarriedOutLeavesNothingToDo) {
  for_many_situations([](const Situation& situation, const Planned& planned, Generator&) {
    const Situation after = applied(situation, planned);
    const Planned again = after.planned();
    EXPECT_FALSE(again.change) << "columns " << again.change->columns.bits();
    EXPECT_TRUE(again.written.empty());
    EXPECT_FALSE(is_transition(again.decision) || again.decision == Decision::update);
    EXPECT_EQ(again.access, planned.access);
  });
}

TEST(PlanProperties, DecisionAndChangeAgree) {
  for_many_situations([](const Situation& situation, const Planned& planned, Generator&) {
    const bool background = situation.options.trigger == Trigger::background;
    switch (planned.decision) {
      case Decision::create:
      case Decision::enable:
      case Decision::disable:
      case Decision::update:
        ASSERT_TRUE(planned.change);
        EXPECT_EQ(planned.change->action, planned.decision);
        EXPECT_EQ(planned.change->reason, planned.reason);
        break;
      case Decision::keep:
      case Decision::ignore:
        EXPECT_FALSE(planned.change);
        EXPECT_TRUE(background || planned.decision == Decision::keep);
        break;
      case Decision::refuse:
        EXPECT_FALSE(background);
        EXPECT_FALSE(planned.access);
        if (planned.change) {
          EXPECT_EQ(planned.change->action, Decision::update);
        }
        break;
    }
    EXPECT_EQ(planned.decision == Decision::create, planned.change && !situation.row);
    if (planned.access && !background) {
      EXPECT_NE(planned.decision, Decision::refuse);
    }
  });
}

TEST(PlanProperties, AChangeNamesWhatItChangesAndNothingElse) {
  for_many_situations([](const Situation& situation, const Planned& planned, Generator&) {
    if (!planned.change) return;
    const Change& change = *planned.change;
    const bool reaches_else = change.before.roles != change.after.roles || change.before.teams != change.after.teams;
    EXPECT_TRUE(!change.columns.empty() || reaches_else);
    EXPECT_EQ(change.columns, difference(change.before, change.after));
    EXPECT_EQ(change.cut.bits() & ~change.columns.bits(), 0U);
    EXPECT_EQ(change.object_id, situation.identity.object_id);
    EXPECT_EQ(change.after.azureactivedirectoryobjectid, situation.identity.object_id);
    if (!situation.row) return;
    EXPECT_EQ(change.before, *situation.row);
    EXPECT_EQ(change.after.systemuserid, situation.row->systemuserid);
    EXPECT_EQ(change.after.applicationid, situation.row->applicationid);
    EXPECT_EQ(change.after.deletedstate, situation.row->deletedstate);
  });
}

TEST(PlanProperties, WhatIsWrittenFitsAndIsNeverBlank) {
  for_many_situations([](const Situation& situation, const Planned& planned, Generator&) {
    if (!planned.change) return;
    for (std::size_t i = 0; i < text_column_count; ++i) {
      const auto column = static_cast<Column>(i);
      const Text& value = planned.change->after[column];
      if (!planned.change->columns.contains(column) || !value) continue;
      EXPECT_LE(code_points_in(*value), length_of(column)) << name_of(column);
      EXPECT_FALSE(is_blank(*value)) << name_of(column);
      const UpdatePolicy policy = situation.environment.mapping.policy(column);
      EXPECT_NE(policy, UpdatePolicy::never);
      if (situation.row) {
        EXPECT_NE(policy, UpdatePolicy::on_create);
      }
    }
  });
}

TEST(PlanProperties, ARejectedIdentityIsNotAdmittedAndKeepsItsFields) {
  for_many_situations([](const Situation& situation, const Planned& planned, Generator&) {
    const Identity& identity = situation.identity;
    const bool present = identity.lifecycle == Lifecycle::present;
    const bool unusable =
        present && (!identity.account_enabled || !identity.defect.empty() || !has_user_name(identity));
    if (unusable) {
      EXPECT_TRUE(planned.rejection);
    }
    if (!planned.rejection) return;
    EXPECT_NE(transition_of(planned), Decision::create);
    EXPECT_NE(transition_of(planned), Decision::enable);
    EXPECT_TRUE(planned.written.empty());
    if (!planned.change) return;
    EXPECT_EQ(planned.change->after.texts, planned.change->before.texts);
    EXPECT_EQ(planned.change->after.islicensed, planned.change->before.islicensed);
    EXPECT_FALSE(planned.change->after.setupuser && !planned.change->before.setupuser);
  });
}

TEST(PlanProperties, NobodyIsMovedForLackOfAFact) {
  for_many_situations([](const Situation& situation, const Planned& planned, Generator& generator) {
    const std::optional<Decision> transition = transition_of(planned);
    if (planned.evaluation.outcome == GateOutcome::unknown) {
      EXPECT_FALSE(transition);
    }
    if (!transition) return;
    // Whatever the facts turn out to be, the same would have happened.
    for (int i = 0; i < 8; ++i) {
      Situation known = situation;
      known.identity = generator.resolved(situation.identity, situation.row_or_null());
      EXPECT_EQ(transition_of(known.planned()), transition);
    }
  });
}

TEST(PlanProperties, WhatIsHeldBackIsOnlyTheTransition) {
  for_many_situations([](const Situation& situation, const Planned&, Generator&) {
    Situation held = situation;
    held.options.withhold_transition = true;
    Situation free = situation;
    free.options.withhold_transition = false;
    const Planned held_plan = held.planned();
    const Planned free_plan = free.planned();
    EXPECT_FALSE(held_plan.change && is_transition(held_plan.change->action));
    EXPECT_FALSE(held_plan.change && held_plan.change->guarded);
    EXPECT_EQ(held_plan.withheld, transition_of(free_plan));
    if (!situation.row || !held_plan.withheld) return;
    Situation after_hold = applied(held, held_plan);
    after_hold.options.withhold_transition = false;
    const Planned released = after_hold.planned();
    EXPECT_EQ(transition_of(released), held_plan.withheld) << "holding must not lose the transition";
    EXPECT_EQ(released.change->after, free_plan.change->after) << "nor change where it leads";
  });
}

TEST(PlanProperties, RolesThatOthersGaveAreNotTakenAndUnknownFactsTakeNone) {
  for_many_situations([](const Situation& situation, const Planned& planned, Generator&) {
    if (!planned.change || !situation.row) return;
    const RowRoles& before = planned.change->before.roles;
    const RowRoles& after = planned.change->after.roles;
    const RoleRules& rules = situation.environment.roles;
    const RoleSet taken = before.held & ~after.held;
    EXPECT_EQ(taken & ~before.given, 0U) << "another's";
    EXPECT_EQ(after.held & ~before.held & ~before.available, 0U) << "not of the row's business unit";
    EXPECT_EQ(after.held & ~before.held & before.given, 0U) << "somebody took it";
    if (!rules.takes || situation.options.withhold_transition) {
      EXPECT_EQ(taken, 0U);
    }
    const bool lost_licence = planned.reason == Reason::no_license || planned.reason == Reason::guest_no_license;
    if (!situation.identity.plan_roles && !lost_licence) {
      EXPECT_EQ(taken & rules.by_license, 0U);
    }
  });
}

TEST(PlanProperties, ADisabledRowGainsNothing) {
  for_many_situations([](const Situation& situation, const Planned& planned, Generator&) {
    if (!planned.change || !planned.change->after.isdisabled) return;
    EXPECT_TRUE(without(planned.change->after.teams, planned.change->before.teams).empty());
    if (situation.environment.roles.on_disabled_users) return;
    EXPECT_EQ(planned.change->after.roles.held & ~planned.change->before.roles.held, 0U);
  });
}

TEST(PlanProperties, EnabledRowsHaveNoReasonAndOtherModesAreLeftAlone) {
  for_many_situations([](const Situation& situation, const Planned& planned, Generator&) {
    if (!planned.change) return;
    const SystemUser& before = planned.change->before;
    const SystemUser& after = planned.change->after;
    if (!after.isdisabled && !planned.withheld) {
      EXPECT_FALSE(after.disabledreason);
    }
    if (!situation.row) return;
    const bool others_choice = before.accessmode >= 2 || (before.accessmode == 1 && !before.setupuser);
    if (others_choice) {
      EXPECT_EQ(after.accessmode, before.accessmode);
      EXPECT_EQ(after.setupuser, before.setupuser);
    }
    if (state_of(&before) == RowState::disabled_otherwise && after.isdisabled) {
      EXPECT_EQ(after.disabledreason, before.disabledreason);
    }
  });
}

TEST(PlanProperties, TheOrderOfIdentitiesIsIrrelevant) {
  Generator generator{seed()};
  std::vector<Situation> batch;
  for (std::uint64_t i = 0; i < 500; ++i) batch.push_back(generator.situation(i));
  const auto carry_out = [](std::vector<Situation> situations) {
    for (Situation& situation : situations) situation = applied(situation, situation.planned());
    std::ranges::sort(situations, {}, [](const Situation& situation) { return situation.identity.object_id; });
    return situations;
  };
  std::vector<Situation> reversed{batch.rbegin(), batch.rend()};
  const std::vector<Situation> one_way = carry_out(batch);
  const std::vector<Situation> other_way = carry_out(reversed);
  ASSERT_EQ(one_way.size(), other_way.size());
  for (std::size_t i = 0; i < one_way.size(); ++i) {
    EXPECT_EQ(one_way[i].row, other_way[i].row);
    EXPECT_EQ(one_way[i].known, other_way[i].known);
  }
}

}  // namespace
}  // namespace dvsync::core
