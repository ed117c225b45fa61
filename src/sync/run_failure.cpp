#include "run_failure.hpp"

#include <chrono>

#include "dvsync/store/out_of_reach.hpp"
#include "dvsync/sync/preflight.hpp"
#include "dvsync/sync/saved_plan.hpp"

namespace dvsync::sync {
namespace {

// Who stopped the program waits for its end: of very many environments some hear nothing of a run that never began.
constexpr std::chrono::seconds longest_farewell{5};

// What a row of the mirror's own is refused for does not say where.
std::string naming_the_mirror(const std::string& words) {
  return words.find("the mirror") == std::string::npos ? "the mirror: " + words : words;
}

bool is_full(const StoreError& error) {
  const auto* connect = dynamic_cast<const ConnectError*>(&error);
  return connect != nullptr && connect->full();
}

}  // namespace

RunFailure failure_of(const std::exception_ptr& thrown, const config::Configuration& configuration,
                      const config::Environment* environment) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Interrupted& stopped) {
    return {.outcome = store::Outcome::interrupted, .cause = FailureCause::none, .reason = stopped.what()};
  } catch (const StoreError& error) {
    const auto explained = explain_failure(configuration, environment, error);
    return {.cause = cause_of(explained),
            .reason = environment == nullptr ? naming_the_mirror(explained.what()) : explained.what(),
            .fenced = error.kind() == StoreError::Kind::fenced,
            .out_of_reach = error.kind() == StoreError::Kind::unavailable,
            .full = is_full(error)};
  } catch (const SourceError& error) {
    return {.cause = cause_of(error),
            .reason = std::string("the directory was not read: ") + error.what(),
            .pull_error = error.what()};
  } catch (const PlanRefused& refused) {
    return {.cause = FailureCause::refused, .reason = refused.what()};
  } catch (const std::exception& error) {
    return {.reason = "unexpected: " + words_of(error)};
  } catch (...) {
    return {.reason = "unexpected: something that says nothing about itself"};
  }
}

EnvironmentReport failed_report(const std::string& environment, const RunFailure& failure) {
  EnvironmentReport report;
  report.name = environment;
  report.outcome = failure.outcome;
  report.error = failure.reason;
  report.cause = failure.cause;
  return report;
}

void record_failure(const RunContext& context, const config::Environment& environment,
                    store::EnvironmentSessions& sessions, EnvironmentReport& report) {
  const auto& scope = context.scope;
  try {
    auto& session = sessions.at(environment);
    report.kind = scope.only               ? store::RunKind::user
                  : scope.approved_only    ? store::RunKind::approve
                  : scope.saved != nullptr ? store::RunKind::apply
                  : scope.undoes           ? store::RunKind::undo
                  : scope.full             ? store::RunKind::full
                                           : store::RunKind::incremental;
    report.counters = store::end_failed_run(session,
                                            {.run_id = context.run_id,
                                             .kind = report.kind,
                                             .trigger = std::string(core::name_of(scope.trigger)),
                                             .requested_by = scope.requested_by},
                                            report.outcome, report.error);
  } catch (const std::exception&) {
    // The failure itself is what counts. An environment that cannot even take the note finds the run interrupted, or
    // hears nothing of it.
  }
}

RunReport end_as_failed(const RunContext& context, const std::vector<const config::Environment*>& environments,
                        const RunFailure& failure) {
  RunReport report;
  report.run_id = context.run_id;
  report.pull_error = failure.pull_error;
  report.pull_cause = failure.cause;
  store::OutOfReach out_of_reach(context.configuration);
  if (failure.out_of_reach && context.run_id == 0) out_of_reach.add_mirror();
  store::EnvironmentSessions sessions(context.configuration, {}, out_of_reach);
  std::optional<std::chrono::steady_clock::time_point> stopped;
  for (const auto* environment : environments) {
    if (environment->rules.type == core::EnvironmentType::none) continue;
    auto of_one = failed_report(environment->rules.name, failure);
    if (!stopped && context.stop.stop_requested()) stopped = std::chrono::steady_clock::now();
    const bool is_late = stopped && elapsed_since(*stopped) > longest_farewell;
    if (!failure.fenced && !is_late) record_failure(context, *environment, sessions, of_one);
    const std::scoped_lock lock(context.observer_mutex);
    context.observer.environment_ends(context.run_id, of_one);
    report.environments.push_back(std::move(of_one));
  }
  return report;
}

}  // namespace dvsync::sync
