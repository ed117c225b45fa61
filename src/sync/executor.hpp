#pragma once
// Executes decisions: locks the rows, plans again on what is really there, writes, and sees to what the
// table refuses. Plans made before the lock are only a hint. Private to sync.

#include <functional>
#include <vector>

#include "dvsync/core/counters.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/store/batch.hpp"
#include "dvsync/store/run_log.hpp"
#include "stored_facts.hpp"

namespace dvsync::sync {

// What the guard has said of a task.
enum class Verdict : std::uint8_t {
  open,  // nothing yet: a change that is the guard's to count waits for it in sync_pending
  released,
  held,      // everything is written but the transition; the identity counts as held
  approved,  // an operator's word: it does not count
};

// One identity to be brought in line.
struct Task {
  core::Identity identity;
  core::PlanOptions options;
  bool has_row = false;  // as read before the lock
  Verdict verdict = Verdict::open;
};

// What the guard lets happen to a decision that it counted. The identity is still to be read: only its id is set.
[[nodiscard]] Task guarded_task(const core::Guid& object_id, core::GuardClass guard_class, core::GuardStanding standing,
                                const core::GuardLedger& ledger, core::Trigger trigger);

// What an execution makes of changes that cannot be written now.
enum class LeftOver : bool {
  hand_back,  // they are in Executed::left_over, and not counted
  settle,     // nobody tries again: what must change together is tried together, the rest is rejected
};

struct Executed {
  core::Counters counters;
  store::ClassCounts passed{};  // guarded changes that were executed and not approved
  std::int64_t waiting = 0;     // changes that wait for the guard now
  std::vector<store::ListedRejection> rejections;
  std::vector<core::Reason> missing;
  std::vector<Task> left_over;        // somebody else holds the row, or another row a value that must be unique
  std::vector<core::Guid> unapplied;  // approved, but locked: the approval stands
  std::int64_t locked = 0;            // rejected, because somebody else held the row until the end
  std::vector<core::Guid> renamed;    // rows whose user name is new
};

// A row that somebody else held until the end of the run, as it is listed.
inline constexpr const char* row_locked = core::code_of(core::Reason::row_locked).data();
// Told of what is written; it counts once the batch is committed.
using OnChange = std::function<void(const core::Change&, const std::vector<std::string>& notes)>;
// What was decided for one identity on its locked row (null: none); once more if it had to be planned again.
using OnPlanned = std::function<void(const core::Guid&, const core::Planned&, const core::SystemUser*)>;

// Everything of `tasks` in `table`; what must wait for the guard goes to sync_pending. Nothing is committed here.
[[nodiscard]] Executed execute(store::RowWriter& table, const core::Environment& environment, std::vector<Task> tasks,
                               FreshIdentities& mirror, const OnChange& on_change, LeftOver left_over,
                               const OnPlanned& on_planned = {});

}  // namespace dvsync::sync
