#pragma once
// When the daemon runs next. Pure: time is given to it, and it never goes back (steady_clock), whatever the wall clock
// does. One thread at a time.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "backoff.hpp"
#include "dvsync/config/configuration.hpp"
#include "dvsync/service/worker.hpp"

namespace dvsync::service {

class RunScheduler {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // A run is due at once. `random` yields numbers from 0 up to 1, for jitter.
  RunScheduler(const config::Schedule& schedule, std::function<double()> random, Time now);

  // This daemon works from now on. `first_run`: nobody has run since it started, so a run is due at once; else the
  // schedule goes on where the daemon before it left it: no run twice, none lost.
  void resume(const Past& past, bool first_run, Time now);

  // Somebody wants a run now. Any number of wishes before the next run are one, of the weightier kind.
  void ask(Kind kind);

  // What is to be run now, if anything. Missed times coalesce.
  [[nodiscard]] std::optional<Kind> due(Time now) const;
  // When due() should be asked again.
  [[nodiscard]] Time next() const;

  void began(Kind kind, Time now);
  void succeeded();
  // The run is tried again soon, at growing intervals up to `every`. Returns when. `full_owed`: if it was a full one,
  // the next one is again; false where only some environments missed it, who catch up by themselves.
  Time failed(Time now, bool full_owed = true);

  void reschedule(const config::Schedule& schedule);

 private:
  [[nodiscard]] std::chrono::nanoseconds jitter() const;

  config::Schedule schedule_;
  std::function<double()> random_;
  Backoff backoff_;
  Kind running_ = Kind::incremental;
  std::optional<Kind> asked_;
  std::optional<Time> retry_;  // after a failure; nothing but a wish runs earlier
  Time began_;
  Time full_began_;
  Time next_;
  Time next_full_;
};

}  // namespace dvsync::service
