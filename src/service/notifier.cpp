#include "dvsync/service/notifier.hpp"

#include <algorithm>
#include <random>

#include "alarms.hpp"
#include "backoff.hpp"
#include "delivery.hpp"
#include "dvsync/error.hpp"
#include "dvsync/service/failure_log.hpp"
#include "dvsync/service/status.hpp"
#include "dvsync/store/alarms.hpp"
#include "dvsync/store/log_reader.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/sync/in_words.hpp"
#include "message_text.hpp"

namespace dvsync::service {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using SteadyClock = std::chrono::steady_clock;

constexpr seconds between_looks{60};
constexpr int share_of_looking = 20;  // of all time, at most one part in so many
constexpr seconds first_pause{2};     // after an attempt that failed; doubles
constexpr seconds longest_pause{1800};
constexpr seconds after_a_broken_round{5};
constexpr std::int64_t most_named = 20;
constexpr std::int64_t most_looked_at = 1000;  // of what one run holds, for their names

// As long as the mirror remembers failures, across restarts.
milliseconds pause_after(int attempts) {
  static thread_local std::mt19937 engine{std::random_device{}()};
  Backoff backoff(first_pause, longest_pause, [] { return std::uniform_real_distribution<>()(engine); });
  milliseconds pause{0};
  for (int i = 0; i < std::clamp(attempts, 1, 20); ++i) pause = backoff.next();
  return pause;
}

NamedUsers held_users(store::LogReader& log, const StandingAlarm& alarm) {
  NamedUsers users;
  std::int64_t found = 0;
  for (const auto& hold : log.holds_of(*alarm.run_id, most_looked_at)) {
    if (hold.guard_class != alarm.key.subject || !hold.answer.empty() || !hold.ended.empty()) continue;
    if (++found <= most_named) users.names.push_back(hold.domainname.empty() ? hold.object_id : hold.domainname);
  }
  users.more = std::max<std::int64_t>(0, alarm.count - std::min(found, most_named));
  return users;
}

NamedUsers rejected_users(store::LogReader& log, const StandingAlarm& alarm) {
  NamedUsers users;
  log.rejections({}, [&](const store::LoggedRejection& rejection) {
    users.names.push_back(rejection.domainname.empty() ? rejection.object_id : rejection.domainname);
    return static_cast<std::int64_t>(users.names.size()) < most_named;
  });
  users.more = std::max<std::int64_t>(0, alarm.count - static_cast<std::int64_t>(users.names.size()));
  return users;
}

}  // namespace

// What the thread works with while the lease is held.
class Notifier::Round {
 public:
  Round(std::shared_ptr<const config::Configuration> configuration, store::Lease& lease, Log& log)
      : configuration_(std::move(configuration)), lease_(lease), log_(log), failures_(log) {
    for (const auto& target : configuration_->notify) names_.push_back(target.name);
  }

  // Until when there is nothing to do unless a run ends.
  SteadyClock::time_point go(bool look_now, const std::stop_token& stop) {
    try {
      if (look_now || SteadyClock::now() >= next_look_) look(stop);
      deliver_all(stop);
      failures_.succeeded("alarms", SteadyClock::now());
      const auto attempt = store::until_next_attempt(session(stop), names_);
      return attempt ? std::min(next_look_, SteadyClock::now() + std::max(*attempt, milliseconds(0))) : next_look_;
    } catch (const Interrupted&) {
      throw;
    } catch (const std::exception& error) {
      // Who has taken over tells from now on; the daemon hears of it from its own look.
      const auto* of_store = dynamic_cast<const StoreError*>(&error);
      const bool fenced = of_store != nullptr && of_store->kind() == StoreError::Kind::fenced;
      if (fenced) return SteadyClock::now() + between_looks;
      failures_.failed("alarms", words_of(error), SteadyClock::now());
      session_.reset();
      return SteadyClock::now() + after_a_broken_round;
    }
  }

 private:
  // Waits for locks more briefly than a run does.
  store::Connection& session(const std::stop_token& stop) {
    if (!session_ || session_->broken()) {
      session_ =
          store::open_mirror(*configuration_, {.stop = stop, .application_name = "dvsync notify", .beside_runs = true});
    }
    return *session_;
  }

  void look(const std::stop_token& stop) {
    const auto began = SteadyClock::now();
    const auto status = read_status(*configuration_, stop);
    const auto ended = SteadyClock::now();
    next_look_ = ended + std::max<SteadyClock::duration>(between_looks, share_of_looking * (ended - began));
    if (status.mirror.unreachable) return;  // where it is remembered what was told
    const auto standing = standing_of(status, judge(status, configuration_->schedule));
    for (const auto& target : configuration_->notify) queue(standing, target, stop);
    forget_old(stop);
  }

  void forget_old(const std::stop_token& stop) {
    const auto given_up = store::forget_old_alarms(session(stop), lease_, names_);
    if (given_up == 0) return;
    log_.warning(sync::count_of(given_up, "alarm", "alarms") + " could not be delivered for a week, and " +
                 (given_up == 1 ? "was" : "were") + " given up");
  }

  // Nothing is asked of an environment while the lease's row is shared: it may not answer for long.
  void queue(const Standing& standing, const config::NotifyTarget& target, const std::stop_token& stop) {
    auto due = due_alarms(standing, store::read_alarms(session(stop), target.name), target);
    if (due.remember.empty() && due.forget.empty()) return;
    store::AlarmChanges changes{.remember = std::move(due.remember), .forget = std::move(due.forget), .messages = {}};
    for (const auto& message : due.messages) {
      const auto users = target.include_users ? users_of(message, stop) : std::nullopt;
      changes.messages.push_back(
          {message.alarm.key, boost::json::serialize(json_of(message, users ? &*users : nullptr))});
    }
    store::write_alarms(session(stop), lease_, target.name, changes);
  }

  std::optional<NamedUsers> users_of(const AlarmMessage& message, const std::stop_token& stop) const {
    const auto& key = message.alarm.key;
    const auto environment = std::ranges::find(configuration_->environments, key.environment,
                                               [](const config::Environment& one) { return one.rules.name; });
    const bool of_users = key.code == "rejected" || (key.code == "held" && message.alarm.run_id);
    if (message.occasion == Occasion::ends || !of_users || environment == configuration_->environments.end()) {
      return std::nullopt;
    }
    const auto connection = store::open_environment(*configuration_, *environment, {.stop = stop});
    store::LogReader log(*connection, key.environment);
    return key.code == "held" ? held_users(log, message.alarm) : rejected_users(log, message.alarm);
  }

  void deliver_all(const std::stop_token& stop) {
    while (const auto claimed = store::claim_message(session(stop), lease_, names_, longest_delivery)) {
      const auto target = std::ranges::find(configuration_->notify, claimed->target, &config::NotifyTarget::name);
      try {
        finish(*claimed, deliver(*target, message_of(*claimed), stop));
      } catch (const Interrupted&) {
        session_->stop_on({});
        store::message_failed(*session_, claimed->message_id, "the daemon stopped", milliseconds(0));
        throw;
      }
    }
  }

  // The number is the same at every attempt: a receiver that counts can tell a repetition.
  static boost::json::object message_of(const store::ClaimedMessage& claimed) {
    boost::json::object message{{"id", std::to_string(claimed.message_id)}};
    const auto queued = boost::json::parse(claimed.message);
    for (const auto& [key, value] : queued.as_object()) message[key] = value;
    return message;
  }

  void finish(const store::ClaimedMessage& claimed, const Delivery& delivery) {
    const auto what = "alarms to " + claimed.target;
    if (delivery.delivered) {
      store::message_delivered(*session_, claimed.message_id);
      return failures_.succeeded(what, SteadyClock::now());
    }
    const auto asked = std::min<milliseconds>(delivery.retry_after.value_or(seconds(0)), longest_pause);
    store::message_failed(*session_, claimed.message_id, delivery.why, std::max(pause_after(claimed.attempts), asked));
    failures_.failed(what, delivery.why, SteadyClock::now());
  }

  std::shared_ptr<const config::Configuration> configuration_;
  store::Lease& lease_;
  Log& log_;
  FailureLog failures_;
  std::vector<std::string> names_;
  std::unique_ptr<store::Connection> session_;
  // What stands when a daemon starts, its first run may end.
  SteadyClock::time_point next_look_ = SteadyClock::now() + between_looks;
};

Notifier::Notifier(Log& log) : log_(log) {}
Notifier::~Notifier() = default;

void Notifier::start(std::shared_ptr<const config::Configuration> configuration, store::Lease& lease) {
  if (configuration->notify.empty()) return;
  {
    const std::scoped_lock lock(mutex_);
    look_ = false;
  }
  round_ = std::make_unique<Round>(std::move(configuration), lease, log_);
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop, *round_); });
}

void Notifier::stop() {
  thread_ = {};
  round_.reset();
}

void Notifier::wake() {
  {
    const std::scoped_lock lock(mutex_);
    look_ = true;
  }
  woken_.notify_one();
}

void Notifier::work(const std::stop_token& stop, Round& round) try {
  while (!stop.stop_requested()) {
    bool look = false;
    {
      const std::scoped_lock lock(mutex_);
      look = std::exchange(look_, false);
    }
    const auto until = round.go(look, stop);
    std::unique_lock lock(mutex_);
    woken_.wait_until(lock, stop, until, [this] { return look_; });
  }
} catch (const Interrupted&) {  // the wanted end
}

}  // namespace dvsync::service
