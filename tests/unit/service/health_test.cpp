// The judgement of health, fact by fact.

#include "dvsync/service/health.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dvsync::service {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Limits: a warning after 30 minutes, critical after an hour.
const config::Schedule schedule{.every = 15min, .full_every = 24h, .jitter = 0s, .fresh_within = {}};

store::EnvironmentStatus environment(const std::string& name, std::chrono::seconds in_line_ago = 1min) {
  store::EnvironmentStatus one;
  one.name = name;
  one.in_line_ago = in_line_ago;
  one.watermark = 5;
  return one;
}

// A daemon works, and everything is well.
Status calm() {
  Status status;
  status.mirror.directory = "file";
  status.mirror.pulled_at = core::Timestamp(1s);
  status.mirror.listing_complete = true;
  status.mirror.schedule = {.holder = "db1, pid 7, dvsync run",
                            .daemon_known = true,
                            .held_by_daemon = true,
                            .since_run = 1min,
                            .last_succeeded = true};
  status.environments.push_back(environment("contoso"));
  return status;
}

std::vector<std::string> codes(const Status& status) {
  std::vector<std::string> all;
  for (const auto& finding : judge(status, schedule)) {
    all.push_back(std::string(name_of(finding.severity)) + " " + std::string(finding.code));
  }
  return all;
}

TEST(Health, FindsNothingOnACalmDay) { EXPECT_THAT(codes(calm()), IsEmpty()); }

TEST(Health, ADaemonThatShouldHaveRunAndDidNotComesFirst) {
  auto status = calm();
  status.mirror.schedule.free = true;
  status.mirror.schedule.held_by_daemon = false;
  status.environments[0].failures.count = 2;
  EXPECT_THAT(codes(status), ElementsAre("warning failing")) << "it has not missed its time yet";
  status.mirror.schedule.since_run = 31min;
  EXPECT_THAT(codes(status), ElementsAre("warning daemon_missing", "warning failing"));
  status.mirror.schedule.since_run = 61min;
  status.environments[0].in_line_ago = 61min;
  const auto findings = judge(status, schedule);
  EXPECT_EQ(findings[0].severity, Severity::critical);
  EXPECT_EQ(findings[0].code, "daemon_missing");
  EXPECT_EQ(findings[0].what,
            "no daemon works, nobody has the lease: its last run began 61 min ago, and one is due every 15 min");
  EXPECT_THAT(findings[0].next, HasSubstr("systemctl start dvsync"));
  EXPECT_EQ(findings[0].age, 61min);
  EXPECT_EQ(findings[1].code, "overdue");
}

TEST(Health, MissesPlacesThatCannotBeTold) {
  auto status = calm();
  status.mirror.alarms = {{.target = "chat", .waiting = 2, .waiting_for = 30min, .failure = "the answer was 503"},
                          {.target = "pager", .standing = 1, .waiting = 1, .waiting_for = 3h}};
  EXPECT_THAT(codes(status), IsEmpty()) << "the one is tried again, the other was not tried yet";
  status.mirror.alarms[0].waiting_for = 31min;
  EXPECT_THAT(codes(status), ElementsAre("warning alarms_undelivered"));
  EXPECT_EQ(judge(status, schedule)[0].what, "2 alarms for chat cannot be delivered: the answer was 503");
  EXPECT_THAT(judge(status, schedule)[0].next, HasSubstr("dvsync notify --test chat"));
}

TEST(Health, TellsTheWaysInWhichADaemonDoesNotRun) {
  auto status = calm();
  auto& daemon = status.mirror.schedule;
  daemon.since_run = 2h;
  EXPECT_THAT(codes(status), ElementsAre("critical daemon_idle"));
  daemon.running = true;
  EXPECT_THAT(codes(status), ElementsAre("warning run_lasts"));
  daemon.running = false;
  daemon.held_by_daemon = false;
  daemon.holder = "db1, pid 9, dvsync sync";
  EXPECT_THAT(codes(status), ElementsAre("critical daemon_waits"));
  daemon.free = true;
  daemon.since_run.reset();
  EXPECT_THAT(codes(status), ElementsAre("critical daemon_missing")) << "it ended before its first run";
}

TEST(Health, WhereNoDaemonEverRanTheEnvironmentsTell) {
  auto status = calm();
  status.mirror.schedule = {.free = true};
  EXPECT_THAT(codes(status), IsEmpty());
  status.environments[0].in_line_ago = 2h;
  EXPECT_THAT(codes(status), ElementsAre("critical overdue"));
  EXPECT_THAT(judge(status, schedule)[0].next, HasSubstr("by cron"));
}

TEST(Health, ADaemonThatWasGivenUpIsNotMissedWhileOthersKeepEverythingInLine) {
  auto status = calm();
  status.mirror.schedule.free = true;
  status.mirror.schedule.held_by_daemon = false;
  status.mirror.schedule.since_run = 24h * 8;
  EXPECT_THAT(codes(status), IsEmpty());
  status.environments[0].in_line_ago = 31min;
  EXPECT_THAT(codes(status), ElementsAre("critical daemon_missing", "warning overdue"));
}

TEST(Health, AgesByTheSchedule) {
  auto status = calm();
  auto& age = status.environments[0].in_line_ago;
  age = 30min;
  EXPECT_THAT(codes(status), IsEmpty());
  age = 30min + 1s;
  EXPECT_THAT(codes(status), ElementsAre("warning overdue"));
  age = 60min + 1s;
  status.environments[0].behind = 3;
  EXPECT_THAT(codes(status), ElementsAre("critical overdue"));
  EXPECT_THAT(judge(status, schedule)[0].what, HasSubstr("3 identities moved since"));
  age.reset();
  EXPECT_THAT(codes(status), ElementsAre("critical never_in_line"));
}

TEST(Health, CountsFailuresAndTellsTheLatest) {
  auto status = calm();
  auto& contoso = status.environments[0];
  contoso.failures = {.count = 3, .age = 10min};
  contoso.last_failure = "the mirror: publication without a replica identity";
  const auto findings = judge(status, schedule);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].severity, Severity::warning);
  EXPECT_EQ(findings[0].what,
            "3 runs failed or interrupted since the last that went through: the mirror: publication without a replica "
            "identity");
  EXPECT_EQ(findings[0].age, 10min);
}

TEST(Health, TellsWhatIsMissingHeldAndRejected) {
  auto status = calm();
  auto& contoso = status.environments[0];
  contoso.incomplete = {.count = 2, .age = 1h};
  contoso.missing = {"the security group cannot be read", "plans"};
  contoso.held.push_back(
      {.run_id = 15, .guard_class = "absent", .decisions = 612, .since = {}, .seconds = std::int64_t{3} * 86400});
  contoso.held.push_back({.run_id = 16, .guard_class = "admitted", .decisions = 1, .since = {}, .seconds = 60});
  contoso.rejected = {.count = 1, .age = 1h};
  contoso.approved = 1;
  const auto findings = judge(status, schedule);
  std::vector<std::string> told;
  for (const auto& finding : findings) told.push_back(finding.environment + ": " + finding.what);
  EXPECT_THAT(told, ElementsAre("contoso: incomplete: the security group cannot be read; plans",
                                "contoso: HELD: 612 disables (absent) of run 15, waiting for 3 d",
                                "contoso: HELD: 1 create or enable (admitted) of run 16, waiting for 1 min",
                                "contoso: 1 user is rejected", "contoso: 1 approved decision waits for the next run"));
  EXPECT_THAT(findings[1].next, HasSubstr("dvsync approve 15"));
  EXPECT_EQ(findings.back().severity, Severity::note);
}

TEST(Health, APlaceThatCannotBeAskedIsCriticalAndNothingElseIsSaidOfIt) {
  auto status = calm();
  status.environments.push_back({.name = "down", .unreachable = store::Unreachable{.why = "cannot connect"}});
  EXPECT_THAT(codes(status), ElementsAre("critical environment_unreachable"));
  status.mirror = {.unreachable = store::Unreachable{.why = "no mirror"}};
  EXPECT_THAT(codes(status), ElementsAre("critical mirror_unreachable", "critical environment_unreachable"));
}

TEST(Health, BeforeTheFirstRunSaysWhatToDo) {
  Status status;
  status.mirror.schedule.free = true;
  status.environments.push_back({.name = "contoso"});
  EXPECT_THAT(codes(status), ElementsAre("critical directory_never_read", "critical never_in_line"));
  EXPECT_THAT(judge(status, schedule)[0].next, HasSubstr("dvsync sync"));
}

TEST(Health, WarningsOfRunsAndAnIncompleteListingAreWorthKnowing) {
  auto status = calm();
  status.mirror.listing_complete = false;
  status.environments[0].last_run.emplace().warnings = {"eight non-interactive users"};
  EXPECT_THAT(codes(status), ElementsAre("note listing_incomplete", "note warning"));
  EXPECT_EQ(worst_of(judge(status, schedule)), Severity::note);
}

TEST(HealthLimits, FollowTheSchedule) {
  const auto rare = limits_for({.every = 1h, .full_every = 24h, .jitter = {}, .fresh_within = {}});
  EXPECT_EQ(rare.warning, 2h);
  EXPECT_EQ(rare.critical, 4h);
  const auto often = limits_for({.every = 5s, .full_every = 24h, .jitter = {}, .fresh_within = {}});
  EXPECT_EQ(often.warning, 5min);
}

}  // namespace
}  // namespace dvsync::service
