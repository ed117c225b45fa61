#include "run_scheduler.hpp"

#include <gtest/gtest.h>

namespace dvsync::service {
namespace {

using namespace std::chrono_literals;

class RunSchedulerTest : public testing::Test {
 protected:
  // Time stands still unless a test moves it.
  RunScheduler::Time now = RunScheduler::Time(1000h);
  double fraction = 0;
  config::Schedule schedule{.every = 15min, .full_every = 24h, .jitter = 30s, .fresh_within = {}};
  RunScheduler scheduler{schedule, [this] { return fraction; }, now};

  void run(Kind kind, std::chrono::seconds duration = 0s) {
    scheduler.began(kind, now);
    now += duration;
    scheduler.succeeded();
  }
  // After a restart, with a full run an hour ago.
  void resume(bool first_run = false) {
    scheduler.resume({.since_run = 5min, .since_full = 1h, .unfinished = {}}, first_run, now);
  }
};

TEST_F(RunSchedulerTest, TheVeryFirstRunIsDueAtOnceAndLooksAtEverybody) { EXPECT_EQ(scheduler.due(now), Kind::full); }

TEST_F(RunSchedulerTest, ARunIsDueAtStartWhateverWasBefore) {
  resume(true);
  EXPECT_EQ(scheduler.due(now), Kind::incremental);
}

TEST_F(RunSchedulerTest, ATakeoverGoesOnWithTheSchedule) {
  resume();
  EXPECT_EQ(scheduler.due(now), std::nullopt);
  EXPECT_EQ(scheduler.next(), now + 10min);
  EXPECT_EQ(scheduler.due(now + 10min), Kind::incremental);
}

TEST_F(RunSchedulerTest, ATakeoverDoesAtOnceWhatWasNotFinished) {
  scheduler.resume({.since_run = 5min, .since_full = 1h, .unfinished = Kind::incremental}, false, now);
  EXPECT_EQ(scheduler.due(now), Kind::incremental);
  scheduler.resume({.since_run = 5min, .since_full = 1h, .unfinished = Kind::full}, false, now);
  EXPECT_EQ(scheduler.due(now), Kind::full);
}

TEST_F(RunSchedulerTest, ATakeoverAfterALongPauseRunsOnce) {
  scheduler.resume({.since_run = 3h, .since_full = 23h, .unfinished = {}}, false, now);
  EXPECT_EQ(scheduler.due(now), Kind::incremental);
  run(Kind::incremental);
  EXPECT_EQ(scheduler.due(now), std::nullopt);
  EXPECT_EQ(scheduler.next(), now + 15min);
}

TEST_F(RunSchedulerTest, MissedTimesCoalesce) {
  resume(true);
  run(Kind::incremental, 50min);
  EXPECT_EQ(scheduler.due(now), Kind::incremental);
  run(Kind::incremental, 1s);
  EXPECT_EQ(scheduler.due(now), std::nullopt);
}

TEST_F(RunSchedulerTest, AFullRunIsDueAtItsTimeAndReplacesTheOther) {
  resume();
  run(Kind::incremental);
  now += 23h;
  EXPECT_EQ(scheduler.due(now), Kind::full);
  run(Kind::full);
  EXPECT_EQ(scheduler.due(now + 15min), Kind::incremental);
  EXPECT_EQ(scheduler.due(now + 24h), Kind::full);
}

TEST_F(RunSchedulerTest, JitterOnlyEverDelays) {
  fraction = 0.5;
  run(Kind::full);
  EXPECT_EQ(scheduler.next(), now + 15min + 15s);
}

TEST_F(RunSchedulerTest, WishesAreOneRunOfTheWeightierKind) {
  resume();
  scheduler.ask(Kind::incremental);
  EXPECT_EQ(scheduler.due(now), Kind::incremental);
  scheduler.ask(Kind::full);
  scheduler.ask(Kind::incremental);
  EXPECT_EQ(scheduler.due(now), Kind::full);
  run(Kind::full);
  EXPECT_EQ(scheduler.due(now), std::nullopt);
}

TEST_F(RunSchedulerTest, AWishDuringARunIsARunAfterIt) {
  resume();
  scheduler.began(Kind::incremental, now);
  scheduler.ask(Kind::incremental);
  scheduler.succeeded();
  EXPECT_EQ(scheduler.due(now), Kind::incremental);
}

TEST_F(RunSchedulerTest, FailuresAreTriedAgainAtGrowingIntervalsUpToEvery) {
  resume();
  std::vector<std::chrono::seconds> pauses;
  for (int i = 0; i < 10; ++i) {
    scheduler.began(Kind::incremental, now);
    const auto next = scheduler.failed(now);
    EXPECT_EQ(scheduler.next(), next);
    EXPECT_EQ(scheduler.due(next - 1ms), std::nullopt);
    EXPECT_EQ(scheduler.due(next), Kind::incremental);
    pauses.push_back(std::chrono::duration_cast<std::chrono::seconds>(next - now));
    now = next;
  }
  EXPECT_EQ(pauses, (std::vector<std::chrono::seconds>{5s, 10s, 20s, 40s, 80s, 160s, 320s, 640s, 900s, 900s}));
}

TEST_F(RunSchedulerTest, AFailedFullRunIsStillOwed) {
  resume();
  scheduler.began(Kind::full, now);
  const auto retry = scheduler.failed(now);
  EXPECT_EQ(scheduler.due(retry), Kind::full);
  scheduler.reschedule({.every = 1min, .full_every = 48h, .jitter = 0s, .fresh_within = {}});
  EXPECT_EQ(scheduler.due(retry), Kind::full);
}

TEST_F(RunSchedulerTest, AFullRunThatOnlySomeMissedIsNotOwedToAll) {
  resume();
  scheduler.began(Kind::full, now);
  const auto retry = scheduler.failed(now, false);
  EXPECT_EQ(scheduler.due(retry), Kind::incremental);
}

TEST_F(RunSchedulerTest, AWishDoesNotWaitForTheRetry) {
  resume();
  scheduler.began(Kind::incremental, now);
  scheduler.failed(now);
  scheduler.ask(Kind::incremental);
  EXPECT_EQ(scheduler.due(now), Kind::incremental);
}

TEST_F(RunSchedulerTest, SuccessEndsTheBackoff) {
  resume();
  scheduler.began(Kind::incremental, now);
  scheduler.failed(now);
  scheduler.failed(now);
  run(Kind::incremental);
  EXPECT_EQ(scheduler.next(), now + 15min);
  scheduler.began(Kind::incremental, now);
  EXPECT_EQ(scheduler.failed(now), now + 5s);
}

TEST_F(RunSchedulerTest, ANewScheduleCountsFromTheLastRun) {
  resume();
  run(Kind::incremental);
  now += 2min;
  scheduler.reschedule({.every = 5min, .full_every = 24h, .jitter = 0s, .fresh_within = {}});
  EXPECT_EQ(scheduler.next(), now + 3min);
  scheduler.reschedule({.every = 1min, .full_every = 24h, .jitter = 0s, .fresh_within = {}});
  EXPECT_EQ(scheduler.due(now), Kind::incremental);
}

TEST(Backoff, IsLessByUpToAHalf) {
  double fraction = 0;
  Backoff backoff(4s, 1min, [&] { return fraction; });
  EXPECT_EQ(backoff.next(), 4s);
  fraction = 1;
  EXPECT_EQ(backoff.next(), 4s);
  fraction = 0.5;
  EXPECT_EQ(backoff.next(), 12s);
  backoff.reset();
  EXPECT_EQ(backoff.next(), 3s);
}

}  // namespace
}  // namespace dvsync::service
