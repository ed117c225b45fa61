#include "dvsync/store/run_status.hpp"

#include <algorithm>

#include "dvsync/store/in_line.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "dvsync/store/run_log.hpp"
#include "environment_state.hpp"
#include "logged_run.hpp"
#include "row_watch.hpp"

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

// All of an environment in one statement: of many environments, each statement costs what it takes to go there and
// back. A run went through if it looked at everybody, or at what changed, and neither failed nor was cut off.
constexpr const char* stands_sql = R"(
WITH through AS (SELECT max(run_id) AS id, max(finished_at) AS at FROM our.sync_run
                 WHERE kind IN ('full', 'incremental') AND outcome IN ('succeeded', 'incomplete', 'held')),
  failed AS (SELECT count(*) AS count, min(started_at) AS since, max(run_id) AS id FROM our.sync_run
             WHERE outcome IN ('failed', 'interrupted') AND run_id > coalesce((SELECT id FROM through), 0)),
  complete AS (SELECT max(run_id) AS id FROM our.sync_run
               WHERE kind IN ('full', 'incremental') AND outcome IN ('succeeded', 'held') AND missing IS NULL),
  incomplete AS (SELECT count(*) AS count, min(started_at) AS since, max(run_id) AS id FROM our.sync_run
                 WHERE kind IN ('full', 'incremental') AND (outcome = 'incomplete' OR missing IS NOT NULL)
                   AND run_id > coalesce((SELECT id FROM complete), 0)),
  rejected AS (SELECT count(*) AS count, min(since) AS since FROM our.sync_rejected),
  waiting AS (SELECT count(*) FILTER (WHERE approved_at IS NOT NULL) AS approved,
                     count(*) FILTER (WHERE held_run_id IS NOT NULL AND approved_at IS NULL AND declined_at IS NULL) AS holds
              FROM our.sync_pending)
SELECT (SELECT extract(epoch FROM clock_timestamp() - max(finished_at))::bigint FROM our.sync_run
        WHERE trigger = 'background'),
  extract(epoch FROM clock_timestamp() - through.at)::bigint,
  failed.count, extract(epoch FROM clock_timestamp() - failed.since)::bigint,
  incomplete.count, extract(epoch FROM clock_timestamp() - incomplete.since)::bigint,
  rejected.count, extract(epoch FROM clock_timestamp() - rejected.since)::bigint,
  waiting.approved, waiting.holds,
  (SELECT r.detail FROM our.sync_run r WHERE r.run_id = failed.id),
  (SELECT array_to_json(r.missing) FROM our.sync_run r WHERE r.run_id = incomplete.id), )";

constexpr int after_log = 12;
constexpr int after_state = after_log + environment_state::column_count;
constexpr int after_watch = after_state + row_watch::column_count;

Rows ask_where_it_stands(Connection& session) {
  return session.exec(stands_sql + environment_state::columns + ", " + row_watch::columns(session) + ", " +
                      logged_run::columns +
                      " FROM through, failed, incomplete, rejected, waiting LEFT JOIN our.sync_state ON true LEFT JOIN "
                      "our.sync_run ON run_id = (SELECT max(run_id) FROM our.sync_run WHERE trigger = 'background')");
}

void take_log(const Rows& row, EnvironmentStatus& status) {
  status.ended_ago = age_at(row, 0);
  status.in_line_ago = age_at(row, 1);
  status.failures = lasting_at(row, 2);
  status.incomplete = lasting_at(row, 4);
  status.rejected = lasting_at(row, 6);
  status.approved = row.number(0, 8);
  status.last_failure = row.text(0, 10);
  status.missing = texts_at(row, 0, 11);
  status.row_watch = row_watch::from(row, after_state);
  if (!row.null(0, after_watch)) status.last_run = logged_run::from(row, 0, status.name, after_watch);
}

}  // namespace

std::int64_t Lag::behind(std::int64_t watermark) {
  const auto [found, is_new] = behind_.try_emplace(watermark, 0);
  if (is_new) {
    found->second =
        mirror_.exec("SELECT count(*) FROM our.identity WHERE version > $1::bigint", {std::to_string(watermark)})
            .number(0, 0);
  }
  return found->second;
}

bool Lag::has_passed(const EnvironmentState& state) {
  if (!status_.mirror_id || state.mirror_id != *status_.mirror_id || !state.watermark || !state.mark) return false;
  const std::pair position(*state.watermark, *state.mark);
  const auto [found, is_new] = passed_.try_emplace(position, false);
  if (is_new) found->second = store::has_passed(mirror_, *status_.mirror_id, state);
  return found->second;
}

void Lag::tell(const EnvironmentState& own, EnvironmentStatus& status) {
  const std::scoped_lock lock(mutex_);
  const auto remembered = status_.in_line.find(status.name);
  const auto found = remembered == status_.in_line.end() ? std::nullopt : std::optional(remembered->second);
  const auto position = moved_on(own, found);
  if (found && holds_for(*found, own)) {
    const auto later = [&](const auto& age) { return age ? std::min(*age, found->age) : found->age; };
    status.ended_ago = later(status.ended_ago);
    status.in_line_ago = later(status.in_line_ago);
  }
  if (!has_passed(position)) {
    status.behind = status_.identities;
    return;
  }
  status.watermark = position.watermark;
  if (*position.watermark != status_.version) status.behind = behind(*position.watermark);
}

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

EnvironmentStatus read_environment_status(Connection& environment, const std::string& name, Lag* lag) {
  EnvironmentStatus status;
  status.name = name;
  const auto row = ask_where_it_stands(environment);
  take_log(row, status);
  if (row.number(0, 9) > 0) status.held = read_held(environment);
  if (lag != nullptr) lag->tell(environment_state::from(row, 0, after_log), status);
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
