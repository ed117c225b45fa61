#pragma once
// The one evaluation. A run, a dry run and a request give it candidates; it says of each what the rules decide, and how
// the decision stands before the guard. They differ only in what they do with the answer: write it, tell it, reply.

#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "candidates.hpp"
#include "dvsync/core/environment.hpp"
#include "dvsync/core/guard.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/store/batch.hpp"
#include "dvsync/store/pending.hpp"
#include "dvsync/store/rejected_records.hpp"
#include "dvsync/store/system_users.hpp"

namespace dvsync::sync {

// What the planner asks for beside identities and rows.
class EvaluationFacts {
 public:
  virtual ~EvaluationFacts() = default;
  // Records that the last pull could not use.
  [[nodiscard]] virtual store::RejectedById rejected_among(const std::vector<core::Guid>& object_ids) = 0;
  // Decisions that earlier runs hold.
  [[nodiscard]] virtual std::vector<store::Waiting> held_among(const std::vector<core::Guid>& object_ids) = 0;
  // Decisions that an operator rejected, of everybody: few.
  [[nodiscard]] virtual const std::vector<store::Declined>& declined() = 0;
  // What the sync last wrote into until_edited columns.
  [[nodiscard]] virtual store::WrittenById written(const std::vector<core::Guid>& systemuserids) = 0;
  // Whether creates and enables are guarded, since the rules changed (D12).
  [[nodiscard]] virtual bool guards_admissions() = 0;
  // Sets the security roles and group teams of these rows. Asked only where the environment looks after either.
  virtual void read_access(const std::vector<core::SystemUser*>& /*rows*/) {}
};

// One candidate's evaluation. What it refers to lives as long as the chunk.
struct Evaluated {
  core::Identity& identity;
  const core::SystemUser* row = nullptr;
  const source::RejectedRecord* broken = nullptr;  // its own record cannot be used: nothing was planned for it
  const store::WrittenById* written = nullptr;     // what it was planned with, as are the options
  core::PlanOptions options = {};
  core::Planned planned = {};
  std::optional<core::GuardClass> guard_class = {};  // of a decision that is the guard's to count
  core::GuardStanding standing = core::GuardStanding::fresh;
  // An operator rejected what an earlier run had decided, and now something else is decided: that is over.
  bool no_longer_declined = false;
};
using OnEvaluated = std::function<void(Evaluated&)>;

// Whether creates and enables are guarded (D12). Those that an earlier run holds stay guarded, whatever the rules are
// by now; only an administrator's own act is never guarded.
enum class Admissions : std::uint8_t {
  guarded,
  free,
  ask_facts,  // once there is one
  by_hand,
};

class Planner {
 public:
  Planner(const core::Environment& rules, core::Trigger trigger, Admissions admissions, EvaluationFacts& facts);

  void evaluate(std::vector<Candidate>& chunk, const OnEvaluated& on_evaluated);

 private:
  class Chunk;
  void plan(Evaluated& evaluated, Chunk& chunk, const store::WrittenById& written);
  [[nodiscard]] bool guards_admission(const core::Guid& id, Chunk& chunk);
  [[nodiscard]] const store::Declined* declined(const core::Guid& id);
  // Whether an operator rejected this very decision: then only the rest of the change is made.
  bool heed_declined(Evaluated& evaluated, const store::WrittenById& written);

  const core::Environment& rules_;
  core::PlanOptions options_;
  Admissions admissions_;
  EvaluationFacts& facts_;
  bool remembers_writes_;
  std::optional<std::unordered_map<core::Guid, const store::Declined*>> declined_;
};

// core::plan() with what the sync remembers of the row (null: there is none).
[[nodiscard]] core::Planned plan_with(const core::Environment& rules, const core::PlanOptions& options,
                                      const core::Identity& identity, const core::SystemUser* row,
                                      const store::WrittenById& written);

// The rejection as it is listed.
[[nodiscard]] store::ListedRejection listed(const core::Identity& identity, const core::Rejection& rejection);

// Whether any column is until_edited: only then the sync remembers what it wrote.
[[nodiscard]] bool remembers_writes(const core::FieldMapping& mapping);

}  // namespace dvsync::sync
