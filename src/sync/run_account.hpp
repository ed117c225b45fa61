#pragma once
// What one run of an environment found and did so far, told to the observer on the way. Private to sync.

#include <chrono>
#include <string>
#include <unordered_set>
#include <vector>

#include "dvsync/sync/environment_run.hpp"
#include "evaluation_context.hpp"
#include "executor.hpp"

namespace dvsync::sync {

// What the planning leaves for the run's last transaction.
struct AfterPlanning {
  std::vector<core::Guid> over;              // a rejection of them, because something else is decided by now
  std::unordered_set<core::Guid> undecided;  // held by earlier runs, and this one cannot tell whether still wanted
  std::vector<store::CountedBatch> quiet;    // of users for whom nothing is to be done
};

// Where a run's time goes.
class RunClock {
 public:
  using Clock = std::chrono::steady_clock;

  // For as long as `write` takes, planning waits.
  template <class Write>
  void waits_for(Write write) {
    const auto began = Clock::now();
    write();
    writing_ += std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
  }
  void planned() { planned_at_ = Clock::now(); }
  // Once planning is over; `pull`: this run's, or null.
  [[nodiscard]] core::RunPhases phases(const PullReport* pull) const;

 private:
  Clock::time_point began_ = Clock::now();
  Clock::time_point planned_at_ = began_;
  std::chrono::milliseconds writing_{0};
};

// The functions may be called by writers, from threads of their own; the members belong to the run's thread, once no
// writer works any more.
class RunAccount {
 public:
  RunAccount(const RunContext& context, std::string environment);

  void tell(const CommittedChanges& changes);
  void tell(const store::ListedRejection& rejection);
  void add(const core::Counters& counters);
  void miss(core::Reason reason);
  // A batch that was committed.
  void take(const Executed& executed, const CommittedChanges& changes);
  // Who is to be tried again by the last transaction. Their identities are read again then: only who they are is kept.
  void leave_over(const Executed& executed);
  void add_names(const Executed& executed);

  EnvironmentReport report;
  MissingFacts missing;
  AfterPlanning after_planning;
  RunClock clock;
  std::vector<Task> left_over;
  std::vector<core::Guid> unapplied;  // approved, and still locked
  bool stays_behind = false;          // the next run begins where this one did
  std::vector<core::Guid> renamed;    // rows whose user name is new, as long as these are few
  bool renamed_many = false;

 private:
  const RunContext& context_;
};

}  // namespace dvsync::sync
