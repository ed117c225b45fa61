#pragma once
// One run on one environment: whom to look at, what to do, the guard, the end. docs/architecture.md, The path of a run.

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/environment.hpp"
#include "dvsync/store/lease.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::sync {

struct SavedPlan;

// What one run is about, for every environment alike.
struct Scope {
  bool full = false;                       // --full: everybody
  std::set<std::string> missed_full = {};  // everybody in these environments, which missed the last full run
  std::optional<core::Guid> only = {};     // --user: this one, from the mirror
  bool undoes = false;                     // `undo`: no evaluation, but its failure is logged as a run's
  bool approved_only = false;              // `approve`: what was released, and nothing else
  core::Trigger trigger = core::Trigger::background;
  std::string requested_by = {};
  const SavedPlan* saved = nullptr;  // `apply`: what this plan says, and nothing else
  std::int64_t answers = 0;          // of `approve`: the run whose held decisions were released
  std::string comment = {};
};

class MirrorAnswers;
class SessionPool;
class SpareSessions;

struct RunContext {
  const config::Configuration& configuration;
  std::int64_t run_id = 0;
  Scope scope;
  Observer& observer;
  std::mutex& observer_mutex;
  std::stop_token stop;
  std::string worker = {};           // what the sessions of a run are called (Lease::worker_name); empty: it only reads
  SpareSessions* spare = nullptr;    // sessions to go on with, if there are any
  SessionPool* pool = nullptr;       // where runs of many environments leave their sessions to each other
  MirrorAnswers* answers = nullptr;  // what the mirror tells all environments of a run alike; null: each asks itself
  // Threads that write, of one environment; more do not help two cores, and each holds batches in memory. 0: the one
  // that plans.
  std::size_t writers = 2;
  const PullReport* pull = nullptr;  // this run's; null: it made none
  // Of a worker beside others on one server: where that has too few sessions, it leaves them to the others
  // (ConnectError with full(), before anything is begun) rather than wait.
  bool steps_aside = false;
};

// Sessions come from the configuration; each is opened when first needed. Throws StoreError and Interrupted; what was
// committed stays, and the run is marked failed or interrupted by the caller.
[[nodiscard]] EnvironmentReport run_environment(const RunContext& context, const config::Environment& environment,
                                                store::Lease& lease);

// What run_environment would do, told to the observer; nothing is written.
[[nodiscard]] EnvironmentReport plan_environment(const RunContext& context, const config::Environment& environment);

}  // namespace dvsync::sync
