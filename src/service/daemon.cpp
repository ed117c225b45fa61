#include "dvsync/service/daemon.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <boost/asio.hpp>
#include <random>
#include <stop_token>
#include <variant>

#include "dvsync/error.hpp"
#include "dvsync/service/failure_log.hpp"
#include "dvsync/service/systemd.hpp"
#include "dvsync/sync/in_words.hpp"

namespace dvsync::service {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

// Why a step of the worker came to nothing.
struct Failure {
  std::string why;
  bool fenced = false;
  bool interrupted = false;
};

// The one place where exceptions of the work end.
template <class Step>
auto attempt(const Step& step) -> std::variant<decltype(step()), Failure> {
  try {
    return step();
  } catch (const Interrupted& stopped) {
    return Failure{.why = stopped.what(), .interrupted = true};
  } catch (const StoreError& error) {
    return Failure{.why = error.what(), .fenced = error.kind() == StoreError::Kind::fenced};
  } catch (const std::exception& error) {
    return Failure{.why = error.what()};
  }
}

// Threads started while this lives leave the signals to the one that serves.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

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

const char* name_of(Kind kind) { return kind == Kind::full ? "full" : "incremental"; }

class Daemon {
 public:
  explicit Daemon(const DaemonParts& parts)
      : parts_(parts),
        failures_(parts.log),
        agenda_(parts.configuration->schedule, random_numbers(), Clock::now()),
        turn_backoff_(parts.pace.turn, parts.pace.longest_turn, random_numbers()),
        signals_(io_, SIGTERM, SIGINT, SIGHUP),
        timer_(io_),
        watchdog_timer_(io_) {
    signals_.add(SIGUSR1);
    signals_.add(SIGUSR2);
  }

  void serve() {
    wait_for_signal();
    feed_watchdog();
    systemd::ready();
    parts_.log.info(fmt::format("serving {} every {} s, everything every {} s",
                                sync::count_of(static_cast<std::int64_t>(parts_.configuration->environments.size()),
                                               "environment", "environments"),
                                parts_.configuration->schedule.every.count(),
                                parts_.configuration->schedule.full_every.count()));
    next_step();
    io_.run();
    worker_.join();
    parts_.log.info("stopped");
  }

 private:
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
    agenda_.ask(kind);
    if (!working_)
      parts_.log.info(fmt::format("a run ({}) is asked for: it begins once this daemon works", name_of(kind)));
    next_step();
  }

  void stop(int signal) {
    if (stop_.stop_requested()) die_of(signal);
    systemd::stopping();
    systemd::status("stopping");
    parts_.log.info(busy_ ? "stopping after the batch in hand" : "stopping");
    stop_.request_stop();
    next_step();
  }

  // --- one step after the other ---

  void next_step() {
    if (busy_) return;
    if (stop_.stop_requested()) return leave();
    if (std::exchange(reload_wanted_, false) && reload()) return;
    const auto now = Clock::now();
    if (!working_) return now >= next_turn_ ? take_turn() : wake_at(next_turn_);
    if (now >= next_look_) return look();
    if (const auto kind = agenda_.due(now)) return run(*kind);
    if (now >= next_tidy_) return tidy();
    wake_at(std::min({agenda_.next(), next_look_, next_tidy_}));
  }

  void leave() {
    if (std::exchange(left_, true)) return;
    begin([this] { return (parts_.engine.give_way(), true); },
          [this](const auto&) {
            signals_.cancel();
            timer_.cancel();
            watchdog_timer_.cancel();
          });
  }

  void wake_at(Clock::time_point time) {
    timer_.expires_at(time);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) next_step();
    });
  }

  // Runs `step` on the worker, then `done` with its result here.
  template <class Step, class Done>
  void begin(Step step, Done done) {
    busy_ = true;
    parts_.progress.made();
    asio::post(worker_, [this, step = std::move(step), done = std::move(done)] {
      auto result = attempt(step);
      asio::post(io_, [this, done, result = std::move(result)] {
        busy_ = false;
        done(result);
        next_step();
      });
    });
  }

  // --- standing by ---

  void take_turn() {
    begin([this] { return parts_.engine.take_turn(); },
          [this](const std::variant<Turn, Failure>& result) {
            if (const auto* failure = std::get_if<Failure>(&result)) return no_turn(*failure);
            turn_backoff_.reset();
            failures_.succeeded(turns, Clock::now());
            const auto& turn = std::get<Turn>(result);
            turn.ours ? work(turn) : stand_by(turn);
          });
  }

  void no_turn(const Failure& failure) {
    const auto now = Clock::now();
    failures_.failed(turns, failure.why, now);
    systemd::status("cannot work: " + failure.why);
    next_turn_ = now + turn_backoff_.next();
  }

  void stand_by(const Turn& turn) {
    next_turn_ = Clock::now() + parts_.pace.turn;
    if (turn.of_daemon) first_run_ = false;  // that daemon runs for both
    if (std::exchange(holder_, turn.holder) == turn.holder) return;
    parts_.log.info("standing by: " + turn.holder + " works");
    systemd::status("standing by: " + turn.holder + " works");
  }

  void work(const Turn& turn) {
    const auto now = Clock::now();
    working_ = true;
    holder_.clear();
    agenda_.resume(turn.past, first_run_, now);
    first_run_ = false;
    next_look_ = now + parts_.pace.look;
    parts_.log.info("working: this daemon has the lease");
    tell_status();
  }

  // --- working ---

  void look() {
    begin([this] { return parts_.engine.look(); },
          [this](const std::variant<Standing, Failure>& result) {
            next_look_ = Clock::now() + parts_.pace.look;
            // A database that is away is the next run's trouble, and told there.
            const auto* standing = std::get_if<Standing>(&result);
            if (standing == nullptr || *standing == Standing::ours) return;
            *standing == Standing::lost ? lose_turn() : give_way();
          });
  }

  void lose_turn() {
    parts_.log.warning("the lease is lost: another dvsync has taken over; standing by");
    rest();
  }

  void give_way() {
    begin([this] { return (parts_.engine.give_way(), true); },
          [this](const auto&) {
            parts_.log.info("giving way to a command that waits for its turn");
            rest();
          });
  }

  void rest() {
    working_ = false;
    next_turn_ = Clock::now() + parts_.pace.turn;
  }

  void run(Kind kind) {
    agenda_.began(kind, Clock::now());
    systemd::status(fmt::format("running ({})", name_of(kind)));
    begin([this, kind] { return parts_.engine.run(kind, stop_.get_token()); },
          [this, kind](const std::variant<sync::RunReport, Failure>& result) { ran(kind, result); });
  }

  void ran(Kind kind, const std::variant<sync::RunReport, Failure>& result) {
    const auto now = Clock::now();
    next_look_ = now;  // somebody may have waited
    bool went_through = false;
    if (const auto* failure = std::get_if<Failure>(&result)) {
      if (failure->interrupted) return;
      failures_.failed(runs, failure->why, now);
      last_ = "last run failed: " + failure->why;
      retry(now);
    } else {
      const auto& report = std::get<sync::RunReport>(result);
      failures_.succeeded(runs, now);
      last_ = in_words(report, kind);
      went_through = failures_.take(report, now);
      went_through ? agenda_.succeeded() : retry(now);
    }
    tell_status();
    if (!parts_.on_run) return;
    begin([this, went_through] { return (parts_.on_run(went_through, stop_.get_token()), true); }, [](const auto&) {});
  }

  void retry(Clock::time_point now) {
    const auto at = agenda_.failed(now);
    parts_.log.debug(fmt::format("the next attempt follows in {} ms",
                                 std::chrono::duration_cast<std::chrono::milliseconds>(at - now).count()));
  }

  // After the first run, and whenever there is time.
  void tidy() {
    begin([this] { return parts_.engine.tidy(stop_.get_token()); },
          [this](const std::variant<bool, Failure>& result) {
            const auto now = Clock::now();
            const auto* more = std::get_if<bool>(&result);
            next_tidy_ = more != nullptr && *more ? now : now + parts_.pace.tidy;
            if (more != nullptr) return failures_.succeeded(retention, now);
            if (const auto& failure = std::get<Failure>(result); !failure.interrupted)
              failures_.failed(retention, failure.why, now);
          });
  }

  static std::string in_words(const sync::RunReport& report, Kind kind) {
    if (!report.pull_error.empty()) return fmt::format("run {} failed: the directory was not read", report.run_id);
    core::Counters sum;
    auto worst = store::Outcome::succeeded;
    for (const auto& environment : report.environments) {
      sum += environment.counters;
      worst = std::max(worst, environment.outcome);
    }
    return fmt::format("run {} ({}) {}: {}", report.run_id, name_of(kind), store::name_of(worst),
                       sync::changes_in_words(sum, worst));
  }

  void tell_status() {
    const auto wait = std::max(agenda_.next() - Clock::now(), Clock::duration(0));
    const auto at = std::chrono::system_clock::now() + std::chrono::duration_cast<std::chrono::seconds>(wait);
    systemd::status(fmt::format("{}; next run at {:%H:%M:%S}", last_.empty() ? "no run yet" : last_,
                                fmt::localtime(std::chrono::system_clock::to_time_t(at))));
  }

  // --- reload ---

  // True: a step was begun.
  bool reload() {
    systemd::reloading();
    auto configuration = parts_.reload();
    systemd::ready();
    if (!configuration) return false;
    begin([this, configuration] { return parts_.engine.reconfigure(configuration); },
          [this, configuration](const std::variant<bool, Failure>& result) {
            agenda_.reschedule(configuration->schedule);
            parts_.log.info("the configuration was reloaded");
            const auto* ours = std::get_if<bool>(&result);
            if (ours == nullptr || !*ours) working_ = false;
          });
    return true;
  }

  // --- watchdog ---

  void feed_watchdog() {
    const auto limit = systemd::watchdog();
    if (!limit) return;
    // Fed by this thread alone, so that it proves that the event loop turns; and only while the worker gets on.
    if (!busy_ || parts_.progress.age() < parts_.pace.silence) systemd::feed_watchdog();
    watchdog_timer_.expires_after(*limit / 3);
    watchdog_timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) feed_watchdog();
    });
  }

  static constexpr const char* turns = "database";
  static constexpr const char* runs = "run";
  static constexpr const char* retention = "retention";

  const DaemonParts& parts_;
  FailureLog failures_;
  Agenda agenda_;
  Backoff turn_backoff_;
  std::stop_source stop_;
  bool busy_ = false;      // the worker is at it
  bool working_ = false;   // the lease is ours
  bool first_run_ = true;  // nobody has run since this daemon started
  bool reload_wanted_ = false;
  bool left_ = false;
  Clock::time_point next_turn_;
  Clock::time_point next_look_;
  Clock::time_point next_tidy_;
  std::string holder_;  // whom we stand by for
  std::string last_;    // the last run, in words

  asio::io_context io_{1};
  asio::signal_set signals_;
  asio::steady_timer timer_;
  asio::steady_timer watchdog_timer_;
  asio::thread_pool worker_{1};
};

}  // namespace

void serve(const DaemonParts& parts) {
  ::signal(SIGPIPE, SIG_IGN);
  std::optional<Daemon> daemon;
  {
    const SignalsBlocked blocked;
    daemon.emplace(parts);
  }
  daemon->serve();
}

}  // namespace dvsync::service
