#pragma once
// How a run fails: the reason in words, and the trace that it leaves in every environment that can be reached. Private
// to sync.

#include <exception>
#include <string>
#include <vector>

#include "dvsync/store/environment_sessions.hpp"
#include "dvsync/sync/environment_run.hpp"

namespace dvsync::sync {

struct RunFailure {
  store::Outcome outcome = store::Outcome::failed;
  FailureCause cause = FailureCause::unavailable;
  std::string reason = {};
  std::string pull_error = {};  // if it is the directory that could not be read: its own words
  bool fenced = false;          // another dvsync took over: what becomes of the run is its business
  bool out_of_reach = false;    // a database could not be reached, or was lost
  bool full = false;            // it has no session to give at the moment
};

// Of whatever was thrown. A database's failure is told in the preflight's words, where it knows what is behind it.
// `environment`: nullptr if it was no environment's.
[[nodiscard]] RunFailure failure_of(const std::exception_ptr& thrown, const config::Configuration& configuration,
                                    const config::Environment* environment);

// The environment's part of it.
[[nodiscard]] EnvironmentReport failed_report(const std::string& environment, const RunFailure& failure);

// Records the failure in the environment's log, as far as the environment can take the note. Adds what was committed
// before to the report. `sessions` know no stop: it may be a stop that is recorded.
void record_failure(const RunContext& context, const config::Environment& environment,
                    store::EnvironmentSessions& sessions, EnvironmentReport& report);

// The run as a whole failed, before or beside its environments: each of them notes it, and is told of.
[[nodiscard]] RunReport end_as_failed(const RunContext& context,
                                      const std::vector<const config::Environment*>& environments,
                                      const RunFailure& failure);

}  // namespace dvsync::sync
