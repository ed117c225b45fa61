#include "dvsync/service/daemon.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio.hpp>
#include <csignal>
#include <random>
#include <stop_token>
#include <system_error>

#include "dvsync/error.hpp"
#include "dvsync/service/failure_log.hpp"
#include "dvsync/service/signals_blocked.hpp"
#include "dvsync/sync/in_words.hpp"
#include "run_scheduler.hpp"
#include "status_line.hpp"
#include "systemd.hpp"
#include "watchdog.hpp"
#include "worker_thread.hpp"

namespace dvsync::service {
namespace {

namespace asio = boost::asio;
using Time = DaemonClock::Time;

// As if nobody had ever caught it: what was committed stays, the rest the next run does again.
void die_of(int signal) {
  ::signal(signal, SIG_DFL);
  raise(signal);
}

std::function<double()> random_numbers() {
  return [engine = std::mt19937(std::random_device{}()), fraction = std::uniform_real_distribution<>()]() mutable {
    return fraction(engine);
  };
}

class Daemon {
 public:
  explicit Daemon(const DaemonParts& parts)
      : parts_(parts),
        failures_(parts.log),
        scheduler_(parts.configuration->schedule, random_numbers(), parts.clock->now()),
        lease_backoff_(parts.pace.standby, parts.pace.longest_standby, random_numbers()),
        signals_(io_, SIGTERM, SIGINT, SIGHUP),
        timer_(io_),
        watchdog_(io_, [this] { return !worker_.busy() || parts_.progress.age() < parts_.pace.silence; }) {
    signals_.add(SIGUSR1);
    signals_.add(SIGUSR2);
  }

  void serve() {
    wait_for_signal();
    watchdog_.feed();
    systemd::ready();
    const auto& schedule = parts_.configuration->schedule;
    parts_.log.info(fmt::format("serving {} every {}, everything every {}",
                                sync::count_of(static_cast<std::int64_t>(parts_.configuration->environments.size()),
                                               "environment", "environments"),
                                sync::format_duration(schedule.every), sync::format_duration(schedule.full_every)));
    next_step();
    try {
      io_.run();
    } catch (...) {
      stop_.request_stop();  // the worker is waited for, and may have a long run in hand
      throw;
    }
    worker_.join();
    parts_.log.info("stopped");
  }

 private:
  [[nodiscard]] Time time() const { return parts_.clock->now(); }

  // --- signals ---

  void wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      on_signal(signal);
      wait_for_signal();
    });
  }

  void on_signal(int signal) {
    switch (signal) {
      case SIGUSR1:
        return ask(Kind::incremental);
      case SIGUSR2:
        return ask(Kind::full);
      case SIGHUP:
        reload_wanted_ = true;
        return next_step();
      default:
        return stop(signal);
    }
  }

  void ask(Kind kind) {
    scheduler_.ask(kind);
    if (!working_) {
      parts_.log.info(fmt::format("a run ({}) is asked for: it begins once this daemon works", name_of(kind)));
    }
    next_step();
  }

  void stop(int signal) {
    if (stop_.stop_requested()) die_of(signal);
    systemd::stopping();
    tell(Phase::stopping, "stopping");
    parts_.log.info(worker_.busy() ? "stopping after the batch in hand" : "stopping");
    stop_.request_stop();
    next_step();
  }

  // --- one step after the other ---

  void next_step() {
    if (worker_.busy()) return;
    if (stop_.stop_requested()) return leave();
    if (std::exchange(reload_wanted_, false) && reload()) return;
    const auto now = time();
    if (!working_) return now >= next_attempt_ ? acquire_lease() : wake_at(next_attempt_);
    if (now >= next_look_) return look();
    if (const auto kind = scheduler_.due(now)) return run(*kind);
    if (now >= next_tidy_) return tidy();
    wake_at(std::min({scheduler_.next(), next_look_, next_tidy_}));
  }

  void leave() {
    if (std::exchange(left_, true)) return;
    begin([this] { return (parts_.worker.release_lease(), true); },
          [this](const auto&) {
            signals_.cancel();
            timer_.cancel();
            watchdog_.stop();
          });
  }

  void wake_at(Time at) {
    timer_.expires_after(parts_.clock->until(at));
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) next_step();
    });
  }

  // Runs `step` on the worker, then `done` with its result here, then whatever is next.
  template <class Step, class Done>
  void begin(Step step, Done done) {
    parts_.progress.made();
    worker_.begin(std::move(step), [this, done = std::move(done)](const auto& result) {
      done(result);
      next_step();
    });
  }

  // --- standing by ---

  void acquire_lease() {
    begin([this] { return parts_.worker.acquire_lease(); },
          [this](const std::variant<LeaseAttempt, StepFailure>& result) {
            if (const auto* failure = std::get_if<StepFailure>(&result)) return no_lease(*failure);
            lease_backoff_.reset();
            failures_.succeeded(turns, time());
            const auto& lease = std::get<LeaseAttempt>(result);
            lease.ours ? work(lease) : stand_by(lease);
          });
  }

  void no_lease(const StepFailure& failure) {
    const auto now = time();
    failures_.failed(turns, failure.why, now);
    tell(Phase::out_of_reach, "cannot work: " + failure.why);
    next_attempt_ = now + lease_backoff_.next();
  }

  void stand_by(const LeaseAttempt& lease) {
    next_attempt_ = time() + parts_.pace.standby;
    if (lease.of_daemon) first_run_ = false;  // that daemon runs for both
    if (std::exchange(holder_, lease.holder) == lease.holder) return parts_.state->set({.phase = Phase::standing_by});
    parts_.log.info("standing by: " + lease.holder + " works");
    tell(Phase::standing_by, "standing by: " + lease.holder + " works");
  }

  void work(const LeaseAttempt& lease) {
    const auto now = time();
    working_ = true;
    holder_.clear();
    scheduler_.resume(lease.past, first_run_, now);
    first_run_ = false;
    next_look_ = now + parts_.pace.look;
    parts_.log.info("working: this daemon has the lease");
    tell_status();
  }

  // --- working ---

  void look() {
    begin([this] { return parts_.worker.lease_state(); },
          [this](const std::variant<LeaseState, StepFailure>& result) {
            next_look_ = time() + parts_.pace.look;
            // A database that is away is the next run's trouble, and told there.
            const auto* state = std::get_if<LeaseState>(&result);
            if (state == nullptr || *state == LeaseState::ours) return;
            *state == LeaseState::lost ? lose_lease() : release_lease();
          });
  }

  void lose_lease() {
    parts_.log.warning("the lease is lost: another dvsync has taken over; standing by");
    rest();
  }

  void release_lease() {
    begin([this] { return (parts_.worker.release_lease(), true); },
          [this](const auto&) {
            parts_.log.info("giving way to a command that waits for its turn");
            rest();
          });
  }

  void rest() {
    working_ = false;
    parts_.state->set({.phase = Phase::standing_by});
    next_attempt_ = time() + parts_.pace.standby;
  }

  void run(Kind kind) {
    scheduler_.began(kind, time());
    parts_.state->set({.phase = Phase::working, .running = true});
    systemd::status(fmt::format("running ({})", name_of(kind)));
    begin([this, kind] { return parts_.worker.run(kind, stop_.get_token()); },
          [this, kind](const std::variant<sync::RunReport, StepFailure>& result) { ran(kind, result); });
  }

  void ran(Kind kind, const std::variant<sync::RunReport, StepFailure>& result) {
    const auto now = time();
    next_look_ = now;  // somebody may have waited
    bool went_through = false;
    if (const auto* failure = std::get_if<StepFailure>(&result)) {
      if (failure->interrupted) return;
      failures_.failed(runs, failure->why, now);
      last_ = "last run failed: " + failure->why;
      retry(now);
    } else {
      const auto& report = std::get<sync::RunReport>(result);
      failures_.succeeded(runs, now);
      last_ = status_of(report, kind);
      went_through = failures_.take(report, now);
      went_through ? scheduler_.succeeded() : retry(now, !reached_some(report));
    }
    tell_status();
    if (!parts_.on_run) return;
    begin([this, went_through] { return (parts_.on_run(went_through, stop_.get_token()), true); }, [](const auto&) {});
  }

  void retry(Time now, bool full_owed = true) {
    const auto at = scheduler_.failed(now, full_owed);
    parts_.log.debug(fmt::format("the next attempt follows in {} ms",
                                 std::chrono::duration_cast<std::chrono::milliseconds>(at - now).count()));
  }

  // After the first run, and whenever there is time.
  void tidy() {
    begin([this] { return parts_.worker.tidy(stop_.get_token()); },
          [this](const std::variant<bool, StepFailure>& result) {
            const auto now = time();
            const auto* more = std::get_if<bool>(&result);
            next_tidy_ = more != nullptr && *more ? now : now + parts_.pace.tidy;
            if (more != nullptr) return failures_.succeeded(retention, now);
            if (const auto& failure = std::get<StepFailure>(result); !failure.interrupted) {
              failures_.failed(retention, failure.why, now);
            }
          });
  }

  void tell(Phase phase, const std::string& words) {
    parts_.state->set({.phase = phase});
    systemd::status(words);
  }
  void tell_status() {
    const auto until = scheduler_.next() - time();
    const auto wait = std::chrono::duration_cast<std::chrono::system_clock::duration>(until);
    parts_.state->set({.phase = Phase::working, .next_run = std::chrono::system_clock::now() + wait});
    systemd::status(status_until_next(last_, until));
  }

  // --- reload ---

  // True: a step was begun.
  bool reload() {
    systemd::reloading();
    auto configuration = parts_.reload();
    systemd::ready();
    if (!configuration) return false;
    begin([this, configuration] { return parts_.worker.reconfigure(configuration); },
          [this, configuration](const std::variant<bool, StepFailure>& result) {
            scheduler_.reschedule(configuration->schedule);
            parts_.log.info("the configuration was reloaded");
            const auto* ours = std::get_if<bool>(&result);
            if (ours == nullptr || !*ours) working_ = false;
          });
    return true;
  }

  static constexpr const char* turns = "database";
  static constexpr const char* runs = "run";
  static constexpr const char* retention = "retention";

  const DaemonParts& parts_;
  FailureLog failures_;
  RunScheduler scheduler_;
  Backoff lease_backoff_;
  std::stop_source stop_;
  bool working_ = false;   // the lease is ours
  bool first_run_ = true;  // nobody has run since this daemon started
  bool reload_wanted_ = false;
  bool left_ = false;
  Time next_attempt_;
  Time next_look_;
  Time next_tidy_;
  std::string holder_;  // whom we stand by for
  std::string last_;    // the last run, in words

  asio::io_context io_{1};
  asio::signal_set signals_;
  asio::steady_timer timer_;
  Watchdog watchdog_;
  WorkerThread worker_{io_};  // last: joined first
};

}  // namespace

void serve(const DaemonParts& parts) try {
  ::signal(SIGPIPE, SIG_IGN);
  std::optional<Daemon> daemon;
  {
    const SignalsBlocked blocked;
    daemon.emplace(parts);
  }
  daemon->serve();
} catch (const boost::system::system_error& error) {  // which is no std::system_error
  throw std::system_error(error.code(), "the daemon cannot work");
}

}  // namespace dvsync::service
