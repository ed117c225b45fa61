#include "run_scheduler.hpp"

#include <algorithm>

namespace dvsync::service {
namespace {

constexpr std::chrono::seconds first_retry{5};

std::chrono::milliseconds shortest(std::chrono::seconds every) {
  return std::min<std::chrono::milliseconds>(first_retry, every);
}

}  // namespace

RunScheduler::RunScheduler(const config::Schedule& schedule, std::function<double()> random, Time now)
    : schedule_(schedule),
      random_(std::move(random)),
      backoff_(shortest(schedule.every), schedule.every, random_),
      began_(now),
      full_began_(now),
      next_(now),
      next_full_(now) {}

std::chrono::nanoseconds RunScheduler::jitter() const {
  const std::chrono::nanoseconds most = schedule_.jitter;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(most.count()) * random_()));
}

void RunScheduler::resume(const Past& past, bool first_run, Time now) {
  retry_.reset();
  backoff_.reset();
  began_ = past.since_run ? now - *past.since_run : now;
  next_ = first_run || !past.since_run || past.unfinished ? now : began_ + schedule_.every + jitter();
  full_began_ = past.since_full ? now - *past.since_full : now;
  next_full_ = !past.since_full || past.unfinished == Kind::full ? now : full_began_ + schedule_.full_every + jitter();
}

void RunScheduler::ask(Kind kind) { asked_ = std::max(asked_.value_or(kind), kind); }

std::optional<Kind> RunScheduler::due(Time now) const {
  if (!asked_ && now < next()) return std::nullopt;
  const bool full = asked_ == Kind::full || now >= next_full_;
  return full ? Kind::full : Kind::incremental;
}

RunScheduler::Time RunScheduler::next() const { return retry_ ? *retry_ : std::min(next_, next_full_); }

void RunScheduler::began(Kind kind, Time now) {
  running_ = kind;
  asked_.reset();
  began_ = now;
  next_ = now + schedule_.every + jitter();
  if (kind != Kind::full) return;
  full_began_ = now;
  next_full_ = now + schedule_.full_every + jitter();
}

void RunScheduler::succeeded() {
  retry_.reset();
  backoff_.reset();
}

RunScheduler::Time RunScheduler::failed(Time now, bool full_owed) {
  if (running_ == Kind::full && full_owed) next_full_ = now;
  retry_ = now + backoff_.next();
  return *retry_;
}

void RunScheduler::reschedule(const config::Schedule& schedule) {
  const bool moved = schedule.every != schedule_.every || schedule.jitter != schedule_.jitter;
  const bool full_moved = moved || schedule.full_every != schedule_.full_every;
  const bool owed = retry_ && next_full_ <= *retry_;  // a failed full run waits for its retry
  schedule_ = schedule;
  backoff_ = Backoff(shortest(schedule.every), schedule.every, random_);
  if (moved) next_ = began_ + schedule_.every + jitter();
  if (full_moved && !owed) next_full_ = full_began_ + schedule_.full_every + jitter();
}

}  // namespace dvsync::service
