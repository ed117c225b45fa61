#pragma once
// What every run does, whoever asked for it: the lease, a number, the environments. Private to sync.

#include <memory>
#include <stop_token>
#include <vector>

#include "dvsync/store/lease.hpp"
#include "dvsync/sync/engine.hpp"
#include "dvsync/sync/preflight.hpp"
#include "outlook.hpp"
#include "run_sessions.hpp"

namespace dvsync::sync {

// Waits for it if the request says so. Throws Busy.
[[nodiscard]] std::unique_ptr<store::Lease> acquire_lease(const config::Configuration& configuration,
                                                          const RunRequest& request, Observer& observer,
                                                          const std::stop_token& stop);

// The highest run id in the logs of these environments. The sessions it takes to see that are kept, if wanted, for a
// run that begins at once.
[[nodiscard]] std::int64_t last_run_of(const config::Configuration& configuration,
                                       const std::vector<const config::Environment*>& environments,
                                       SpareSessions* spare, const std::stop_token& stop);

// A number that none of these environments has seen: the mirror's numbering lags behind their logs where it was built
// anew or restored from a backup. `known`: of some it has been looked up already.
[[nodiscard]] std::int64_t unused_run_id(const config::Configuration& configuration,
                                         const std::vector<const config::Environment*>& environments,
                                         store::Connection& mirror, const std::stop_token& stop,
                                         const LastRuns& known = {});

// Some of each server side by side, the servers too; what fails in one of them is in its report, and in its log.
// Reports stand in the order of the environments.
[[nodiscard]] RunReport run_environments(const RunContext& context,
                                         const std::vector<const config::Environment*>& environments,
                                         store::Lease& lease);

// What fails in the mirror's own database, in the preflight's words.
template <class Work>
auto explained(const config::Configuration& configuration, const Work& work) {
  try {
    return work();
  } catch (const StoreError& error) {
    throw explain_failure(configuration, nullptr, error);
  }
}

}  // namespace dvsync::sync
