#include "dvsync/sync/engine.hpp"

#include <algorithm>
#include <future>
#include <mutex>
#include <utility>

#include "dvsync/config/suggestion.hpp"
#include "dvsync/source/open_directory.hpp"
#include "dvsync/store/in_line.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/out_of_reach.hpp"
#include "dvsync/store/pending.hpp"
#include "dvsync/sync/lease_wait.hpp"
#include "dvsync/sync/preflight.hpp"
#include "engine_steps.hpp"
#include "hold_answers.hpp"
#include "mirror_answers.hpp"
#include "outlook.hpp"
#include "pull.hpp"
#include "run_failure.hpp"
#include "run_sessions.hpp"

namespace dvsync::sync {
namespace {

// Tombstones go once every configured environment has passed them. What keeps them is told, and tried again by the next
// run.
void forget_what_all_have_seen(const config::Configuration& configuration, RunReport& report,
                               std::unique_ptr<store::Connection> mirror, std::int64_t version,
                               const std::stop_token& stop) {
  std::size_t databases = 0;
  for (const auto& environment : configuration.environments) {
    databases += environment.rules.type == core::EnvironmentType::none ? 0 : 1;
  }
  const bool all = report.environments.size() + report.in_line.size() == databases &&
                   std::none_of(report.environments.begin(), report.environments.end(), [](const auto& environment) {
                     return !environment.caught_up || environment.outcome == store::Outcome::held;
                   });
  if (!all) return;
  try {
    if (!mirror) mirror = store::open_mirror(configuration, {.stop = stop});
    store::forget_tombstones(*mirror, version);
  } catch (const Interrupted&) {
    // The run is over and told as it went; the next one forgets them.
  } catch (const StoreError& error) {
    report.note = std::string("the mirror still remembers who was deleted: ") + error.what();
  }
}

std::unique_ptr<store::Connection> opened_mirror(const RunContext& context) {
  return opened_patiently(context, context.configuration.database.connection,
                          [&] { return store::open_mirror(context.configuration, {.stop = context.stop}); });
}

// Resolves the user, and gives the run its id. Sessions are opened side by side, and left to the run: that is half the
// time a run of one user takes.
void prepare_for_user(RunContext& context, const source::UserReference& user,
                      const std::vector<const config::Environment*>& environments, SpareSessions& spare) {
  auto opening = std::async(std::launch::async, [&] {
    auto mirror = opened_mirror(context);
    context.scope.only = resolve_user(context.configuration, *mirror, user);
    return mirror;
  });
  const auto last_run = last_run_of(context.configuration, environments, &spare, context.stop);
  auto mirror = opening.get();
  context.run_id = store::next_run_id(*mirror, last_run);
  spare.keep(nullptr, std::move(mirror));
}

// Of a run that failed before it had a number: each environment's log has it under the same one.
void number_failed(RunContext& context, const std::vector<const config::Environment*>& environments,
                   store::Connection& mirror) {
  try {
    context.run_id = unused_run_id(context.configuration, environments, mirror, {});
  } catch (const Error&) {
    // Then each gives it the next of its own.
  }
}

// Under the lease, which is given back before anything is planned. False: the directory could not be read, and the
// report says why.
bool pull_and_look_around(RunContext& context, store::Lease& lease, const RunRequest& request,
                          store::Connection& mirror, Outlook& outlook, RunReport& report) {
  const auto& configuration = context.configuration;
  try {
    const auto source = source::open_directory(configuration);
    report.pull = pull_directory(configuration, *source, lease, request.full, context.observer, context.stop);
  } catch (const SourceError&) {
    const auto failure = failure_of(std::current_exception(), configuration, nullptr);
    report.pull_error = failure.pull_error;
    report.pull_cause = failure.cause;
    return false;
  }
  context.observer.merged(*report.pull);
  context.pull = &*report.pull;
  if (!request.opens_all) outlook = look_around(context, outlook.to_open, lease, mirror);
  return true;
}

EnvironmentReport plan_one(const RunContext& context, const config::Environment& environment,
                           store::OutOfReach& out_of_reach) {
  const auto& name = environment.rules.name;
  if (const auto told = out_of_reach.words_for(environment)) return failed_report(name, {.reason = *told});
  try {
    return out_of_reach.opened(&environment, [&] { return plan_environment(context, environment); });
  } catch (const StoreError&) {
    return failed_report(name, failure_of(std::current_exception(), context.configuration, &environment));
  }
}

RunReport dry_run(const config::Configuration& configuration, const RunRequest& request, Observer& observer,
                  const std::stop_token& stop) {
  const auto mirror = store::open_mirror(configuration, {.stop = stop});
  Outlook outlook{.to_open = chosen(configuration, request.environments)};
  std::mutex observer_mutex;
  SessionPool pool;
  MirrorAnswers answers(configuration.licenses);
  RunContext context{.configuration = configuration,
                     .scope = {.full = request.full, .requested_by = request.requested_by},
                     .observer = observer,
                     .observer_mutex = observer_mutex,
                     .stop = stop,
                     .pool = &pool,
                     .answers = &answers};
  RunReport report;
  store::LeaseHolder holder;
  auto lease = request.user ? nullptr : lease_if_idle(configuration, request.command, holder, stop);
  if (lease) {
    if (!pull_and_look_around(context, *lease, request, *mirror, outlook, report)) return report;
    lease.reset();
  } else if (!request.user) {
    if (!store::read_state(*mirror).pulled_at) throw Busy(holder.name);  // there is nothing to plan on
    report.note = "planned on what the mirror knows, because " + holder.name + " is working";
  }
  if (request.user) context.scope.only = resolve_user(configuration, *mirror, *request.user);
  store::OutOfReach out_of_reach(configuration);
  for (const auto* environment : outlook.to_open) {
    if (environment->rules.type == core::EnvironmentType::none) continue;
    auto of_one = plan_one(context, *environment, out_of_reach);
    observer.environment_ends(0, of_one);
    report.environments.push_back(std::move(of_one));
  }
  report.in_line = std::move(outlook.in_line);
  return report;
}

RunReport release_and_run(const config::Configuration& configuration, const HoldAnswer& answer,
                          const RunRequest& request, Observer& observer, const std::stop_token& stop) {
  auto mirror = store::open_mirror(configuration, {.stop = stop});
  const auto environments = chosen(configuration, request.environments);
  // First the lease: an approval that is recorded is carried out, by us or by the next run.
  const auto lease = acquire_lease(configuration, request, observer, stop);
  std::vector<const config::Environment*> released;
  std::vector<EnvironmentReport> failures;
  const auto fail = [&](const config::Environment& environment) {
    failures.push_back(
        failed_report(environment.rules.name, failure_of(std::current_exception(), configuration, &environment)));
    observer.environment_ends(0, failures.back());
  };
  store::OutOfReach out_of_reach(configuration);
  std::optional<store::EnvironmentSessions> sessions(std::in_place, configuration, store::SessionOptions{.stop = stop},
                                                     out_of_reach);
  for (const auto& place : places_to_answer(*sessions, environments, answer, request.requested_by, fail)) {
    try {
      if (store::approve(sessions->at(*place.environment), place.answer) > 0) released.push_back(place.environment);
    } catch (const StoreError&) {
      fail(*place.environment);
    }
  }
  sessions.reset();  // a run has its own
  if (released.empty() && failures.empty()) refuse_answer(answer.run_id);
  std::mutex observer_mutex;
  const RunContext context{configuration,
                           unused_run_id(configuration, released, *mirror, stop),
                           Scope{.approved_only = true,
                                 .requested_by = request.requested_by,
                                 .answers = answer.run_id,
                                 .comment = answer.comment},
                           observer,
                           observer_mutex,
                           stop,
                           lease->worker_name()};
  mirror.reset();
  auto report = run_environments(context, released, *lease);
  report.environments.insert(report.environments.end(), failures.begin(), failures.end());
  return report;
}

}  // namespace

RunReport run(const config::Configuration& configuration, const RunRequest& request, Observer& observer,
              std::stop_token stop) {
  const auto environments = chosen(configuration, request.environments);
  std::unique_ptr<store::Lease> lease;
  try {
    lease = acquire_lease(configuration, request, observer, stop);
    const auto source = source::open_directory(configuration);
    return run_under(*lease, configuration, *source, request, observer, stop);
  } catch (const StoreError&) {  // of the mirror: without it there is no lease to acquire
    std::mutex observer_mutex;
    const RunContext context{
        configuration,  0,   Scope{.full = request.full, .requested_by = request.requested_by}, observer,
        observer_mutex, stop};
    return end_as_failed(context, environments, failure_of(std::current_exception(), configuration, nullptr));
  }
}

RunReport run_under(store::Lease& lease, const config::Configuration& configuration, source::DirectorySource& source,
                    const RunRequest& request, Observer& observer, std::stop_token stop) {
  const auto environments = chosen(configuration, request.environments);
  std::mutex observer_mutex;
  SpareSessions spare;
  // After a pull, which takes its time, sessions may be gone.
  RunContext context{
      .configuration = configuration,
      .scope = {.full = request.full, .missed_full = request.missed_full, .requested_by = request.requested_by},
      .observer = observer,
      .observer_mutex = observer_mutex,
      .stop = stop,
      .worker = lease.worker_name(),
      .spare = request.user ? &spare : nullptr};
  std::unique_ptr<store::Connection> mirror;
  std::optional<PullReport> pull;
  Outlook outlook{.to_open = environments};
  try {
    if (request.user) {
      prepare_for_user(context, *request.user, environments, spare);
    } else {
      mirror = opened_mirror(context);
      pull = pull_directory(configuration, source, lease, request.full, observer, stop);
      context.pull = &*pull;
      observer.merged(*pull);
      outlook = look_around(context, environments, lease, *mirror);
      context.run_id = unused_run_id(configuration, environments, *mirror, stop, outlook.last_runs);
      store::remember_in_line(*mirror, lease, outlook.found, context.run_id);
    }
  } catch (const UsageError&) {
    throw;
  } catch (...) {
    const auto failure = failure_of(std::current_exception(), configuration, nullptr);
    if (mirror && context.run_id == 0) number_failed(context, environments, *mirror);
    return end_as_failed(context, environments, failure);
  }
  if (!outlook.in_line.empty()) observer.in_line(context.run_id, outlook.in_line.size());
  if (configuration.database.has_few_sessions()) mirror.reset();
  auto report = run_environments(context, outlook.to_open, lease);
  report.in_line = std::move(outlook.in_line);
  if (pull) {
    forget_what_all_have_seen(configuration, report, std::move(mirror), pull->merge.version, stop);
    report.pull = std::move(pull);
  }
  return report;
}

RunReport plan(const config::Configuration& configuration, const RunRequest& request, Observer& observer,
               std::stop_token stop) {
  return explained(configuration, [&] { return dry_run(configuration, request, observer, stop); });
}

RunReport approve(const config::Configuration& configuration, const HoldAnswer& answer, const RunRequest& request,
                  Observer& observer, std::stop_token stop) {
  return explained(configuration, [&] { return release_and_run(configuration, answer, request, observer, stop); });
}

std::vector<const config::Environment*> chosen(const config::Configuration& configuration,
                                               const std::vector<std::string>& names) {
  std::vector<const config::Environment*> found;
  for (const auto& environment : configuration.environments) {
    if (names.empty() || std::find(names.begin(), names.end(), environment.rules.name) != names.end()) {
      found.push_back(&environment);
    }
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
