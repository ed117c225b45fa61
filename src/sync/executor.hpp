#pragma once
// Executes decisions in a batch: locks the rows, plans again on what is really there, writes, and sees to what the
// table refuses. Plans made before the lock are only a hint. Private to sync.

#include <functional>
#include <vector>

#include "dvsync/core/counters.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/store/batch.hpp"
#include "dvsync/store/run_log.hpp"
#include "stored_facts.hpp"

namespace dvsync::sync {

// One identity to be brought in line.
struct Task {
  core::Identity identity;
  core::PlanOptions options;
  bool has_row = false;  // as read before the lock
  bool final = false;    // the guard has spoken: guarded changes are executed
  bool held = false;     // counts as held, whatever else happens to it
};

struct Executed {
  core::Counters counters;
  store::ClassCounts passed{};  // guarded changes that were executed
  std::vector<store::ListedRejection> rejections;
  std::vector<core::Reason> missing;
};
// Told of what is written; it counts once the batch is committed.
using OnChange = std::function<void(const core::Change&, const std::vector<std::string>& notes)>;
// What was decided for one identity on its locked row (null: none); once more if it had to be planned again.
using OnPlanned = std::function<void(const core::Guid&, const core::Planned&, const core::SystemUser*)>;

// Everything of `tasks` within `batch`; what must wait for the guard goes to sync_pending. Nothing is committed here.
[[nodiscard]] Executed execute(store::Batch& batch, const core::Environment& environment, std::vector<Task> tasks,
                               IdentityRefresher& mirror, const std::vector<std::string>& notes,
                               const OnChange& on_change, const OnPlanned& on_planned = {});

}  // namespace dvsync::sync
