#pragma once
// A run's last transaction: the guard counts, what may be executed is, the position moves. It is one transaction, so
// that a kill repeats the run or finds it done. Private to sync.

#include <optional>

#include "plan_check.hpp"
#include "run_account.hpp"
#include "run_kind.hpp"
#include "stored_facts.hpp"
#include "writers.hpp"

namespace dvsync::sync {

// One run of an environment, opened.
struct OpenRun {
  // Opens its sessions and reads what it is evaluated against. Throws StoreError.
  OpenRun(const RunContext& of, const config::Environment& environment, store::Lease& held);

  const RunContext& context;
  store::Lease& lease;
  RunSessions sessions;
  EvaluationContext evaluation;
  IdentityRefresher mirror;
  store::WriteSettings settings;
  RunChoice choice;
  std::int64_t fence = 0;          // once it has begun
  std::optional<PlanCheck> check;  // of a saved plan

  // What was released, or planned and saved: everybody else is none of this run's business.
  [[nodiscard]] bool looks_at_some() const { return context.scope.approved_only || check.has_value(); }
};

class LastTransaction {
 public:
  LastTransaction(OpenRun& run, RunAccount& account, int batch_no);

  // Work that has no transaction of its own: all of a saved plan, and what Work::may_go_last() says.
  void take(Work work);
  // Ends the run and commits. Throws PlanRefused where it is not what the saved plan says.
  void finish();

 private:
  void count_guarded();
  core::Counters execute_waiting();
  core::Counters give_stubs_their_role();
  void write_stubs(std::vector<core::Change>& changes, core::Counters& counters);
  core::Counters retry_left_over(LeftOver left_over);
  // Of tasks that name only whom they are about, and of whole ones.
  Executed execute_by_id(std::vector<Task> tasks, LeftOver left_over);
  Executed execute_tasks(std::vector<Task> tasks, LeftOver left_over);
  core::Counters reject_records();
  void warn();
  void settle();
  void move_position();
  void end_run();

  OpenRun& run_;
  RunAccount& account_;
  store::Connection& session_;  // the environment's
  store::Batch batch_;
  core::Counters counters_;
  CommittedChanges changes_;                        // told once they are committed,
  std::vector<store::ListedRejection> rejections_;  // and so are these
  core::GuardLedger ledger_;
  bool has_pending_ = false;  // decisions, of this run or of others
  store::ClassCounts passed_{};
};

}  // namespace dvsync::sync
