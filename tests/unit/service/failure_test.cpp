#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dvsync/service/failure_log.hpp"
#include "service_support.hpp"

namespace dvsync::service {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

const FailureStreak::Time start = FailureStreak::Time(1000h);

TEST(FailureStreak, TellsTheFirstThenACountThenThatItRecovered) {
  FailureStreak streak;
  std::vector<std::string> lines;
  for (int i = 0; i < 1000; ++i) {
    if (auto line = streak.failed("no route to host", start + i * 1s)) lines.push_back(*line);
  }
  lines.push_back(streak.recovered(start + 1200s).value_or(""));
  EXPECT_THAT(lines, ElementsAre("no route to host", HasSubstr("still failing: 10 times"), HasSubstr("100 times"),
                                 HasSubstr("1000 times in 16 min"), "recovered after 1000 failures in 20 min"));
  EXPECT_EQ(streak.recovered(start), std::nullopt);
}

TEST(FailureStreak, ReportsAnotherCauseAtOnce) {
  FailureStreak streak;
  EXPECT_TRUE(streak.failed("one", start));
  EXPECT_TRUE(streak.failed("two", start));
  EXPECT_FALSE(streak.failed("one", start));
}

TEST(FailureStreak, RemindsOnceAnHour) {
  FailureStreak streak;
  EXPECT_TRUE(streak.failed("down", start));
  EXPECT_FALSE(streak.failed("down", start + 30min));
  EXPECT_TRUE(streak.failed("down", start + 61min));
  EXPECT_FALSE(streak.failed("down", start + 62min));
}

TEST(FailureStreak, IsNotFloodedByAFailureThatNeverReadsTheSame) {
  FailureStreak streak;
  int lines = 0;
  for (int i = 0; i < 500; ++i) lines += streak.failed(std::to_string(i), start) ? 1 : 0;
  EXPECT_LT(lines, 20);
}

TEST(FailureLog, KeepsTheCausesApart) {
  test::RecordedLog log;
  FailureLog failures(log.log);
  const auto first = test::run(7, {test::failed_environment("one", "gone"), test::environment("two")});
  EXPECT_FALSE(failures.take(first, start));
  EXPECT_FALSE(failures.take(first, start));
  EXPECT_FALSE(failures.take(test::run(8, {test::environment("one"), test::failed_environment("two", "full")}), start));
  EXPECT_THAT(log.lines(),
              ElementsAre("environment one: gone", HasSubstr("environment one: recovered after 2 failures"),
                          "environment two: full"));
}

TEST(FailureLog, SaysOnceWhatSeveralEnvironmentsHaveInCommon) {
  test::RecordedLog log;
  FailureLog failures(log.log);
  const auto away =
      test::run(7, {test::failed_environment("one", "cannot connect"), test::failed_environment("two", "see one"),
                    test::failed_environment("three", "see one"), test::environment("four")});
  EXPECT_FALSE(failures.take(away, start));
  EXPECT_FALSE(failures.take(away, start));
  EXPECT_TRUE(failures.take(test::run(8, {test::environment("one"), test::environment("two")}), start));
  EXPECT_FALSE(failures.take(away, start));
  EXPECT_THAT(log.lines(), ElementsAre("environment one: cannot connect", "environments two, three: see one",
                                       HasSubstr("environment one: recovered after 2 failures"),
                                       "environment one: cannot connect", "environments two, three: see one"));
}

TEST(FailureLog, SaysADirectoryThatIsAwayOnceForAllEnvironments) {
  test::RecordedLog log;
  FailureLog failures(log.log);
  auto report = test::run(7, {test::failed_environment("one", "the directory was not read"),
                              test::failed_environment("two", "the directory was not read")});
  report.pull_error = "no such file";
  EXPECT_FALSE(failures.take(report, start));
  EXPECT_TRUE(failures.take(test::run(8, {test::environment("one")}), start));
  EXPECT_THAT(log.lines(), ElementsAre("directory: no such file", HasSubstr("directory: recovered")));
}

}  // namespace
}  // namespace dvsync::service
