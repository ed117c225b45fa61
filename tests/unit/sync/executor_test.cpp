// What becomes of decisions on the rows that are really there.

#include "sync/executor.hpp"

#include <gtest/gtest.h>

#include <random>

#include "fake_table.hpp"

namespace dvsync::sync {
namespace {

using core::Column;
using core::GuardClass;
using core::Reason;
using test::a_row;
using test::an_environment;
using test::an_identity;
using test::FakeTable;
using test::guid;

struct NothingFresher : FreshIdentities {
  void refresh(const std::vector<core::Identity*>&) override {}
};

class Executor : public ::testing::Test {
 protected:
  Executed run(std::vector<Task> tasks, LeftOver left_over = LeftOver::hand_back) {
    changes.clear();
    return execute(
        table, an_environment(), std::move(tasks), nothing_fresher,
        [this](const core::Change& change, const auto&) { changes.push_back(change.action); }, left_over);
  }
  static Task task(const core::Identity& identity, Verdict verdict = Verdict::open) {
    return {.identity = identity,
            .options = {.withhold_transition = verdict == Verdict::held},
            .has_row = true,
            .verdict = verdict};
  }
  void given(std::uint64_t number) { table.rows[guid(number)] = row(number); }
  static core::SystemUser row(std::uint64_t number) {
    auto made = a_row(an_identity(number)).build();
    made.systemuserid = guid(1'000'000 + number);
    return made;
  }
  std::string name(std::uint64_t number) { return table.rows.at(guid(number))[Column::domainname].value_or(""); }
  static test::IdentityBuilder called(std::uint64_t number, const std::string& name) {
    return an_identity(number).with(core::Attribute::user_principal_name, name);
  }

  FakeTable table;
  NothingFresher nothing_fresher;
  std::vector<core::Decision> changes;
};

TEST_F(Executor, DoesNothingTheSecondTime) {
  const std::vector<Task> tasks{task(an_identity(1)), task(an_identity(2))};
  EXPECT_EQ(run(tasks).counters.created, 2);
  const auto again = run(tasks);
  EXPECT_EQ(again.counters.unchanged, 2);
  EXPECT_TRUE(changes.empty());
}

TEST_F(Executor, LetsAGuardedChangeWaitUntilTheGuardHasSpoken) {
  given(1);
  const auto leaver = an_identity(1).account_disabled();
  const auto waits = run({task(leaver)});
  EXPECT_EQ(waits.waiting, 1);
  EXPECT_EQ(waits.counters.seen, 0);
  EXPECT_EQ(table.pending.at(guid(1)).guard_class, GuardClass::stated);
  EXPECT_FALSE(table.rows.at(guid(1)).isdisabled);

  const auto released = run({task(leaver, Verdict::released)});
  EXPECT_EQ(released.counters.disabled, 1);
  EXPECT_EQ(released.passed[0], 1);
  EXPECT_TRUE(table.rows.at(guid(1)).isdisabled);
}

TEST_F(Executor, WritesEverythingButTheTransitionOfWhoIsHeld) {
  given(1);
  const auto held = run({task(an_identity(1).gone(), Verdict::held)});
  EXPECT_EQ(held.counters.held, 1);
  EXPECT_EQ(held.passed, store::ClassCounts{});
  EXPECT_FALSE(table.rows.at(guid(1)).isdisabled);
  EXPECT_EQ(table.rows.at(guid(1)).azurestate, 2);
  EXPECT_EQ(table.log.back().second, std::vector<std::string>{"held"});
}

TEST_F(Executor, DoesNotCountWhatWasApprovedAsPassed) {
  given(1);
  const auto approved = run({task(an_identity(1).account_disabled(), Verdict::approved)});
  EXPECT_EQ(approved.counters.disabled, 1);
  EXPECT_EQ(approved.passed, store::ClassCounts{});
  EXPECT_EQ(table.log.back().second, std::vector<std::string>{"approved"});
}

TEST_F(Executor, HandsBackWhoseRowIsLockedAndWritesTheOthers) {
  given(1);
  given(2);
  table.locked = {guid(1)};
  const auto promoted = [](std::uint64_t number) {
    return task(an_identity(number).with(core::Attribute::job_title, "Head"));
  };
  const auto first = run({promoted(1), promoted(2)});
  ASSERT_EQ(first.left_over.size(), 1U);
  EXPECT_EQ(first.left_over.front().identity.object_id, guid(1));
  EXPECT_EQ(first.counters.seen, 1);
  EXPECT_EQ(first.counters.updated, 1);

  const auto last = run({promoted(1)}, LeftOver::settle);
  EXPECT_EQ(last.locked, 1);
  EXPECT_EQ(last.counters.rejected, 1);
  EXPECT_EQ(last.rejections.at(0).reason, row_locked);
}

TEST_F(Executor, SaysWhichApprovalStandsForALockedRow) {
  given(1);
  table.locked = {guid(1)};
  const auto last = run({task(an_identity(1).account_disabled(), Verdict::approved)}, LeftOver::settle);
  EXPECT_EQ(last.unapplied, std::vector<core::Guid>{guid(1)});
}

TEST_F(Executor, ExchangesNamesAtTheEnd) {
  table.unique_names = true;
  given(1);
  given(2);
  const std::vector<Task> tasks{task(called(1, "ana2@contoso.example")), task(called(2, "ana1@contoso.example"))};
  EXPECT_EQ(run(tasks).left_over.size(), 2U);
  const auto last = run(tasks, LeftOver::settle);
  EXPECT_EQ(last.counters.updated, 2);
  EXPECT_EQ(name(1), "ana2@contoso.example");
  EXPECT_EQ(name(2), "ana1@contoso.example");
}

TEST_F(Executor, RejectsAloneWhoseNameStaysTaken) {
  table.unique_names = true;
  for (const std::uint64_t number : {1, 2, 3}) given(number);
  const auto last = run({task(called(1, "ana3@contoso.example"))}, LeftOver::settle);
  EXPECT_EQ(last.counters.rejected, 1);
  EXPECT_EQ(last.rejections.at(0).object_id, guid(1));
  EXPECT_EQ(name(1), "ana1@contoso.example");
}

TEST_F(Executor, StillDisablesWhoseFieldsTheTableRefuses) {
  given(1);
  table.refused_jobs = {"Fool"};
  const auto done =
      run({task(an_identity(1).account_disabled().with(core::Attribute::job_title, "Fool"), Verdict::released)});
  EXPECT_EQ(done.counters.disabled, 1);
  EXPECT_EQ(done.rejections.size(), 1U);
  EXPECT_EQ(table.rows.at(guid(1))[Column::jobtitle], "Engineer");
}

TEST_F(Executor, PlansAgainWhenSomebodyElseCreatedTheRow) {
  given(1);
  auto newcomer = task(an_identity(1).with(core::Attribute::job_title, "Head"));
  newcomer.has_row = false;  // as it was read, before the other one
  const auto done = run({newcomer});
  EXPECT_EQ(done.counters.updated, 1);
  EXPECT_EQ(done.counters.created, 0);
}

// A tenant of the dice's, in every state, with some names exchanged.
std::vector<Task> a_tenant(std::mt19937& random, FakeTable& table) {
  std::vector<Task> tasks;
  const auto maybe = [&](int in) { return random() % static_cast<unsigned>(in) == 0; };
  std::vector<int> names{1, 2, 3, 4, 5, 6, 7, 8};
  if (maybe(2)) std::shuffle(names.begin(), names.end(), random);
  for (std::uint64_t number = 1; number <= names.size(); ++number) {
    auto who = an_identity(number).with(core::Attribute::user_principal_name,
                                        "name" + std::to_string(names[number - 1]) + "@contoso.example");
    const auto verdict = maybe(3) ? Verdict::held : Verdict::released;
    if (maybe(3)) who.account_disabled();
    if (maybe(3)) who.with(core::Attribute::job_title, maybe(2) ? "Fool" : "Head");
    if (!maybe(3)) {
      auto row =
          a_row(an_identity(number)).with(Column::domainname, "name" + std::to_string(number) + "@contoso.example");
      if (maybe(4)) row.disabled(Reason::no_license);
      table.rows[guid(number)] = row.build();
      table.rows[guid(number)].systemuserid = guid(1'000'000 + number);
    }
    tasks.push_back({.identity = who.build(),
                     .options = {.withhold_transition = verdict == Verdict::held},
                     .has_row = true,
                     .verdict = verdict});
  }
  table.unique_names = maybe(2);
  table.refused_jobs = {"Fool"};
  return tasks;
}

FakeTable::Rows without_ids(FakeTable::Rows rows) {
  for (auto& [id, row] : rows) row.systemuserid = {};
  return rows;
}

// Whichever call fails: nothing of the transaction stays, and the next attempt ends as an undisturbed one.
TEST_F(Executor, EndsAlikeWhicheverCallFailed) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 100; ++i) {
    FakeTable before;
    const auto tasks = a_tenant(random, before);
    table = before;
    const auto undisturbed = run(tasks, LeftOver::settle);
    EXPECT_TRUE(undisturbed.counters.add_up());
    EXPECT_EQ(undisturbed.counters.seen, static_cast<std::int64_t>(tasks.size()));
    const auto wanted = without_ids(table.rows);
    const int calls = table.calls;
    for (int n = 1; n <= calls; ++n) {
      table = before;
      table.fails_at = n;
      EXPECT_THROW(static_cast<void>(run(tasks, LeftOver::settle)), StoreError);
      table = before;  // the transaction is rolled back
      EXPECT_EQ(run(tasks, LeftOver::settle).counters, undisturbed.counters);
      EXPECT_EQ(without_ids(table.rows), wanted);
    }
  }
}

// Batches of a run and requests one by one bring the same rows about.
TEST_F(Executor, DoesTheSameForARunAndForRequests) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 300; ++i) {
    FakeTable before;
    const auto tasks = a_tenant(random, before);
    before.unique_names = false;  // an exchange needs both
    table = before;
    const auto of_run = run(tasks, LeftOver::settle);
    const auto wanted = without_ids(table.rows);
    table = before;
    core::Counters of_requests;
    for (const auto& one : tasks) of_requests += run({one}, LeftOver::settle).counters;
    EXPECT_EQ(of_run.counters, of_requests);
    EXPECT_EQ(wanted, without_ids(table.rows));
  }
}

}  // namespace
}  // namespace dvsync::sync
