#pragma once
// One run from beginning to end: the lease, the pull, every environment. Plain blocking code: the daemon calls it from
// a worker, the commands call it directly. Nothing it meets in an environment stops the others.

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/source/directory_source.hpp"
#include "dvsync/store/lease.hpp"
#include "dvsync/sync/environment_run.hpp"
#include "dvsync/sync/report.hpp"
#include "dvsync/sync/resolution.hpp"

namespace dvsync::sync {

struct RunRequest {
  bool full = false;
  std::set<std::string> missed_full = {};          // these environments look at everybody, whatever the run is
  bool wait = true;                                // for the lease while another dvsync has it; false: Busy
  std::optional<source::UserReference> user = {};  // from the mirror, without a pull
  std::vector<std::string> environments = {};      // empty: all
  bool opens_all = false;               // a plan that is saved names environments too in which there is nothing to do
  std::string command = "dvsync sync";  // for those who wait for us
  std::string requested_by = {};
};

// Somebody else works, and the caller does not want to wait.
class Busy : public Error {
 public:
  explicit Busy(const std::string& holder) : Error(holder + " is working on this mirror; try again later") {}
};
// What a person asked for does not exist or is not clear: exit code 64.
class UsageError : public Error {
 public:
  using Error::Error;
};

// Throws Busy, UsageError, and Interrupted before it began. Every failure is in the report, and in the log of every
// environment that can be reached.
[[nodiscard]] RunReport run(const config::Configuration& configuration, const RunRequest& request, Observer& observer,
                            std::stop_token stop);
// The same under a lease that the caller holds already (the daemon's). Throws UsageError.
[[nodiscard]] RunReport run_under(store::Lease& lease, const config::Configuration& configuration,
                                  source::DirectorySource& source, const RunRequest& request, Observer& observer,
                                  std::stop_token stop);

// What a run would change; changes nothing but the mirror, and that only if it can have the lease.
[[nodiscard]] RunReport plan(const config::Configuration& configuration, const RunRequest& request, Observer& observer,
                             std::stop_token stop);

// What an operator answers to what run `run_id` holds: of these users (names or object ids), or of all.
struct HoldAnswer {
  std::int64_t run_id = 0;
  std::vector<std::string> users = {};
  std::string comment = {};
};
// Releases it, in these environments, and executes it. Throws UsageError where there is nothing of it.
[[nodiscard]] RunReport approve(const config::Configuration& configuration, const HoldAnswer& answer,
                                const RunRequest& request, Observer& observer, std::stop_token stop);
// Rejects it: rows keep their state, and the same decisions are not asked for again. How many, by environment; logged
// as a run of its own. Throws UsageError as above, StoreError of the first environment that cannot be written.
struct RejectedHolds {
  std::int64_t logged_as = 0;
  std::vector<std::pair<std::string, std::int64_t>> decisions = {};
};
[[nodiscard]] RejectedHolds reject(const config::Configuration& configuration, const HoldAnswer& answer,
                                   const RunRequest& request, std::stop_token stop);

// The environments a request names, or all. Throws UsageError.
[[nodiscard]] std::vector<const config::Environment*> chosen(const config::Configuration& configuration,
                                                             const std::vector<std::string>& names);

}  // namespace dvsync::sync
