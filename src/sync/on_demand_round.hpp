#pragma once
// One round of answers: what is known, and what is written in one transaction. Private to sync.

#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "dvsync/store/pending.hpp"
#include "dvsync/store/user_run.hpp"
#include "dvsync/sync/on_demand.hpp"
#include "executor.hpp"
#include "stored_facts.hpp"

namespace dvsync::sync {

class OnDemandRound {
 public:
  OnDemandRound(const EvaluationContext& evaluation, const store::WriteSettings& settings, store::Connection& mirror,
                store::Connection& session, const Asking& asking);

  std::vector<RequestOutcome> run(const std::vector<Resolved>& asked);

 private:
  void evaluate(const std::vector<core::Guid>& users);
  void take(Evaluated& evaluated);
  void leave_alone(const Evaluated& evaluated);
  [[nodiscard]] bool is_deferred(const core::Identity& identity) const;
  void note(const core::Guid& user, const core::Planned& planned, const core::SystemUser* row);
  void note_written(const core::Change& change);

  void write();
  void refuse_admissions();
  void leave_locked_rows();
  void execute_some(store::Batch& batch, std::vector<Task> tasks);
  void consult_guard(store::Batch& batch);
  [[nodiscard]] core::GuardLedger count_for_guard();
  void note_refused();
  void log(store::Batch& batch);

  const EvaluationContext& evaluation_;
  const store::WriteSettings& settings_;
  store::Connection& mirror_;
  store::Connection& session_;
  const Asking& asking_;
  core::Environment rules_;
  IdentityRefresher refresher_;
  std::unordered_map<core::Guid, RequestOutcome> answers_;
  std::vector<Task> tasks_;
  std::unordered_map<core::Guid, core::GuardClass> guarded_;  // must ask the guard
  std::unordered_set<core::Guid> refused_;                    // planned, and not (yet) written
  std::vector<core::Guid> written_;                           // systemuserids
  store::UserRun run_;
};

}  // namespace dvsync::sync
