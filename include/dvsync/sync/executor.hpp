#pragma once
// Executes decisions in a batch: locks the rows, plans again on what is really there, writes, and sees to what the
// table refuses. Plans made before the lock are only a hint.

#include <functional>
#include <mutex>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/counters.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/store/batch.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/store/run_log.hpp"
#include "dvsync/sync/subjects.hpp"

namespace dvsync::sync {

// One identity to be brought in line.
struct Task {
  core::Identity identity;
  core::PlanOptions options;
  bool has_row = false;  // as read before the lock
  bool final = false;    // the guard has spoken: guarded changes are executed
  bool held = false;     // counts as held, whatever else happens to it
};

// The mirror as writers see it: fresher facts than the ones in hand, if there are any by now. Thread-safe.
class Freshness {
 public:
  // By what an environment sees identities.
  struct Terms {
    std::optional<std::string> security_group;
    const config::Licenses& licenses;
  };
  // `version`: of the mirror that the tasks' identities were read from.
  Freshness(store::Connection& mirror, std::int64_t version, Terms terms)
      : mirror_(mirror), version_(version), terms_(std::move(terms)) {}
  // Replaces identities that moved since the run began: an older version never overwrites a newer one.
  void refresh(std::vector<Task>& tasks);

 private:
  std::mutex mutex_;
  store::Connection& mirror_;
  std::int64_t version_;
  Terms terms_;
  std::optional<store::IdentityView> view_;  // of the mirror as it is by now
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
                               Freshness& freshness, const std::vector<std::string>& notes, const OnChange& on_change,
                               const OnPlanned& on_planned = {});

// The rejection as it is listed.
[[nodiscard]] store::ListedRejection listed(const core::Identity& identity, const core::Rejection& rejection);

// What the sync remembers of the row's until_edited columns, if any column has that policy.
[[nodiscard]] bool remembers_writes(const core::FieldMapping& mapping);

}  // namespace dvsync::sync
