#include "status/health.hpp"

#include "cli_support.hpp"

namespace dvsync::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr HealthLimits limits{std::chrono::minutes(30), std::chrono::minutes(60)};

EnvironmentStatus environment(std::int64_t seconds_ago) {
  EnvironmentStatus one;
  one.name = "contoso";
  one.in_line_seconds_ago = seconds_ago;
  return one;
}

Health of(EnvironmentStatus one) {
  Status status;
  status.environments.push_back(std::move(one));
  return health_of(status, limits);
}

TEST(Health, IsOneLineWithPerformanceData) {
  const auto health = of(environment(180));
  EXPECT_EQ(health.state, HealthState::ok);
  EXPECT_EQ(health.line,
            "DVSYNC OK - contoso: last run that went through 3 minutes ago | 'contoso_age'=180s;1800;3600;0 "
            "'contoso_held'=0;0;;0 'contoso_failures'=0;0;;0 'contoso_behind'=0;;;0 'contoso_rejected'=0;;;0");
}

TEST(Health, SuffersWithAge) {
  EXPECT_EQ(of(environment(1800)).state, HealthState::ok);
  EXPECT_EQ(of(environment(1801)).state, HealthState::warning);
  EXPECT_EQ(of(environment(3601)).state, HealthState::critical);
  auto never = environment(0);
  never.in_line_seconds_ago.reset();
  EXPECT_EQ(of(never).state, HealthState::critical);
}

TEST(Health, SuffersFromWhatNeedsAttention) {
  auto held = environment(60);
  held.held.push_back({.run_id = 7, .guard_class = "absent", .decisions = 600, .since = {}, .seconds = 7300});
  EXPECT_EQ(of(held).state, HealthState::warning);
  EXPECT_THAT(of(held).line, HasSubstr("600 decisions held back for 2 hours"));
  auto failing = environment(60);
  failing.failures = 2;
  EXPECT_EQ(of(failing).state, HealthState::warning);
  auto incomplete = environment(60);
  auto& run = incomplete.last_run.emplace();
  run.outcome = "incomplete";
  run.missing = {"the security group cannot be read"};
  EXPECT_EQ(of(incomplete).state, HealthState::warning);
}

TEST(Health, TellsTheWorstFirst) {
  Status status;
  status.environments.push_back(environment(60));
  EnvironmentStatus down;
  down.name = "down";
  down.error = "cannot connect";
  status.environments.push_back(down);
  const auto health = health_of(status, limits);
  EXPECT_EQ(health.state, HealthState::critical);
  EXPECT_THAT(health.line, StartsWith("DVSYNC CRITICAL - down: cannot connect; contoso:"));
}

TEST(Health, KeepsToItsOneLineWhateverTheNames) {
  auto odd = environment(60);
  odd.name = "a|b'c=d\ne";
  const auto line = of(odd).line;
  EXPECT_EQ(std::count(line.begin(), line.end(), '|'), 1);
  EXPECT_THAT(line, Not(HasSubstr("\n")));
  EXPECT_THAT(line, HasSubstr("'a/b_c_d?e_age'="));
}

TEST(HealthLimits, FollowTheSchedule) {
  const auto rare = limits_for(
      {.every = std::chrono::hours(1), .full_every = std::chrono::hours(24), .jitter = {}, .fresh_within = {}});
  EXPECT_EQ(rare.warning, std::chrono::hours(2));
  EXPECT_EQ(rare.critical, std::chrono::hours(4));
  const auto often = limits_for(
      {.every = std::chrono::seconds(5), .full_every = std::chrono::hours(24), .jitter = {}, .fresh_within = {}});
  EXPECT_EQ(often.warning, std::chrono::minutes(5));
}

}  // namespace
}  // namespace dvsync::cli
