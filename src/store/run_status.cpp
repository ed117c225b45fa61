#include "dvsync/store/run_status.hpp"

#include <algorithm>

#include "dvsync/store/in_line.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "dvsync/store/run_log.hpp"

namespace dvsync::store {
namespace {

std::optional<std::chrono::seconds> age_at(const Rows& row, int column) {
  const auto seconds = row.optional_number(0, column);
  return seconds ? std::optional(std::chrono::seconds(*seconds)) : std::nullopt;
}

Lasting lasting_at(const Rows& row, int column) {
  return {.count = row.number(0, column), .age = age_at(row, column + 1)};
}

constexpr const char* mirror_sql = R"(
SELECT (SELECT count(*) FROM our.rejected_record), extract(epoch FROM clock_timestamp() - pulled_at)::bigint FROM our.mirror)";

// A run went through if it looked at everybody, or at what changed, and neither failed nor was cut off.
constexpr const char* log_sql = R"(
WITH through AS (SELECT max(run_id) AS run_id, max(finished_at) AS finished_at FROM our.sync_run
                 WHERE kind IN ('full', 'incremental') AND outcome IN ('succeeded', 'incomplete', 'held')),
  failed AS (SELECT count(*) AS count, min(started_at) AS since, max(run_id) AS run_id FROM our.sync_run
             WHERE outcome IN ('failed', 'interrupted') AND run_id > coalesce((SELECT run_id FROM through), 0)),
  complete AS (SELECT max(run_id) AS run_id FROM our.sync_run
               WHERE kind IN ('full', 'incremental') AND outcome IN ('succeeded', 'held') AND missing IS NULL),
  incomplete AS (SELECT count(*) AS count, min(started_at) AS since, max(run_id) AS run_id FROM our.sync_run
                 WHERE kind IN ('full', 'incremental') AND (outcome = 'incomplete' OR missing IS NOT NULL)
                   AND run_id > coalesce((SELECT run_id FROM complete), 0)),
  rejected AS (SELECT count(*) AS count, min(since) AS since FROM our.sync_rejected)
SELECT (SELECT extract(epoch FROM clock_timestamp() - max(finished_at))::bigint FROM our.sync_run
        WHERE trigger = 'background'),
  extract(epoch FROM clock_timestamp() - through.finished_at)::bigint,
  failed.count, extract(epoch FROM clock_timestamp() - failed.since)::bigint,
  incomplete.count, extract(epoch FROM clock_timestamp() - incomplete.since)::bigint,
  rejected.count, extract(epoch FROM clock_timestamp() - rejected.since)::bigint,
  (SELECT count(*) FROM our.sync_pending WHERE approved_at IS NOT NULL),
  (SELECT detail FROM our.sync_run WHERE sync_run.run_id = failed.run_id),
  (SELECT array_to_json(missing) FROM our.sync_run WHERE sync_run.run_id = incomplete.run_id)
FROM through, failed, incomplete, rejected)";

void read_log(Connection& session, EnvironmentStatus& status) {
  auto runs = LogReader(session, status.name).runs({.limit = 1, .background = true});
  if (!runs.empty()) status.last_run = std::move(runs.back());
  const auto row = session.exec(log_sql);
  status.ended_ago = age_at(row, 0);
  status.in_line_ago = age_at(row, 1);
  status.failures = lasting_at(row, 2);
  status.incomplete = lasting_at(row, 4);
  status.rejected = lasting_at(row, 6);
  status.approved = row.number(0, 8);
  status.last_failure = row.text(0, 9);
  status.missing = texts_at(row, 0, 10);
  status.held = read_held(session);
  status.row_watch = read_row_watch(session);
}

void read_lag(Connection& session, Connection& mirror, const MirrorStatus& state, EnvironmentStatus& status) {
  const auto own = read_environment_state(session);
  const auto remembered = state.in_line.find(status.name);
  const auto found = remembered == state.in_line.end() ? std::nullopt : std::optional(remembered->second);
  const auto position = moved_on(own, found);
  if (found && holds_for(*found, own)) {
    const auto later = [&](const auto& age) { return age ? std::min(*age, found->age) : found->age; };
    status.ended_ago = later(status.ended_ago);
    status.in_line_ago = later(status.in_line_ago);
  }
  const bool there = state.mark && position.mark == state.mark && position.watermark == state.version &&
                     state.mirror_id && position.mirror_id == *state.mirror_id;
  if (there) {
    status.watermark = position.watermark;
    return;
  }
  if (!state.mirror_id || !has_passed(mirror, *state.mirror_id, position)) {
    status.behind = state.identities;
    return;
  }
  status.watermark = position.watermark;
  if (*position.watermark == state.version) return;
  status.behind =
      mirror.exec("SELECT count(*) FROM our.identity WHERE version > $1::bigint", {std::to_string(*position.watermark)})
          .number(0, 0);
}

}  // namespace

MirrorStatus read_mirror_status(Connection& mirror) {
  const auto state = read_state(mirror);
  const auto row = mirror.exec(mirror_sql);
  return {.mirror_id = state.mirror_id,
          .directory = state.directory,
          .version = state.version,
          .mark = state.mark,
          .identities = state.identities,
          .pulled_at = state.pulled_at,
          .pulled_ago = age_at(row, 1),
          .listing_complete = state.listing_complete,
          .rejected_records = row.number(0, 0),
          .schedule = read_schedule(mirror),
          .in_line = read_in_line(mirror)};
}

EnvironmentStatus read_environment_status(Connection& environment, const std::string& name, Connection* mirror,
                                          const MirrorStatus& mirror_status) {
  EnvironmentStatus status;
  status.name = name;
  read_log(environment, status);
  if (mirror != nullptr) read_lag(environment, *mirror, mirror_status, status);
  return status;
}

std::vector<HeldDecisions> read_held(Connection& environment) {
  const auto rows = environment.exec(
      "SELECT held_run_id, class, count(*), " + microseconds_of("min(held_since)") +
      ", extract(epoch FROM now() - min(held_since))::bigint FROM our.sync_pending "
      "WHERE held_run_id IS NOT NULL AND approved_at IS NULL AND declined_at IS NULL GROUP BY held_run_id, class ORDER "
      "BY held_run_id, class");
  std::vector<HeldDecisions> held;
  for (int row = 0; row < rows.size(); ++row) {
    held.push_back({.run_id = rows.number(row, 0),
                    .guard_class = std::string(rows.text(row, 1)),
                    .decisions = rows.number(row, 2),
                    .since = timestamp_at(rows, row, 3).value(),
                    .seconds = rows.number(row, 4)});
  }
  return held;
}

}  // namespace dvsync::store
