#include "dvsync/service/run_reporter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service_support.hpp"

namespace dvsync::service {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string field(const Entry& entry, std::string_view name) {
  for (const auto& one : entry.fields) {
    if (one.name == name) return one.value;
  }
  return "";
}

class RunReporterTest : public testing::Test {
 protected:
  test::RecordedLog log;
  Progress progress;
  RunReporter reporter{log.log, progress};

  static sync::CommittedChanges changes(std::size_t number) {
    sync::CommittedChanges all;
    for (std::size_t i = 0; i < number; ++i) {
      all.listed.push_back({.action = core::Decision::disable,
                            .reason = core::Reason::account_disabled,
                            .object_id = {},
                            .user = "ana@contoso.example",
                            .notes = {"approved"}});
    }
    return all;
  }
};

TEST_F(RunReporterTest, TellsAChangeInWordsAndInFields) {
  reporter.committed("contoso", 7, changes(1));
  ASSERT_EQ(log.entries().size(), 1U);
  const auto entry = log.entries().front();
  EXPECT_EQ(entry.message, "contoso: disable ana@contoso.example (account_disabled) [approved]");
  EXPECT_EQ(entry.priority, Priority::info);
  EXPECT_EQ(field(entry, "DVSYNC_RUN"), "7");
  EXPECT_EQ(field(entry, "DVSYNC_ENVIRONMENT"), "contoso");
  EXPECT_EQ(field(entry, "DVSYNC_USER"), "ana@contoso.example");
  EXPECT_EQ(field(entry, "DVSYNC_ACTION"), "disable");
  EXPECT_EQ(field(entry, "DVSYNC_REASON"), "account_disabled");
}

TEST_F(RunReporterTest, DoesNotFloodTheLog) {
  for (int i = 0; i < 5; ++i) reporter.committed("contoso", 7, changes(4000));
  EXPECT_EQ(log.entries().size(), 10'001U);
  EXPECT_THAT(log.lines().back(), HasSubstr("`dvsync log --run 7` shows them all"));
  reporter.environment_begins("contoso", 8, 0);
  reporter.committed("contoso", 8, changes(1));
  EXPECT_EQ(log.entries().size(), 10'003U);
}

TEST_F(RunReporterTest, SaysWhatStaysWrongOnce) {
  auto report = test::environment("contoso");
  report.outcome = store::Outcome::incomplete;
  report.missing = {"the security group cannot be read"};
  const auto run = [&](std::int64_t id) {
    reporter.rejected("contoso", id, std::nullopt, "bob@contoso.example", "invalid_value", "jobTitle holds NUL");
    reporter.environment_ends(id, report);
  };
  run(1);
  const auto before = log.lines().size();
  run(2);
  EXPECT_EQ(log.lines().size(), before + 1);  // the outcome alone
  report.missing.clear();
  reporter.environment_ends(3, report);
  run(4);
  EXPECT_THAT(log.lines().back(), HasSubstr("incomplete"));
  reporter.rejected("contoso", 5, std::nullopt, "bob@contoso.example", "invalid_value", "jobTitle holds NUL");
  EXPECT_EQ(log.entries().back().priority, Priority::warning);
}

TEST_F(RunReporterTest, LeavesFailuresToTheThinnedLog) {
  reporter.environment_ends(1, test::failed_environment("contoso", "gone"));
  EXPECT_TRUE(log.lines().empty());
}

TEST_F(RunReporterTest, LetsNoNameMoveTheCursor) {
  sync::CommittedChanges all;
  sync::CommittedChange change;
  change.user = "a\x1b[2Jb\nc";
  all.listed.push_back(change);
  reporter.committed("contoso", 1, all);
  EXPECT_THAT(log.lines(), ElementsAre("contoso: update a?[2Jb?c (entitled)"));
}

}  // namespace
}  // namespace dvsync::service
