#include "dvsync/service/agenda.hpp"

#include <gtest/gtest.h>

namespace dvsync::service {
namespace {

using namespace std::chrono_literals;

class AgendaTest : public testing::Test {
 protected:
  // Time stands still unless a test moves it.
  Agenda::Time now = Agenda::Time(1000h);
  double fraction = 0;
  config::Schedule schedule{.every = 15min, .full_every = 24h, .jitter = 30s, .fresh_within = {}};
  Agenda agenda{schedule, [this] { return fraction; }, now};

  void run(Kind kind, std::chrono::seconds duration = 0s) {
    agenda.began(kind, now);
    now += duration;
    agenda.succeeded();
  }
  // After a restart, with a full run an hour ago.
  void resume(bool first_run = false) {
    agenda.resume({.since_run = 5min, .since_full = 1h, .unfinished = {}}, first_run, now);
  }
};

TEST_F(AgendaTest, TheVeryFirstRunIsDueAtOnceAndLooksAtEverybody) { EXPECT_EQ(agenda.due(now), Kind::full); }

TEST_F(AgendaTest, ARunIsDueAtStartWhateverWasBefore) {
  resume(true);
  EXPECT_EQ(agenda.due(now), Kind::incremental);
}

TEST_F(AgendaTest, ATakeoverGoesOnWithTheSchedule) {
  resume();
  EXPECT_EQ(agenda.due(now), std::nullopt);
  EXPECT_EQ(agenda.next(), now + 10min);
  EXPECT_EQ(agenda.due(now + 10min), Kind::incremental);
}

TEST_F(AgendaTest, ATakeoverDoesAtOnceWhatWasNotFinished) {
  agenda.resume({.since_run = 5min, .since_full = 1h, .unfinished = Kind::incremental}, false, now);
  EXPECT_EQ(agenda.due(now), Kind::incremental);
  agenda.resume({.since_run = 5min, .since_full = 1h, .unfinished = Kind::full}, false, now);
  EXPECT_EQ(agenda.due(now), Kind::full);
}

TEST_F(AgendaTest, ATakeoverAfterALongPauseRunsOnce) {
  agenda.resume({.since_run = 3h, .since_full = 23h, .unfinished = {}}, false, now);
  EXPECT_EQ(agenda.due(now), Kind::incremental);
  run(Kind::incremental);
  EXPECT_EQ(agenda.due(now), std::nullopt);
  EXPECT_EQ(agenda.next(), now + 15min);
}

TEST_F(AgendaTest, MissedTimesCoalesce) {
  resume(true);
  run(Kind::incremental, 50min);
  EXPECT_EQ(agenda.due(now), Kind::incremental);
  run(Kind::incremental, 1s);
  EXPECT_EQ(agenda.due(now), std::nullopt);
}

TEST_F(AgendaTest, AFullRunIsDueAtItsTimeAndReplacesTheOther) {
  resume();
  run(Kind::incremental);
  now += 23h;
  EXPECT_EQ(agenda.due(now), Kind::full);
  run(Kind::full);
  EXPECT_EQ(agenda.due(now + 15min), Kind::incremental);
  EXPECT_EQ(agenda.due(now + 24h), Kind::full);
}

TEST_F(AgendaTest, JitterOnlyEverDelays) {
  fraction = 0.5;
  run(Kind::full);
  EXPECT_EQ(agenda.next(), now + 15min + 15s);
}

TEST_F(AgendaTest, WishesAreOneRunOfTheWeightierKind) {
  resume();
  agenda.ask(Kind::incremental);
  EXPECT_EQ(agenda.due(now), Kind::incremental);
  agenda.ask(Kind::full);
  agenda.ask(Kind::incremental);
  EXPECT_EQ(agenda.due(now), Kind::full);
  run(Kind::full);
  EXPECT_EQ(agenda.due(now), std::nullopt);
}

TEST_F(AgendaTest, AWishDuringARunIsARunAfterIt) {
  resume();
  agenda.began(Kind::incremental, now);
  agenda.ask(Kind::incremental);
  agenda.succeeded();
  EXPECT_EQ(agenda.due(now), Kind::incremental);
}

TEST_F(AgendaTest, FailuresAreTriedAgainAtGrowingIntervalsUpToEvery) {
  resume();
  std::vector<std::chrono::seconds> pauses;
  for (int i = 0; i < 10; ++i) {
    agenda.began(Kind::incremental, now);
    const auto next = agenda.failed(now);
    EXPECT_EQ(agenda.next(), next);
    EXPECT_EQ(agenda.due(next - 1ms), std::nullopt);
    EXPECT_EQ(agenda.due(next), Kind::incremental);
    pauses.push_back(std::chrono::duration_cast<std::chrono::seconds>(next - now));
    now = next;
  }
  EXPECT_EQ(pauses, (std::vector<std::chrono::seconds>{5s, 10s, 20s, 40s, 80s, 160s, 320s, 640s, 900s, 900s}));
}

TEST_F(AgendaTest, AFailedFullRunIsStillOwed) {
  resume();
  agenda.began(Kind::full, now);
  const auto retry = agenda.failed(now);
  EXPECT_EQ(agenda.due(retry), Kind::full);
  agenda.reschedule({.every = 1min, .full_every = 48h, .jitter = 0s, .fresh_within = {}});
  EXPECT_EQ(agenda.due(retry), Kind::full);
}

TEST_F(AgendaTest, AWishDoesNotWaitForTheRetry) {
  resume();
  agenda.began(Kind::incremental, now);
  agenda.failed(now);
  agenda.ask(Kind::incremental);
  EXPECT_EQ(agenda.due(now), Kind::incremental);
}

TEST_F(AgendaTest, SuccessEndsTheBackoff) {
  resume();
  agenda.began(Kind::incremental, now);
  agenda.failed(now);
  agenda.failed(now);
  run(Kind::incremental);
  EXPECT_EQ(agenda.next(), now + 15min);
  agenda.began(Kind::incremental, now);
  EXPECT_EQ(agenda.failed(now), now + 5s);
}

TEST_F(AgendaTest, ANewScheduleCountsFromTheLastRun) {
  resume();
  run(Kind::incremental);
  now += 2min;
  agenda.reschedule({.every = 5min, .full_every = 24h, .jitter = 0s, .fresh_within = {}});
  EXPECT_EQ(agenda.next(), now + 3min);
  agenda.reschedule({.every = 1min, .full_every = 24h, .jitter = 0s, .fresh_within = {}});
  EXPECT_EQ(agenda.due(now), Kind::incremental);
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
