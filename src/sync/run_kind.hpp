#pragma once
// Which kind of run an environment needs, and whom it looks at. Private to sync.

#include <memory>
#include <optional>
#include <string>

#include "candidates.hpp"
#include "dvsync/store/run_log.hpp"
#include "dvsync/store/touched_rows.hpp"
#include "dvsync/sync/environment_run.hpp"
#include "evaluation_context.hpp"
#include "planner.hpp"
#include "run_sessions.hpp"

namespace dvsync::sync {

struct RunChoice {
  store::RunKind kind = store::RunKind::incremental;
  std::string why_full;                   // why everybody has to be evaluated; empty: not everybody
  bool same_rules = false;                // as the environment was last decided by
  store::Waits waits;                     // once the run has begun
  bool lost_track = false;                // mirror and environment have not the same past: worth a warning in the log
  std::optional<store::Watermark> since;  // nullopt: the environment has never been evaluated as a whole
  store::TouchedRows touched;             // whose rows others changed
  std::optional<core::Timestamp> behind_since;  // when the reading began that the environment is in line with
  store::Position target;                       // where a whole run moves the environment

  [[nodiscard]] bool is_full() const { return kind == store::RunKind::full; }
};

// Asks the environment where it stands, and the mirror whether it knows that.
[[nodiscard]] RunChoice choose_run_kind(const Scope& scope, const EvaluationContext& context,
                                        const RunSessions& sessions);

// Whom a run looks at although their identities did not move: what is held or rejected, and rows that others changed.
[[nodiscard]] std::vector<core::Guid> rechecked(const Scope& scope, const RunChoice& choice, RunSessions& sessions);

// Where the environment's group decides, a look at everybody is one at whom it may let in and at whom it has: what else
// there is to say of others, nobody asks. The rest of the directory is not read.
[[nodiscard]] std::unique_ptr<Candidates> everybody_concerned(const Scope& scope, const RunChoice& choice,
                                                              const EvaluationContext& context, RunSessions& sessions);

[[nodiscard]] std::unique_ptr<Candidates> candidates_of(const Scope& scope, const RunChoice& choice,
                                                        const EvaluationContext& context, RunSessions& sessions);

// Whether new rows wait for the guard: not under the rules by which the environment was decided before.
[[nodiscard]] Admissions admissions_of(const RunChoice& choice, EvaluationFacts& facts);

// Whether a run looks at everybody for whom earlier runs hold something.
[[nodiscard]] core::GuardLedger::Extent extent_of(const Scope& scope);

}  // namespace dvsync::sync
