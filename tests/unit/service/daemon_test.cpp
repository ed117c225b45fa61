// The daemon's threads, with an engine that only remembers. Signals are real ones.

#include "dvsync/service/daemon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "dvsync/error.hpp"
#include "service_support.hpp"

namespace dvsync::service {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

// Steps are recorded by name; a test scripts what they answer.
class FakeEngine : public Engine {
 public:
  Turn take_turn() override {
    note("turn");
    const std::scoped_lock lock(mutex_);
    if (database_away_ > 0 && database_away_-- > 0) throw StoreError(StoreError::Kind::unavailable, "no database");
    if (!others_.empty()) return {.ours = false, .holder = others_, .of_daemon = true, .past = {}};
    return {.ours = true, .holder = {}, .of_daemon = false, .past = past_};
  }
  Standing look() override {
    const std::scoped_lock lock(mutex_);
    return std::exchange(standing_, Standing::ours);
  }
  void give_way() override { note("give way"); }
  sync::RunReport run(Kind kind, std::stop_token stop) override {
    note(kind == Kind::full ? "full" : "incremental");
    std::unique_lock lock(mutex_);
    while (held_ && !stop.stop_requested()) changed_.wait_for(lock, stop, 1s, [&] { return !held_; });
    if (stop.stop_requested()) throw Interrupted();
    if (failing_ > 0 && failing_-- > 0) throw StoreError(StoreError::Kind::unavailable, "no database");
    return test::run(1, {});
  }
  bool tidy(std::stop_token) override {
    note("tidy");
    return false;
  }
  bool reconfigure(SharedConfiguration) override {
    note("reconfigure");
    return true;
  }

  void hold(bool held) {
    set([&] { held_ = held; });
  }
  void fail(int times) {
    set([&] { failing_ = times; });
  }
  void lose_database(int times) {
    set([&] { database_away_ = times; });
  }
  void others_work(const std::string& who) {
    set([&] { others_ = who; });
  }
  void stand(Standing standing) {
    set([&] { standing_ = standing; });
  }
  void past(Past past) {
    set([&] { past_ = past; });
  }

  void wait_for(const std::string& step, int count = 1) {
    std::unique_lock lock(mutex_);
    const bool seen =
        changed_.wait_for(lock, 60s, [&] { return std::count(steps_.begin(), steps_.end(), step) >= count; });
    ASSERT_TRUE(seen) << step << " was not seen " << count << " times";
  }
  // But for tidying up, which may or may not find the time.
  [[nodiscard]] std::vector<std::string> steps() const {
    const std::scoped_lock lock(mutex_);
    auto steps = steps_;
    std::erase(steps, "tidy");
    return steps;
  }
  [[nodiscard]] std::int64_t count(const std::string& step) const {
    const auto all = steps();
    return std::count(all.begin(), all.end(), step);
  }

 private:
  void note(const std::string& step) {
    set([&] { steps_.push_back(step); });
  }
  void set(const std::function<void()>& change) {
    const std::scoped_lock lock(mutex_);
    change();
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::string> steps_;
  Past past_{.since_run = 1min, .since_full = 1min, .unfinished = {}};
  std::string others_;
  Standing standing_ = Standing::ours;
  bool held_ = false;
  int failing_ = 0;
  int database_away_ = 0;
};

class DaemonTest : public testing::Test {
 protected:
  DaemonTest() {
    // Every thread but the daemon's own leaves the signals alone.
    sigemptyset(&signals_);
    for (const int number : {SIGTERM, SIGUSR1, SIGUSR2, SIGHUP}) sigaddset(&signals_, number);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  ~DaemonTest() override {
    if (thread_.joinable()) stop();
    pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
  }

  void start(std::chrono::seconds every = 1h) {
    config::Configuration configuration;
    configuration.schedule = {.every = every, .full_every = 24h, .jitter = 0s, .fresh_within = {}};
    configuration_ = std::make_shared<const config::Configuration>(std::move(configuration));
    thread_ = std::thread([this] {
      pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
      serve({.configuration = configuration_,
             .engine = engine,
             .progress = progress_,
             .log = log.log,
             .reload = [this] { return valid_ ? configuration_ : nullptr; },
             .on_run = {},
             .pace = {.look = 5ms, .turn = 5ms, .longest_turn = 20ms}});
    });
  }
  void send(int number) { pthread_kill(thread_.native_handle(), number); }
  void stop() {
    send(SIGTERM);
    thread_.join();
  }

  FakeEngine engine;
  test::RecordedLog log;
  std::atomic<bool> valid_ = true;

 private:
  sigset_t signals_{};
  SharedConfiguration configuration_;
  Progress progress_;
  std::thread thread_;
};

TEST_F(DaemonTest, RunsOnceAtStartAndGivesTheLeaseBack) {
  start();
  engine.wait_for("incremental");
  stop();
  EXPECT_THAT(engine.steps(), ElementsAre("turn", "incremental", "give way"));
}

TEST_F(DaemonTest, TidiesUpWhenThereIsTime) {
  start();
  engine.wait_for("incremental");
  engine.wait_for("tidy");
}

TEST_F(DaemonTest, RunsWhenItIsTime) {
  start(1s);
  engine.wait_for("incremental", 3);
}

TEST_F(DaemonTest, SignalsDuringARunAreOneRunOfTheWeightierKind) {
  engine.hold(true);
  start();
  engine.wait_for("incremental");
  for (int i = 0; i < 1000; ++i) send(SIGUSR1);
  send(SIGUSR2);
  send(SIGHUP);  // the last one: once it is answered, all are
  engine.hold(false);
  engine.wait_for("full");
  engine.wait_for("reconfigure");
  stop();
  // SIGUSR2 may arrive after some SIGUSR1 was already answered by a run; never is there one for each.
  EXPECT_LT(engine.count("incremental"), 10);
  EXPECT_EQ(engine.count("full"), 1);
}

TEST_F(DaemonTest, AStopEndsTheRunInGoodOrder) {
  engine.hold(true);
  start();
  engine.wait_for("incremental");
  stop();
  EXPECT_THAT(engine.steps(), ElementsAre("turn", "incremental", "give way"));
  EXPECT_TRUE(log.says("stopping after the batch in hand"));
}

TEST_F(DaemonTest, TriesAgainAfterFailures) {
  engine.fail(3);
  start(1s);
  engine.wait_for("incremental", 5);
  stop();
  EXPECT_TRUE(log.says("run: no database"));
  EXPECT_TRUE(log.says("run: recovered after 3 failures"));
}

TEST_F(DaemonTest, WaitsForADatabaseThatIsNotThereYet) {
  engine.lose_database(3);
  start();
  engine.wait_for("incremental");
  stop();
  EXPECT_EQ(engine.count("turn"), 4);
  EXPECT_TRUE(log.says("database: recovered after 3 failures"));
}

TEST_F(DaemonTest, StandsByAndTakesOverWithoutARunOfItsOwn) {
  engine.others_work("db1, pid 1, dvsync run");
  start();
  engine.wait_for("turn", 3);
  EXPECT_EQ(engine.count("incremental"), 0);
  engine.others_work("");
  send(SIGUSR2);
  engine.wait_for("full");
  stop();
  EXPECT_EQ(engine.count("incremental"), 0);
  EXPECT_TRUE(log.says("standing by: db1, pid 1, dvsync run works"));
}

TEST_F(DaemonTest, GivesWayToACommandAndComesBack) {
  start();
  engine.wait_for("incremental");
  engine.stand(Standing::wanted);
  engine.wait_for("give way");
  engine.wait_for("turn", 2);
  send(SIGUSR1);
  engine.wait_for("incremental", 2);
}

TEST_F(DaemonTest, StandsByOnceTheLeaseIsLost) {
  start();
  engine.wait_for("incremental");
  engine.others_work("db2, pid 2, dvsync run");
  engine.stand(Standing::lost);
  engine.wait_for("turn", 3);
  send(SIGUSR1);
  engine.wait_for("turn", 6);
  stop();
  EXPECT_EQ(engine.count("incremental"), 1);
}

TEST_F(DaemonTest, AnInvalidConfigurationChangesNothing) {
  start();
  engine.wait_for("incremental");
  valid_ = false;
  send(SIGHUP);
  send(SIGUSR1);
  engine.wait_for("incremental", 2);
  stop();
  EXPECT_EQ(engine.count("reconfigure"), 0);
}

}  // namespace
}  // namespace dvsync::service
