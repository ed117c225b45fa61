#pragma once
// What the daemon does, as opposed to when: everything that blocks. Called from the worker thread alone. Whatever it
// throws ends the step, not the daemon.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/service/component.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::service {

using SharedConfiguration = std::shared_ptr<const config::Configuration>;

enum class Kind : std::uint8_t { incremental, full };  // by weight: of two that coincide, the later one

// What daemons on this mirror did before, as their common schedule in the database tells it.
struct Past {
  std::optional<std::chrono::seconds> since_run;   // since the last run began; nullopt: never
  std::optional<std::chrono::seconds> since_full;  // since the last full run that went through began
  std::optional<Kind> unfinished;                  // the last run never ended well: it was killed, or failed
};

// The answer to "may I work?".
struct LeaseAttempt {
  bool ours = false;
  std::string holder;      // else: who works, or waits to
  bool of_daemon = false;  // that is a daemon like this one, which keeps the schedule
  Past past;               // ours: where the schedule stands
};

// Of a lease between runs. wanted: a command politely waits for it.
enum class LeaseState : std::uint8_t { ours, wanted, lost };

// When the worker last got on with something. Written by the worker's threads, read by the watchdog.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;
  void made() { last_.store(Clock::now().time_since_epoch().count()); }
  [[nodiscard]] Clock::duration age() const { return Clock::now() - Clock::time_point(Clock::duration(last_.load())); }

 private:
  std::atomic<Clock::rep> last_{Clock::now().time_since_epoch().count()};
};

[[nodiscard]] inline bool ended_with(const sync::RunReport& report, store::Outcome outcome) {
  return std::ranges::find(report.environments, outcome, &sync::EnvironmentReport::outcome) !=
         report.environments.end();
}

// Whether a run that failed ended well for some environments, and for no other reason than that others failed: a full
// run is then owed to those alone, and the worker looks at everybody there as soon as it can.
[[nodiscard]] inline bool reached_some(const sync::RunReport& report) {
  const bool some = !report.in_line.empty() || std::ranges::any_of(report.environments, [](const auto& environment) {
    return environment.outcome != store::Outcome::failed;
  });
  return some && report.pull_error.empty() && !ended_with(report, store::Outcome::interrupted);
}

class Worker {
 public:
  virtual ~Worker() = default;
  // Takes the lease if it is free and no command waits for it. Throws StoreError.
  virtual LeaseAttempt acquire_lease() = 0;
  // Whether the lease is still ours, and nobody politely waits for it. Throws StoreError.
  virtual LeaseState lease_state() = 0;
  virtual void release_lease() = 0;
  // Throws StoreError, UsageError or Interrupted; everything else is in the report.
  virtual sync::RunReport run(Kind kind, std::stop_token stop) = 0;
  // Forgets some of the log that is old enough. True: there is more. Throws StoreError.
  virtual bool tidy(std::stop_token stop) = 0;
  // From the next step on. The lease is given back if it belongs to another mirror now. True: it is still ours.
  virtual bool reconfigure(SharedConfiguration configuration) = 0;
};

// The real one. `observer` is told what happens in runs; components serve while the lease is held. All are the
// caller's and outlive the worker.
[[nodiscard]] std::unique_ptr<Worker> make_worker(SharedConfiguration configuration, sync::Observer& observer,
                                                  std::vector<Component*> components);

}  // namespace dvsync::service
