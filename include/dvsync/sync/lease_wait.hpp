#pragma once
// Waiting for the lease: one dvsync works on a mirror at a time, whoever has the lease.

#include <memory>
#include <stop_token>
#include <string>

#include "dvsync/config/configuration.hpp"
#include "dvsync/store/lease.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::sync {

// The lease, if it is free; nullptr: `holder` says who has it. `command` is what others read who wait for us.
[[nodiscard]] std::unique_ptr<store::Lease> try_lease(const config::Configuration& configuration,
                                                      const std::string& command, store::LeaseHolder& holder);

// The lease, once whoever works is done; the observer is told for whom we wait. Throws StoreError and Interrupted.
[[nodiscard]] std::unique_ptr<store::Lease> wait_for_lease(const config::Configuration& configuration,
                                                           const std::string& command, Observer& observer,
                                                           const std::stop_token& stop);

// The lease unless somebody works: a daemon between its runs gives way, which takes it a moment. nullptr: `holder`
// works. Throws StoreError and Interrupted.
[[nodiscard]] std::unique_ptr<store::Lease> lease_if_idle(const config::Configuration& configuration,
                                                          const std::string& command, store::LeaseHolder& holder,
                                                          const std::stop_token& stop);

}  // namespace dvsync::sync
