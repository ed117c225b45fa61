#include "dvsync/sync/engine.hpp"

#include <algorithm>
#include <future>
#include <mutex>

#include "config/suggestion.hpp"
#include "dvsync/source/open_directory.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/pending.hpp"
#include "dvsync/sync/preflight.hpp"
#include "dvsync/sync/pull.hpp"
#include "dvsync/sync/turn.hpp"
#include "sessions.hpp"

namespace dvsync::sync {
namespace {

std::unique_ptr<store::Lease> take_turn(const config::Configuration& configuration, const RunRequest& request,
                                        Observer& observer, const std::stop_token& stop) {
  if (request.wait) return wait_for_turn(configuration, request.command, observer, stop);
  store::LeaseHolder holder;
  auto lease = turn_if_idle(configuration, request.command, holder, stop);
  if (!lease) throw Busy(holder.name);
  return lease;
}

// The highest run id in the logs of these environments. The sessions it takes to see that are kept, if wanted, for a
// run that begins at once.
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

// The mirror's numbering lags behind the environments' logs where it was built anew or restored from a backup.
std::int64_t unused_run_id(const config::Configuration& configuration,
                           const std::vector<const config::Environment*>& environments, store::Connection& mirror,
                           const std::stop_token& stop) {
  return store::next_run_id(mirror, last_run_of(configuration, environments, nullptr, stop));
}

EnvironmentReport failed(const std::string& name, store::Outcome outcome, const std::string& error,
                         FailureCause cause) {
  EnvironmentReport report;
  report.name = name;
  report.outcome = outcome;
  report.error = error;
  report.cause = cause;
  return report;
}

EnvironmentReport failed_for(const config::Configuration& configuration, const config::Environment& environment,
                             const StoreError& error) {
  const auto explained = explain_failure(configuration, &environment, error);
  return failed(environment.rules.name, store::Outcome::failed, explained.what(), cause_of(explained));
}

// What fails in the mirror's own database, in the preflight's words as well.
template <class Work>
RunReport explained(const config::Configuration& configuration, const Work& work) {
  try {
    return work();
  } catch (const StoreError& error) {
    throw explain_failure(configuration, nullptr, error);
  }
}

// Marks the run as ended where it can be marked. The failure itself is what counts, so a second one is let go.
void record_failure(const RunContext& context, const config::Environment& environment, store::Lease& lease,
                    EnvironmentReport& report) {
  try {
    const auto session = store::open_environment(context.configuration, environment);  // a stop is what it records
    auto& connection = *session;
    if (connection.exec("SELECT FROM sync_run WHERE run_id = $1::bigint", {std::to_string(context.run_id)}).empty()) {
      const auto kind = context.scope.full ? store::RunKind::full : store::RunKind::incremental;
      store::begin_run(connection, lease,
                       {.run_id = context.run_id,
                        .kind = kind,
                        .trigger = std::string(core::name_of(context.scope.trigger)),
                        .requested_by = context.scope.requested_by});
    }
    report.counters = store::committed_counters(connection, context.run_id);
    store::end_run(connection, context.run_id,
                   {.outcome = report.outcome, .counters = report.counters, .detail = report.error});
  } catch (const Error&) {
    // The environment cannot even take the note: its next run finds this one interrupted.
  }
}

EnvironmentReport run_one(const RunContext& context, const config::Environment& environment, store::Lease& lease) {
  const auto& name = environment.rules.name;
  const auto started = std::chrono::steady_clock::now();
  EnvironmentReport report;
  try {
    report = run_environment(context, environment, lease);
  } catch (const Interrupted& stopped) {
    report = failed(name, store::Outcome::interrupted, stopped.what(), FailureCause::none);
    record_failure(context, environment, lease, report);
  } catch (const StoreError& error) {
    report = failed_for(context.configuration, environment, error);
    if (error.kind() != StoreError::Kind::fenced) record_failure(context, environment, lease, report);
  } catch (const std::exception& error) {  // whatever it is, the other environments come to their turn
    report =
        failed(name, store::Outcome::failed, std::string("unexpected: ") + error.what(), FailureCause::unavailable);
    record_failure(context, environment, lease, report);
  }
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
  return report;
}

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

// Tombstones go once every configured environment has passed them.
void forget_what_all_have_seen(const config::Configuration& configuration, const RunReport& report,
                               store::Connection& mirror, std::int64_t version) {
  std::size_t databases = 0;
  for (const auto& environment : configuration.environments) {
    databases += environment.rules.type == core::EnvironmentType::none ? 0 : 1;
  }
  const bool all = report.environments.size() == databases &&
                   std::none_of(report.environments.begin(), report.environments.end(), [](const auto& environment) {
                     return environment.outcome == store::Outcome::failed ||
                            environment.outcome == store::Outcome::interrupted ||
                            environment.outcome == store::Outcome::held;
                   });
  if (!all) return;
  try {
    store::forget_tombstones(mirror, version);
  } catch (const Interrupted&) {
    // The run is over and told as it went; the next one forgets them.
  }
}

// Every environment's run ends as the pull did, and its log says so.
RunReport end_with_pull(const RunContext& context, const std::vector<const config::Environment*>& environments,
                        store::Lease& lease, const EnvironmentReport& ending) {
  RunReport report;
  report.run_id = context.run_id;
  for (const auto* environment : environments) {
    if (environment->rules.type == core::EnvironmentType::none) continue;
    auto of_one = ending;
    of_one.name = environment->rules.name;
    record_failure(context, *environment, lease, of_one);
    context.observer.environment_ends(context.run_id, of_one);
    report.environments.push_back(std::move(of_one));
  }
  return report;
}

// Whether this environment has anything that run `run_id` holds.
bool release(const config::Configuration& configuration, const config::Environment& environment, std::int64_t run_id,
             const std::string& by, const std::stop_token& stop) {
  return store::approve(*store::open_environment(configuration, environment, {.stop = stop}), run_id, by) > 0;
}

RunReport pull_and_run(store::Lease& lease, const config::Configuration& configuration, source::DirectorySource& source,
                       const RunRequest& request, Observer& observer, const std::stop_token& stop) {
  const auto environments = chosen(configuration, request.environments);
  Scope scope{.full = request.full, .requested_by = request.requested_by};
  // Sessions are opened side by side: that is half the time a run of one user takes.
  auto opening = std::async(std::launch::async, [&] {
    auto mirror = store::open_mirror(configuration, {.stop = stop});
    if (request.user) scope.only = resolve_user(*mirror, *request.user);
    return mirror;
  });
  std::mutex observer_mutex;
  SpareSessions spare;
  auto* const at_once = request.user ? &spare : nullptr;  // after a pull, which takes its time, sessions may be gone
  const auto last_run = last_run_of(configuration, environments, at_once, stop);
  auto mirror = opening.get();
  const auto run_id = store::next_run_id(*mirror, last_run);
  const RunContext context{configuration, run_id, scope, observer, observer_mutex, stop, lease.worker_name(), at_once};
  if (request.user) {
    spare.keep(nullptr, std::move(mirror));
    return run_environments(context, environments, lease);
  }
  PullReport pull;
  try {
    pull = pull_directory(configuration, source, lease, request.full, observer, stop);
    observer.merged(pull);
  } catch (const SourceError& error) {
    const std::string what = error.what();
    auto report =
        end_with_pull(context, environments, lease,
                      failed("", store::Outcome::failed, "the directory was not read: " + what, cause_of(error)));
    report.pull_error = what;
    report.pull_cause = cause_of(error);
    return report;
  } catch (const Interrupted& stopped) {
    return end_with_pull(context, environments, lease,
                         failed("", store::Outcome::interrupted, stopped.what(), FailureCause::none));
  }
  auto report = run_environments(context, environments, lease);
  forget_what_all_have_seen(configuration, report, *mirror, pull.merge.version);
  report.pull = std::move(pull);
  return report;
}

RunReport dry_run(const config::Configuration& configuration, const RunRequest& request, Observer& observer,
                  const std::stop_token& stop) {
  const auto mirror = store::open_mirror(configuration, {.stop = stop});
  const auto environments = chosen(configuration, request.environments);
  Scope scope{.full = request.full, .requested_by = request.requested_by};
  RunReport report;
  store::LeaseHolder holder;
  auto lease = request.user ? nullptr : turn_if_idle(configuration, request.command, holder, stop);
  if (lease) {
    try {
      const auto source = source::open_directory(configuration);
      report.pull = pull_directory(configuration, *source, *lease, request.full, observer, stop);
      observer.merged(*report.pull);
    } catch (const SourceError& error) {
      report.pull_error = error.what();
      report.pull_cause = cause_of(error);
      return report;
    }
    lease.reset();
  } else if (!request.user) {
    if (!store::read_state(*mirror).pulled_at) throw Busy(holder.name);  // there is nothing to plan on
    report.note = "planned on what the mirror knows, because " + holder.name + " is working";
  }
  if (request.user) scope.only = resolve_user(*mirror, *request.user);
  std::mutex observer_mutex;
  const RunContext context{configuration, 0, scope, observer, observer_mutex, stop};
  for (const auto* environment : environments) {
    if (environment->rules.type == core::EnvironmentType::none) continue;
    EnvironmentReport of_one;
    try {
      of_one = plan_environment(context, *environment);
    } catch (const StoreError& error) {
      of_one = failed_for(configuration, *environment, error);
    }
    observer.environment_ends(0, of_one);
    report.environments.push_back(std::move(of_one));
  }
  return report;
}

RunReport release_and_run(const config::Configuration& configuration, std::int64_t run_id, const RunRequest& request,
                          Observer& observer, const std::stop_token& stop) {
  const auto mirror = store::open_mirror(configuration, {.stop = stop});
  const auto environments = chosen(configuration, request.environments);
  // First the turn: an approval that is recorded is carried out, by us or by the next run.
  const auto lease = take_turn(configuration, request, observer, stop);
  std::vector<const config::Environment*> released;
  std::vector<EnvironmentReport> failures;
  for (const auto* environment : environments) {
    if (environment->rules.type == core::EnvironmentType::none) continue;
    try {
      if (release(configuration, *environment, run_id, request.requested_by, stop)) released.push_back(environment);
    } catch (const StoreError& error) {
      failures.push_back(failed_for(configuration, *environment, error));
      observer.environment_ends(0, failures.back());
    }
  }
  if (released.empty() && failures.empty()) {
    throw UsageError("run " + std::to_string(run_id) + " holds nothing back; `dvsync status` shows what is held");
  }
  std::mutex observer_mutex;
  const RunContext context{configuration,
                           unused_run_id(configuration, released, *mirror, stop),
                           Scope{.approved_only = true, .requested_by = request.requested_by},
                           observer,
                           observer_mutex,
                           stop,
                           lease->worker_name()};
  auto report = run_environments(context, released, *lease);
  report.environments.insert(report.environments.end(), failures.begin(), failures.end());
  return report;
}

}  // namespace

RunReport run(const config::Configuration& configuration, const RunRequest& request, Observer& observer,
              std::stop_token stop) {
  return explained(configuration, [&] {
    const auto lease = take_turn(configuration, request, observer, stop);
    const auto source = source::open_directory(configuration);
    return pull_and_run(*lease, configuration, *source, request, observer, stop);
  });
}

RunReport run_under(store::Lease& lease, const config::Configuration& configuration, source::DirectorySource& source,
                    const RunRequest& request, Observer& observer, std::stop_token stop) {
  return explained(configuration, [&] { return pull_and_run(lease, configuration, source, request, observer, stop); });
}

RunReport plan(const config::Configuration& configuration, const RunRequest& request, Observer& observer,
               std::stop_token stop) {
  return explained(configuration, [&] { return dry_run(configuration, request, observer, stop); });
}

RunReport approve(const config::Configuration& configuration, std::int64_t run_id, const RunRequest& request,
                  Observer& observer, std::stop_token stop) {
  return explained(configuration, [&] { return release_and_run(configuration, run_id, request, observer, stop); });
}

core::Guid resolve_user(const config::Configuration& configuration, const source::UserReference& user) {
  return resolve_user(*store::open_mirror(configuration), user);
}

core::Guid resolve_user(store::Connection& mirror, const source::UserReference& user) {
  const auto candidates = store::find_users(mirror, user);
  if (candidates.size() == 1) return candidates.front().object_id;
  if (candidates.empty() && user.object_id) return *user.object_id;  // a row may have it though the directory does not
  if (candidates.empty()) {
    throw UsageError("no living user of the directory is called " + user.user_name +
                     "; an object id finds deleted users too, and `dvsync sync` reads the directory anew");
  }
  std::string message = user.user_name + " is the user name of several users; name one by object id:";
  for (const auto& candidate : candidates)
    message += "\n  " + core::to_string(candidate.object_id) + "  " + candidate.user_name;
  throw UsageError(message);
}

source::UserReference reference_to(const std::string& user) { return {core::parse_guid(user), user}; }

std::vector<const config::Environment*> chosen(const config::Configuration& configuration,
                                               const std::vector<std::string>& names) {
  std::vector<const config::Environment*> found;
  for (const auto& environment : configuration.environments) {
    if (names.empty() || std::find(names.begin(), names.end(), environment.rules.name) != names.end())
      found.push_back(&environment);
  }
  for (const auto& name : names) {
    const bool known = std::any_of(found.begin(), found.end(), [&](const auto* e) { return e->rules.name == name; });
    if (known) continue;
    std::vector<std::string_view> there_are;
    std::string listed;
    for (const auto& environment : configuration.environments) {
      there_are.emplace_back(environment.rules.name);
      listed.append(listed.empty() ? " " : ", ").append(environment.rules.name);
    }
    throw UsageError("there is no environment `" + name + "`; the configuration has" + listed +
                     config::did_you_mean(name, there_are));
  }
  return found;
}

}  // namespace dvsync::sync
