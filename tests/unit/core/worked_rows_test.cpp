// docs/rules.md, Worked rows: the table, line by line. `-` no row, E enabled, D disabled by the sync, M disabled by
// hand.

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
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

// What a column of the table asks for. "keep" leaves the state, but may bring columns up to date; "" is not asked.
struct Expected {
  Expected(const char* text) : decision(text) {}  // NOLINT(google-explicit-constructor): the table reads like the rules
  Expected(const char* text, int mode) : decision(text), access_mode(mode) {}
  std::string_view decision;
  std::optional<int> access_mode = std::nullopt;
};

struct WorkedRow {
  int number;
  Environment environment;
  Identity identity;
  std::vector<Trigger> triggers;
  Expected none, enabled, disabled, manual;
  std::function<void(SystemUser&)> shape = [](SystemUser&) {};
  std::optional<AzureState> azure_state_after = std::nullopt;
};

Environment sticky() {
  Environment environment = an_environment();
  environment.manual_disable = ManualDisable::sticky;
  return environment;
}

Environment with_app_pass() {
  Environment environment = an_environment();
  environment.app_pass_capacity = true;
  return environment;
}

Environment created_by(std::uint64_t number) {
  Environment environment = an_environment(EnvironmentType::developer);
  environment.creator = test::guid(number);
  return environment;
}

void in_mode(SystemUser& row, AccessMode mode, bool setupuser) {
  row.accessmode = static_cast<std::int16_t>(mode);
  row.setupuser = setupuser;
}

std::vector<WorkedRow> worked_rows() {
  const Environment plain = an_environment();
  const Environment group = a_grouped_environment();
  const Environment nesting = a_grouped_environment(NestedGroups::first_access);
  const Environment trial = an_environment(EnvironmentType::trial);
  const auto administrator = [](Role role) { return an_identity().no_plan().role(role); };
  const std::function<void(SystemUser&)> was_administrator = [](SystemUser& row) {
    in_mode(row, AccessMode::administrative, true);
  };
  const std::function<void(SystemUser&)> non_interactive = [](SystemUser& row) {
    in_mode(row, AccessMode::non_interactive, false);
  };
  const std::function<void(SystemUser&)> was_deleted = [](SystemUser& row) {
    row.azurestate = static_cast<std::int16_t>(AzureState::soft_deleted);
    row.azuredeletedon = test::at(1'600'000'000);
  };
  const std::vector<Trigger> requests{on_demand, first_access};
  return {
      {1, plain, an_identity(), {background}, "create", "keep", "enable", "keep"},
      {2, plain, an_identity(), requests, "create", "keep", "enable", "enable"},
      {2, sticky(), an_identity(), requests, "create", "keep", "enable", "refuse"},
      {3, group, an_identity().direct(), {background}, "create", "keep", "enable", "keep"},
      {4, group, an_identity(), {background}, "ignore", "disable", "keep", "keep"},
      {5, group, an_identity(), {on_demand}, "refuse", "disable", "refuse", "refuse"},
      {6, nesting, an_identity().nested(), {background}, "ignore", "keep", "keep", "keep"},
      {7, nesting, an_identity().nested(), {first_access}, "create", "keep", "enable", "enable"},
      {8, nesting, an_identity().nested(), {on_demand}, "refuse", "keep", "refuse", "refuse"},
      {9, group, an_identity().nested(), {background}, "ignore", "disable", "keep", "keep"},
      {9, group, an_identity().nested(), requests, "refuse", "disable", "refuse", "refuse"},
      {10, group, an_identity().owner(), {on_demand}, "create", "keep", "enable", "enable"},
      {11, plain, an_identity().free_plan(), {background}, "ignore", "keep", "keep", "keep"},
      {12, plain, an_identity().free_plan(), {on_demand}, "create", "keep", "enable", "enable"},
      {13, plain, an_identity().no_plan(), {background}, "ignore", "disable", "keep", "keep"},
      {14, with_app_pass(), an_identity().no_plan().guest(), {on_demand}, "refuse", "disable", "refuse", "refuse"},
      {15,
       group,
       administrator(Role::global_administrator),
       {background},
       {"create", 1},
       {"keep", 1},
       {"enable", 1},
       {"keep", 1}},
      {16, group, administrator(Role::dynamics365_administrator), {background}, "ignore", "disable", "keep", "keep"},
      {17,
       group,
       an_identity().role(Role::global_administrator).account_disabled(),
       {background},
       "ignore",
       "disable",
       "keep",
       "keep"},
      {18,
       plain,
       an_identity().free_plan(),
       {background},
       "",
       {"keep", 0},
       {"keep", 1},
       {"keep", 1},
       was_administrator},
      {19,
       group,
       an_identity().no_plan().direct(),
       {background},
       "",
       {"keep", 4},
       {"enable", 4},
       {"keep", 4},
       non_interactive},
      {20, group, an_identity().no_plan(), {background}, "", {"disable", 4}, {"keep", 4}, {"keep", 4}, non_interactive},
      {21, trial, an_identity(), {background}, "ignore", "keep", "enable", "keep"},
      {22, trial, an_identity(), {on_demand}, "create", "keep", "enable", "enable"},
      {23, created_by(1), an_identity(1).no_plan(), {background}, {"create", 0}, "keep", "enable", "keep"},
      {24, created_by(2), an_identity(1), {on_demand}, "refuse", "keep", "enable", "enable"},
      {25, plain, an_identity(), {background}, "create", "keep", "enable", "keep", was_deleted, AzureState::exists},
      {26,
       plain,
       an_identity().account_disabled().defect("jobTitle holds NUL"),
       {background},
       "ignore",
       "disable",
       "keep",
       "keep"},
      {27,
       group,
       an_identity().account_disabled().direct(std::nullopt),
       {background},
       "ignore",
       "disable",
       "keep",
       "keep"},
      {28, group, an_identity().direct(std::nullopt), {background}, "ignore", "keep", "keep", "keep"},
  };
}

void expect_state(const Expected& expected, RowState before, const Planned& planned, const SystemUser* row) {
  const SystemUser* after = planned.change ? &planned.change->after : row;
  const RowState state = state_of(after);
  const bool admits = expected.decision == "create" || expected.decision == "enable";
  const RowState wanted = admits                           ? RowState::enabled
                          : expected.decision == "disable" ? RowState::disabled_by_sync
                                                           : before;
  EXPECT_EQ(state, wanted);
  EXPECT_EQ(planned.access, wanted == RowState::enabled);
  if (expected.access_mode) {
    ASSERT_NE(after, nullptr);
    EXPECT_EQ(after->accessmode, *expected.access_mode);
  }
}

void expect_decision(const WorkedRow& worked, Trigger trigger, const Expected& expected, const SystemUser* row) {
  const Planned planned = plan(worked.environment, {.trigger = trigger}, worked.identity, row);
  const std::string_view decision = name_of(planned.decision);
  if (expected.decision == "keep") {
    EXPECT_TRUE(decision == "keep" || decision == "update") << decision;
  } else {
    EXPECT_EQ(decision, expected.decision);
  }
  expect_state(expected, state_of(row), planned, row);
  if (row != nullptr && worked.azure_state_after) {
    ASSERT_TRUE(planned.change);
    EXPECT_EQ(planned.change->after.azurestate, static_cast<std::int16_t>(*worked.azure_state_after));
    EXPECT_EQ(planned.change->after.azuredeletedon, std::nullopt);
  }
  if (worked.number == 28) {
    EXPECT_EQ(planned.missing, Reason::security_group_unknown);
  }
  if (worked.number == 26) {
    EXPECT_TRUE(planned.rejection);
  }
}

void expect_decisions(const WorkedRow& worked, Trigger trigger) {
  SystemUser enabled = a_row(worked.identity);
  worked.shape(enabled);
  {
    SCOPED_TRACE("-");
    if (!worked.none.decision.empty()) expect_decision(worked, trigger, worked.none, nullptr);
  }
  {
    SCOPED_TRACE("E");
    expect_decision(worked, trigger, worked.enabled, &enabled);
  }
  for (const Reason reason : {Reason::no_license, Reason::account_disabled, Reason::not_in_directory}) {
    SCOPED_TRACE("D " + std::string{code_of(reason)});
    const SystemUser disabled = test::RowBuilder{enabled}.disabled(reason);
    expect_decision(worked, trigger, worked.disabled, &disabled);
  }
  for (const Text& reason : {Text{}, Text{""}, Text{"left the project"}, Text{"manually_disabled"}}) {
    SCOPED_TRACE("M " + reason.value_or("null"));
    SystemUser manual = test::RowBuilder{enabled}.disabled_otherwise();
    manual.disabledreason = reason;
    expect_decision(worked, trigger, worked.manual, &manual);
  }
}

TEST(WorkedRows, AreDecidedAsTheRulesSay) {
  for (const WorkedRow& worked : worked_rows()) {
    for (const Trigger trigger : worked.triggers) {
      SCOPED_TRACE("row " + std::to_string(worked.number) + ", " + std::string{name_of(trigger)});
      expect_decisions(worked, trigger);
    }
  }
}

TEST(WorkedRows, AreAllThere) {
  std::vector<bool> seen(29, false);
  for (const WorkedRow& worked : worked_rows()) seen[static_cast<std::size_t>(worked.number)] = true;
  for (std::size_t number = 1; number <= 28; ++number) EXPECT_TRUE(seen[number]) << number;
}

}  // namespace
}  // namespace dvsync::core
