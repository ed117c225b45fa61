// The daemon's threads, with a worker that only remembers. Signals are real ones.

#include "dvsync/service/daemon.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <csignal>
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
class FakeWorker : public Worker {
 public:
  LeaseAttempt acquire_lease() override {
    note("turn");
    const std::scoped_lock lock(mutex_);
    if (database_away_ > 0 && database_away_-- > 0) throw StoreError(StoreError::Kind::unavailable, "no database");
    if (!others_.empty()) return {.ours = false, .holder = others_, .of_daemon = true, .past = {}};
    return {.ours = true, .holder = {}, .of_daemon = false, .past = past_};
  }
  LeaseState lease_state() override {
    const std::scoped_lock lock(mutex_);
    return std::exchange(lease_, LeaseState::ours);
  }
  void release_lease() override { note("give way"); }
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
  void lease(LeaseState state) {
    set([&] { lease_ = state; });
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
  LeaseState lease_ = LeaseState::ours;
  bool held_ = false;
  int failing_ = 0;
  int database_away_ = 0;
};

// Whoever sleeps wakes at once, and it is as late as it should be: seconds of back-off cost no time.
class HastyClock : public DaemonClock {
 public:
  [[nodiscard]] Time now() const override { return DaemonClock::now() + ahead_; }
  [[nodiscard]] std::chrono::nanoseconds until(Time time) override {
    ahead_ += std::max(time - now(), std::chrono::nanoseconds(0));
    return 0ns;
  }

 private:
  std::chrono::nanoseconds ahead_{0};
};

class DaemonTest : public testing::Test {
 protected:
  DaemonTest() {
    // Every thread but the daemon's own leaves the signals alone.
    sigemptyset(&signals_);
    for (const int number : {SIGTERM, SIGUSR1, SIGUSR2, SIGHUP}) sigaddset(&signals_, number);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }

 public:
  ~DaemonTest() override {
    if (thread_.joinable()) stop();
    pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
  }

 protected:
  void start(std::chrono::seconds every = 1h) {
    config::Configuration configuration;
    configuration.schedule = {.every = every, .full_every = 24h, .jitter = 0s, .fresh_within = {}};
    configuration_ = std::make_shared<const config::Configuration>(std::move(configuration));
    thread_ = std::thread([this] {
      pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
      serve({.configuration = configuration_,
             .worker = worker,
             .progress = progress_,
             .log = log.log,
             .reload = [this] { return valid_ ? configuration_ : nullptr; },
             .on_run = {},
             .pace = {.look = 5ms, .standby = 5ms, .longest_standby = 20ms, .silence = silence_},
             .clock = clock_,
             .state = state});
    });
  }
  void send(int number) { pthread_kill(thread_.native_handle(), number); }
  void stop() {
    send(SIGTERM);
    thread_.join();
  }

  void wait_for(Phase phase, bool running) {
    const auto so = [&] {
      const auto standing = state->get();
      return standing.phase == phase && standing.running == running;
    };
    while (!so()) std::this_thread::yield();
  }

  FakeWorker worker;
  test::RecordedLog log;
  std::shared_ptr<DaemonState> state = std::make_shared<DaemonState>();
  std::atomic<bool> valid_ = true;
  std::chrono::milliseconds silence_ = longest_silence;
  std::shared_ptr<DaemonClock> clock_ = std::make_shared<DaemonClock>();

 private:
  sigset_t signals_{};
  SharedConfiguration configuration_;
  Progress progress_;
  std::thread thread_;
};

TEST_F(DaemonTest, RunsOnceAtStartAndGivesTheLeaseBack) {
  start();
  worker.wait_for("incremental");
  stop();
  EXPECT_THAT(worker.steps(), ElementsAre("turn", "incremental", "give way"));
}

TEST_F(DaemonTest, TidiesUpWhenThereIsTime) {
  start();
  worker.wait_for("incremental");
  worker.wait_for("tidy");
  stop();
  EXPECT_THAT(worker.steps(), ElementsAre("turn", "incremental", "give way"));
}

TEST_F(DaemonTest, RunsWhenItIsTime) {
  clock_ = std::make_shared<HastyClock>();
  start(1s);
  worker.wait_for("incremental", 3);
  stop();
  EXPECT_EQ(worker.count("full"), 0);
  EXPECT_EQ(worker.count("turn"), 1);  // the lease is kept between them
}

// While it stands by it says what it was asked for, in the order of the signals: once the last has been heard, all
// have.
TEST_F(DaemonTest, AThousandSignalsAreOneRunOfTheWeightierKind) {
  worker.others_work("db1, pid 1, dvsync run");
  start();
  worker.wait_for("turn");
  for (int i = 0; i < 1000; ++i) send(SIGUSR1);
  send(SIGUSR2);
  // ThreadSanitizer may keep a signal of a thread that sleeps until the next one; else there is one, which is one run.
  const auto began = std::chrono::steady_clock::now();
  bool again = false;
  while (!log.says("a run (full) is asked for") && std::chrono::steady_clock::now() < began + 60s) {
    if (!again && std::chrono::steady_clock::now() > began + 10s) again = (send(SIGUSR2), true);
    std::this_thread::yield();
  }
  worker.others_work("");
  worker.wait_for("full");
  stop();
  EXPECT_EQ(worker.count("full"), 1);
  EXPECT_EQ(worker.count("incremental"), 0);
}

TEST_F(DaemonTest, ASignalDuringARunIsARunAfterIt) {
  worker.hold(true);
  start();
  worker.wait_for("incremental");
  send(SIGUSR2);
  worker.hold(false);
  worker.wait_for("full");
  stop();
  EXPECT_EQ(worker.count("full"), 1);
  EXPECT_EQ(worker.count("incremental"), 1);
}

TEST_F(DaemonTest, AStopEndsTheRunInGoodOrder) {
  worker.hold(true);
  start();
  worker.wait_for("incremental");
  stop();
  EXPECT_THAT(worker.steps(), ElementsAre("turn", "incremental", "give way"));
  EXPECT_TRUE(log.says("stopping after the batch in hand"));
}

TEST_F(DaemonTest, TriesAgainAfterFailures) {
  clock_ = std::make_shared<HastyClock>();
  worker.fail(3);
  start(1s);
  worker.wait_for("incremental", 5);
  stop();
  EXPECT_TRUE(log.says("run: no database"));
  EXPECT_TRUE(log.says("run: recovered after 3 failures"));
}

TEST_F(DaemonTest, WaitsForADatabaseThatIsNotThereYet) {
  worker.lose_database(3);
  start();
  worker.wait_for("incremental");
  stop();
  EXPECT_EQ(worker.count("turn"), 4);
  EXPECT_TRUE(log.says("database: recovered after 3 failures"));
}

TEST_F(DaemonTest, ItsStateIsKnownToOthers) {
  EXPECT_EQ(state->get().phase, Phase::starting);
  worker.lose_database(1'000'000);
  start();
  wait_for(Phase::out_of_reach, false);
  worker.others_work("db1, pid 1, dvsync run");
  worker.lose_database(0);
  wait_for(Phase::standing_by, false);
  EXPECT_TRUE(is_ready(state->get()));
  worker.hold(true);
  worker.others_work("");
  send(SIGUSR1);
  wait_for(Phase::working, true);
  EXPECT_FALSE(state->get().next_run);
  worker.hold(false);
  wait_for(Phase::working, false);
  EXPECT_GT(state->get().next_run, std::chrono::system_clock::now());
  worker.others_work("db2, pid 2, dvsync run");
  worker.lease(LeaseState::lost);
  wait_for(Phase::standing_by, false);
  stop();
  EXPECT_EQ(state->get().phase, Phase::stopping);
}

TEST_F(DaemonTest, StandsByAndTakesOverWithoutARunOfItsOwn) {
  worker.others_work("db1, pid 1, dvsync run");
  start();
  worker.wait_for("turn", 3);
  EXPECT_EQ(worker.count("incremental"), 0);
  worker.others_work("");
  send(SIGUSR2);
  worker.wait_for("full");
  stop();
  EXPECT_EQ(worker.count("incremental"), 0);
  EXPECT_TRUE(log.says("standing by: db1, pid 1, dvsync run works"));
}

TEST_F(DaemonTest, GivesWayToACommandAndComesBack) {
  start();
  worker.wait_for("incremental");
  worker.lease(LeaseState::wanted);
  worker.wait_for("give way");
  worker.wait_for("turn", 2);
  send(SIGUSR1);
  worker.wait_for("incremental", 2);
  stop();
  EXPECT_THAT(worker.steps(), ElementsAre("turn", "incremental", "give way", "turn", "incremental", "give way"));
}

TEST_F(DaemonTest, StandsByOnceTheLeaseIsLost) {
  start();
  worker.wait_for("incremental");
  worker.others_work("db2, pid 2, dvsync run");
  worker.lease(LeaseState::lost);
  worker.wait_for("turn", 3);
  send(SIGUSR1);
  worker.wait_for("turn", 6);
  stop();
  EXPECT_EQ(worker.count("incremental"), 1);
}

// systemd's end of the notifications.
class WatchdogTest : public DaemonTest {
 protected:
  WatchdogTest() {
    const auto path = testing::TempDir() + "dvsync-notify-" + std::to_string(getpid());
    unlink(path.c_str());
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    setenv("NOTIFY_SOCKET", path.c_str(), 1);
    setenv("WATCHDOG_USEC", "60000", 1);
    path_ = path;
  }

 public:
  ~WatchdogTest() override {
    if (!stopped_) end();
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    close(socket_);
    unlink(path_.c_str());
  }

 protected:
  void end() {
    worker.hold(false);
    stop();
    stopped_ = true;
  }
  // Whether the watchdog is fed while we wait: it should be every 20 ms.
  bool fed(std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    for (;;) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
      pollfd waiting{socket_, POLLIN, 0};
      if (left <= 0 || poll(&waiting, 1, static_cast<int>(left)) <= 0) return false;
      std::array<char, 512> message{};
      const auto size = recv(socket_, message.data(), message.size(), 0);
      if (std::string_view(message.data(), static_cast<std::size_t>(size)).find("WATCHDOG=1") !=
          std::string_view::npos) {
        return true;
      }
    }
  }
  void forget_what_came() {
    std::array<char, 512> message{};
    while (recv(socket_, message.data(), message.size(), MSG_DONTWAIT) > 0) {
    }
  }

 private:
  int socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  std::string path_;
  bool stopped_ = false;
};

TEST_F(WatchdogTest, IsFedWhileNothingIsToDoAndWhileTheWorkGetsOn) {
  worker.hold(true);
  start();
  worker.wait_for("incremental");
  forget_what_came();
  EXPECT_TRUE(fed(60s));
  worker.hold(false);
  worker.wait_for("tidy");
  forget_what_came();
  EXPECT_TRUE(fed(60s));
}

TEST_F(WatchdogTest, IsNotFedWhileTheWorkHangs) {
  silence_ = 0ms;
  worker.hold(true);
  start();
  worker.wait_for("incremental");
  forget_what_came();
  EXPECT_FALSE(fed(400ms));
  worker.hold(false);  // it was no hang after all
  EXPECT_TRUE(fed(60s));
}

TEST_F(DaemonTest, AnInvalidConfigurationChangesNothing) {
  start();
  worker.wait_for("incremental");
  valid_ = false;
  send(SIGHUP);
  send(SIGUSR1);
  worker.wait_for("incremental", 2);
  stop();
  EXPECT_EQ(worker.count("reconfigure"), 0);
}

}  // namespace
}  // namespace dvsync::service
