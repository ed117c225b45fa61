#include "engine_steps.hpp"

#include <algorithm>
#include <mutex>

#include "dvsync/store/open.hpp"
#include "dvsync/sync/lease_wait.hpp"
#include "run_failure.hpp"

namespace dvsync::sync {

std::unique_ptr<store::Lease> acquire_lease(const config::Configuration& configuration, const RunRequest& request,
                                            Observer& observer, const std::stop_token& stop) {
  if (request.wait) return wait_for_lease(configuration, request.command, observer, stop);
  store::LeaseHolder holder;
  auto lease = lease_if_idle(configuration, request.command, holder, stop);
  if (!lease) throw Busy(holder.name);
  return lease;
}

std::int64_t last_run_of(const config::Configuration& configuration,
                         const std::vector<const config::Environment*>& environments, SpareSessions* spare,
                         const std::stop_token& stop) {
  std::int64_t last = 0;
  for (const auto* environment : environments) {
    if (environment->rules.type == core::EnvironmentType::none) continue;
    try {
      auto session = store::open_environment(configuration, *environment, {.stop = stop});
      last = std::max(last, store::last_run_id(*session));
      // One: a server has only so many sessions to give.
      if (spare != nullptr && environments.size() == 1) spare->keep(environment, std::move(session));
    } catch (const StoreError&) {
      // It cannot be reached or is not migrated: its own run says so.
    }
  }
  return last;
}

std::int64_t unused_run_id(const config::Configuration& configuration,
                           const std::vector<const config::Environment*>& environments, store::Connection& mirror,
                           const std::stop_token& stop) {
  return store::next_run_id(mirror, last_run_of(configuration, environments, nullptr, stop));
}

namespace {

EnvironmentReport run_one(const RunContext& context, const config::Environment& environment, store::Lease& lease) {
  const auto started = std::chrono::steady_clock::now();
  EnvironmentReport report;
  try {
    report = run_environment(context, environment, lease);
  } catch (...) {  // whatever it is, the other environments come to their turn
    const auto failure = failure_of(std::current_exception(), context.configuration, &environment);
    report = failed_report(environment.rules.name, failure);
    if (!failure.fenced) record_failure(context, environment, report);
  }
  report.duration = elapsed_since(started);
  return report;
}

}  // namespace

RunReport run_environments(const RunContext& context, const std::vector<const config::Environment*>& environments,
                           store::Lease& lease) {
  RunReport report;
  report.run_id = context.run_id;
  for (const auto* environment : environments) {
    if (environment->rules.type == core::EnvironmentType::none) continue;  // gate 1: there is no table
    auto of_one = run_one(context, *environment, lease);
    const std::scoped_lock lock(context.observer_mutex);
    context.observer.environment_ends(context.run_id, of_one);
    report.environments.push_back(std::move(of_one));
    if (context.stop.stop_requested()) break;
  }
  return report;
}

}  // namespace dvsync::sync
