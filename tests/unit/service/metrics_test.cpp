#include "dvsync/service/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "service_support.hpp"

namespace dvsync::service {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class MetricsTest : public testing::Test {
 protected:
  Metrics::Time now = Metrics::Time(1'800'000'000s);
  Metrics metrics{[this] { return now; }};

  void pull(std::chrono::seconds duration) {
    now += duration;
    sync::PullReport report;
    report.records = 40;
    report.duration = duration;
    metrics.merged(report);
  }
};

TEST_F(MetricsTest, CountChangesByActionAndReason) {
  sync::CommittedChanges changes;
  changes.counted[{core::Decision::disable, core::Reason::no_license}] = 3;
  metrics.committed("contoso", 7, changes);
  metrics.committed("contoso", 8, changes);
  EXPECT_THAT(metrics.text(),
              HasSubstr("dvsync_changes_total{action=\"disable\",environment=\"contoso\",reason=\"no_license\"} 6"));
}

TEST_F(MetricsTest, TellTheLagFromTheReadingBeforeTheLast) {
  pull(2s);  // from 0 to 2
  now += 1s;
  metrics.environment_ends(1, test::environment("contoso"));
  EXPECT_THAT(metrics.text(), Not(HasSubstr("dvsync_lag_seconds{")));
  now += 57s;
  pull(5s);  // from 60 to 65
  now += 5s;
  metrics.environment_ends(2, test::environment("contoso"));
  EXPECT_THAT(metrics.text(), HasSubstr("dvsync_lag_seconds{environment=\"contoso\"} 70"));
  EXPECT_THAT(metrics.text(),
              HasSubstr("dvsync_in_line_with_directory_timestamp_seconds{environment=\"contoso\"} 1800000060"));
}

TEST_F(MetricsTest, AFailedRunMovesNothingButItsCount) {
  pull(1s);
  metrics.environment_ends(1, test::failed_environment("contoso", "gone"));
  EXPECT_THAT(metrics.text(),
              HasSubstr("dvsync_runs_total{environment=\"contoso\",kind=\"incremental\",outcome=\"failed\"} 1"));
  EXPECT_THAT(metrics.text(), Not(HasSubstr("dvsync_in_line_with_directory_timestamp_seconds{")));
}

TEST_F(MetricsTest, TellHowEverythingStandsNow) {
  Status status;
  auto& contoso = status.environments.emplace_back();
  contoso.name = "contoso";
  contoso.in_line_ago = 30s;
  contoso.failures.count = 2;
  contoso.rejected.count = 3;
  contoso.held.push_back({.run_id = 7, .guard_class = "absent", .decisions = 600, .since = {}, .seconds = 9});
  metrics.set_status(status, {{.severity = Severity::warning, .code = "held", .environment = "contoso"}});
  EXPECT_THAT(metrics.text(), HasSubstr("dvsync_held_decisions{class=\"absent\",environment=\"contoso\"} 600"));
  EXPECT_THAT(metrics.text(), HasSubstr("dvsync_held_decisions{class=\"stated\",environment=\"contoso\"} 0"));
  EXPECT_THAT(metrics.text(), HasSubstr("dvsync_failed_runs{environment=\"contoso\"} 2"));
  EXPECT_THAT(metrics.text(), HasSubstr("dvsync_rejected_users{environment=\"contoso\"} 3"));
  EXPECT_THAT(metrics.text(), HasSubstr("dvsync_last_success_timestamp_seconds{environment=\"contoso\"} 1799999970"));
  EXPECT_THAT(metrics.text(), HasSubstr("dvsync_findings{environment=\"contoso\",severity=\"warning\"} 1"));
  EXPECT_THAT(metrics.text(), HasSubstr("dvsync_health 1"));
  contoso = {.name = "contoso", .unreachable = store::Unreachable{.why = "gone"}};
  metrics.set_status(status, {});
  EXPECT_THAT(metrics.text(), HasSubstr("dvsync_environment_reachable{environment=\"contoso\"} 0"));
  EXPECT_THAT(metrics.text(), Not(HasSubstr("dvsync_rejected_users{"))) << "nothing of it is known any more";
  metrics.set_status({}, {});
  EXPECT_THAT(metrics.text(), Not(HasSubstr("environment=\"contoso\""))) << "it is configured no longer";
}

TEST_F(MetricsTest, BeginAtZeroSoThatTheFirstFailureIsAnIncrease) {
  config::Configuration configuration;
  configuration.environments.emplace_back().rules.name = "contoso";
  metrics.begin_at_zero(configuration);
  for (const char* outcome : {"succeeded", "incomplete", "held", "failed", "interrupted"}) {
    EXPECT_THAT(metrics.text(), HasSubstr("dvsync_runs_total{environment=\"contoso\",kind=\"incremental\",outcome=\"" +
                                          std::string(outcome) + "\"} 0"));
  }
  EXPECT_THAT(metrics.text(), HasSubstr("dvsync_attempts_total{result=\"failed\"} 0"));
  for (const char* reason : {"not_in_directory", "account_disabled", "not_in_security_group", "no_license"}) {
    EXPECT_THAT(metrics.text(), HasSubstr("dvsync_changes_total{action=\"disable\",environment=\"contoso\",reason=\"" +
                                          std::string(reason) + "\"} 0"));
  }
}

TEST_F(MetricsTest, AreReplacedAsAWhole) {
  const auto folder = std::filesystem::temp_directory_path() / ("dvsync-metrics-" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  const auto file = folder / "dvsync.prom";
  metrics.run_ended(true);
  EXPECT_EQ(metrics.write(file), std::nullopt);
  EXPECT_EQ(metrics.write(file), std::nullopt);
  std::stringstream written;
  written << std::ifstream(file).rdbuf();
  EXPECT_EQ(written.str(), metrics.text());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
  EXPECT_THAT(metrics.write(folder / "missing" / "dvsync.prom").value_or(""), HasSubstr("No such file"));
  std::filesystem::remove_all(folder);
}

TEST_F(MetricsTest, AreNotWrittenThroughASymbolicLink) {
  const auto folder = std::filesystem::temp_directory_path() / ("dvsync-metrics-link-" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  const auto victim = folder / "victim";
  std::ofstream(victim) << "precious";
  std::filesystem::create_symlink(victim, folder / "dvsync.prom.new");
  std::filesystem::create_symlink(victim, folder / "dvsync.prom");
  EXPECT_EQ(metrics.write(folder / "dvsync.prom"), std::nullopt);
  std::stringstream left;
  left << std::ifstream(victim).rdbuf();
  EXPECT_EQ(left.str(), "precious");
  EXPECT_FALSE(std::filesystem::is_symlink(folder / "dvsync.prom"));
  std::filesystem::remove_all(folder);
}

TEST_F(MetricsTest, SayWhichProgramThisIsAndWhatTheMomentIs) {
  EXPECT_THAT(metrics.text(), HasSubstr("dvsync_build_info{version=\""));
  EXPECT_THAT(metrics.text(), HasSubstr("\ndvsync_database_sessions 0\n"));
  EXPECT_THAT(metrics.text(), Not(HasSubstr("dvsync_next_run_timestamp_seconds")));
  const Metrics asked([this] { return now; }, [this] { return Moment{.sessions = 3, .next_run = now + 5s}; });
  EXPECT_THAT(asked.text(), HasSubstr("\ndvsync_database_sessions 3\n"));
  EXPECT_THAT(asked.text(), HasSubstr("\ndvsync_next_run_timestamp_seconds 1800000005\n"));
}

TEST_F(MetricsTest, SaySinceWhenTheFirstDecisionWaits) {
  Status status;
  status.environments.push_back({.name = "contoso",
                                 .held = {{.run_id = 1, .guard_class = "absent", .decisions = 2, .seconds = 60},
                                          {.run_id = 2, .guard_class = "absent", .decisions = 3, .seconds = 20}}});
  metrics.set_status(status, {});
  const auto text = metrics.text();
  EXPECT_THAT(text, HasSubstr("dvsync_held_decisions{class=\"absent\",environment=\"contoso\"} 5\n"));
  EXPECT_THAT(text,
              HasSubstr("dvsync_held_since_timestamp_seconds{class=\"absent\",environment=\"contoso\"} 1799999940\n"));
  EXPECT_THAT(text, Not(HasSubstr("dvsync_held_since_timestamp_seconds{class=\"stated\"")));
}

TEST_F(MetricsTest, AreToldWhileTheyMove) {
  std::atomic<bool> over = false;
  std::thread reader([&] {
    while (!over) EXPECT_THAT(metrics.text(), HasSubstr("dvsync_build_info"));
  });
  Status status;
  status.environments.push_back({.name = "contoso"});
  sync::CommittedChanges changes;
  changes.counted[{core::Decision::disable, core::Reason::no_license}] = 1;
  for (int i = 0; i < 200; ++i) {
    metrics.set_status(status, {});
    metrics.committed("contoso", i, changes);
  }
  over = true;
  reader.join();
}

}  // namespace
}  // namespace dvsync::service
