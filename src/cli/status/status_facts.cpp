#include "status/status_facts.hpp"

#include <algorithm>

#include "dvsync/store/mirror.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/run_log.hpp"
#include "dvsync/store/schedule.hpp"
#include "errors.hpp"
#include "log/log_query.hpp"

namespace dvsync::cli {
namespace {

// A daemon's next run, but for its jitter. One that runs now, or has missed its time, is at it.
std::optional<std::int64_t> next_run(const store::ScheduleState& schedule, const config::Schedule& configured) {
  if (!schedule.held_by_daemon || schedule.free || !schedule.since_run) return std::nullopt;
  if (schedule.running) return 0;
  return std::max<std::int64_t>(0, (configured.every - *schedule.since_run).count());
}

MirrorStatus read_mirror(store::Connection& session, const store::MirrorState& state,
                         const config::Schedule& configured) {
  const auto now = session.exec(
      "SELECT (SELECT count(*) FROM rejected_record), "
      "(SELECT extract(epoch FROM clock_timestamp() - pulled_at)::bigint FROM mirror)");
  const auto schedule = store::read_schedule(session);
  return {.directory = state.directory,
          .version = state.version,
          .identities = state.identities,
          .pulled_at = state.pulled_at,
          .pulled_seconds_ago = now.optional_number(0, 1),
          .listing_complete = state.listing_complete,
          .rejected_records = now.number(0, 0),
          .working = schedule.free ? std::nullopt : std::optional(schedule.holder),
          .next_run_seconds = next_run(schedule, configured)};
}

// Runs since the last one that went through, of all that look at everybody or at what changed.
constexpr const char* failures_sql =
    "SELECT count(*) FROM sync_run WHERE outcome IN ('failed', 'interrupted') AND run_id > coalesce((SELECT "
    "max(run_id) "
    "FROM sync_run WHERE kind IN ('full', 'incremental') AND outcome IN ('succeeded', 'incomplete', 'held')), 0)";

void read_log(store::Connection& session, EnvironmentStatus& status) {
  const auto runs = LogQuery(session, status.name).runs({.limit = 1, .background = true});
  if (!runs.empty()) status.last_run = runs.back();
  const auto counts = session.exec(
      "SELECT (SELECT count(*) FROM sync_rejected), (SELECT count(*) FROM sync_pending WHERE approved_at IS NOT NULL), "
      "(SELECT extract(epoch FROM clock_timestamp() - max(finished_at))::bigint FROM sync_run "
      "WHERE trigger = 'background'), "
      "(SELECT extract(epoch FROM clock_timestamp() - max(finished_at))::bigint FROM sync_run "
      "WHERE kind IN ('full', 'incremental') AND outcome IN ('succeeded', 'incomplete', 'held'))");
  status.rejected = counts.number(0, 0);
  status.approved = counts.number(0, 1);
  status.ended_seconds_ago = counts.optional_number(0, 2);
  status.in_line_seconds_ago = counts.optional_number(0, 3);
  status.failures = session.exec(failures_sql).number(0, 0);
  status.held = read_held(session);
}

void read_lag(store::Connection& session, store::Connection& mirror, const store::MirrorState& state,
              EnvironmentStatus& status) {
  const auto position = store::read_environment_state(session);
  const bool of_this_mirror =
      position.watermark && position.mirror_id == state.mirror_id && *position.watermark <= state.version;
  if (!of_this_mirror) {
    status.behind = state.identities;
    return;
  }
  status.watermark = position.watermark;
  if (*position.watermark == state.version) return;
  status.behind =
      mirror.exec("SELECT count(*) FROM identity WHERE version > $1::bigint", {std::to_string(*position.watermark)})
          .number(0, 0);
}

}  // namespace

Status read_status(const config::Configuration& configuration) {
  const auto mirror = store::open_mirror(configuration);
  const auto state = store::read_state(*mirror);
  Status status;
  status.mirror = read_mirror(*mirror, state, configuration.schedule);
  for (const auto& environment : configuration.environments) {
    if (environment.rules.type == core::EnvironmentType::none) continue;
    EnvironmentStatus one;
    one.name = environment.rules.name;
    try {
      const auto session = store::open_environment(configuration, environment);
      read_log(*session, one);
      read_lag(*session, *mirror, state, one);
    } catch (const StoreError& error) {
      const auto code = failure_of(error, Paint()).exit_code;
      status.exit_code = std::max(status.exit_code, code);
      one = {};
      one.name = environment.rules.name;
      one.error = error.what();
    }
    status.environments.push_back(std::move(one));
  }
  return status;
}

}  // namespace dvsync::cli
