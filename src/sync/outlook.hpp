#pragma once
// A look at all environments before any is opened: which of them this run has nothing to do in. Private to sync.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dvsync/store/in_line.hpp"
#include "dvsync/sync/environment_run.hpp"

namespace dvsync::sync {

// The highest run id in the logs of environments, as far as they were looked at.
using LastRuns = std::map<const config::Environment*, std::int64_t>;

struct Outlook {
  std::vector<const config::Environment*> to_open;
  std::vector<std::string> in_line = {};  // the others, by name
  store::InLineByName found = {};  // what the mirror is to remember of those, once a run that has a number leaves them
  LastRuns last_runs = {};
};

// After a pull, for a run of what changed. What cannot be told for certain is opened. `mirror`: serves nothing else
// meanwhile. Throws StoreError of the mirror, and Interrupted.
[[nodiscard]] Outlook look_around(const RunContext& context,
                                  const std::vector<const config::Environment*>& environments,
                                  const store::Lease& lease, store::Connection& mirror);

}  // namespace dvsync::sync
