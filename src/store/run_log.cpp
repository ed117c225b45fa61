#include "dvsync/store/run_log.hpp"

#include "counter_columns.hpp"
#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "dvsync/store/system_users.hpp"
#include "environment_state.hpp"
#include "postgres/storable.hpp"

namespace dvsync::store {

const std::string environment_state::columns = "mirror_id, watermark, rules_hash, knowledge_hash, " +
                                               microseconds_of("evaluated_at") + ", fence, watermark_mark, " +
                                               microseconds_of("read_at");

EnvironmentState environment_state::from(const Rows& rows, int row, int first) {
  return {.mirror_id = guid_at(rows, row, first),
          .watermark = rows.optional_number(row, first + 1),
          .mark = guid_at(rows, row, first + 6),
          .rules_hash = rows.optional_number(row, first + 2),
          .knowledge_hash = rows.optional_number(row, first + 3),
          .evaluated_at = timestamp_at(rows, row, first + 4),
          .read_at = timestamp_at(rows, row, first + 7)};
}

namespace {

// A run that never ended keeps what its batches committed.
std::string mark_interrupted() {
  return "UPDATE our.sync_run r SET outcome = 'interrupted', finished_at = statement_timestamp(), " +
         counter_columns::list("{} = b.{}") + " FROM (SELECT o.run_id, " +
         counter_columns::list("coalesce(sum({}), 0) AS {}") +
         " FROM (SELECT run_id FROM our.sync_run WHERE outcome IS NULL) o LEFT JOIN our.sync_batch USING (run_id) "
         "GROUP BY o.run_id) b WHERE r.run_id = b.run_id";
}

// Runs that worked on newer facts than the last one that went through did.
constexpr const char* on_newer_facts =
    "FROM our.sync_run WHERE mirror_mark IS NOT NULL AND mirror_version > (SELECT watermark FROM our.sync_state) "
    "AND run_id > (SELECT coalesce(max(run_id), 0) FROM our.sync_run "
    "WHERE outcome IN ('succeeded', 'incomplete', 'held') AND kind IN ('full', 'incremental'))";

constexpr const char* what_waits =
    "EXISTS (SELECT 1 FROM our.sync_pending WHERE held_run_id IS NOT NULL AND declined_at IS NULL), "
    "EXISTS (SELECT 1 FROM our.sync_pending WHERE declined_at IS NOT NULL), EXISTS (SELECT 1 FROM our.sync_rejected)";

Waits waits_from(const Rows& rows) {
  return {.held = rows.boolean(0, 0), .declined = rows.boolean(0, 1), .rejected = rows.boolean(0, 2)};
}

// Runs since the last one that went through. One that has not ended yet counts by its batches.
constexpr const char* unfinished = R"(
WITH finished AS (SELECT max(run_id) AS run_id FROM our.sync_run
                  WHERE outcome IN ('succeeded', 'incomplete', 'held') AND kind IN ('full', 'incremental')),
unfinished AS (
  SELECT r.trigger = 'background' AS by_run,
    CASE WHEN r.outcome IS NULL THEN (SELECT sum(created) FROM our.sync_batch b WHERE b.run_id = r.run_id) ELSE r.created END AS created,
    CASE WHEN r.outcome IS NULL THEN (SELECT sum(enabled) FROM our.sync_batch b WHERE b.run_id = r.run_id) ELSE r.enabled END AS enabled
  FROM our.sync_run r, finished f
  WHERE (r.trigger = 'background' AND (r.outcome IS NULL OR r.outcome IN ('interrupted', 'failed'))
         AND r.run_id > coalesce(f.run_id, 0))
     OR (r.trigger <> 'background' AND f.run_id IS NULL))
)";

// Of an unfinished run: what its batches committed.
core::Counters committed_counters(Connection& environment, std::int64_t run_id) {
  const auto sums = environment.exec(
      "SELECT " + counter_columns::list("coalesce(sum({}), 0)") + " FROM our.sync_batch WHERE run_id = $1::bigint",
      {std::to_string(run_id)});
  return counter_columns::read(sums, 0, 0);
}

}  // namespace

std::int64_t next_run_id(Connection& mirror, std::int64_t above) {
  const std::int64_t next = mirror.exec("SELECT nextval(" + mirror.object("run_id") + ")").number(0, 0);
  if (next > above) return next;
  // Not setval: the daemon's role may use the sequence, not set it.
  return mirror
      .exec("SELECT max(nextval(" + mirror.object("run_id") + ")) FROM generate_series($1::bigint, $2::bigint)",
            {std::to_string(next), std::to_string(above)})
      .number(0, 0);
}

std::int64_t last_run_id(Connection& environment) {
  return environment.exec("SELECT coalesce(max(run_id), 0) FROM our.sync_run").number(0, 0);
}

EnvironmentState read_environment_state(Connection& environment) {
  const auto row = environment.exec("SELECT " + environment_state::columns + " FROM our.sync_state");
  return row.empty() ? EnvironmentState{} : environment_state::from(row, 0);
}

bool has_passed(Connection& mirror, const core::Guid& mirror_id, const EnvironmentState& state) {
  if (!state.watermark || !state.mark || state.mirror_id != mirror_id) return false;
  return !mirror
              .exec("SELECT 1 FROM our.version_history WHERE version = $1::bigint AND mark = $2::uuid",
                    {std::to_string(*state.watermark), core::to_string(*state.mark)})
              .empty();
}

bool knows_what_was_worked_on(Connection& mirror, Connection& environment) {
  const auto versions = environment.exec(std::string("SELECT DISTINCT mirror_version, mirror_mark ") + on_newer_facts);
  for (int version = 0; version < versions.size(); ++version) {
    const auto known = mirror.exec("SELECT 1 FROM our.version_history WHERE version = $1::bigint AND mark = $2::uuid",
                                   {std::string(versions.text(version, 0)), std::string(versions.text(version, 1))});
    if (known.empty()) return false;
  }
  return true;
}

Standing read_standing(Connection& environment) {
  const auto row = environment.exec("SELECT " + environment_state::columns + ", EXISTS (SELECT 1 " + on_newer_facts +
                                    "), EXISTS (SELECT 1 FROM our.sync_touched) FROM our.sync_state");
  if (row.empty()) return {.state = {}, .worked_on_newer = true, .touched = true};
  return {.state = environment_state::from(row, 0),
          .worked_on_newer = row.boolean(0, environment_state::column_count),
          .touched = row.boolean(0, environment_state::column_count + 1)};
}

Waits read_waits(Connection& environment) { return waits_from(environment.exec(std::string("SELECT ") + what_waits)); }

BegunRun begin_run(Connection& environment, Lease& lease, const RunStart& start) {
  evict_earlier_workers(environment, lease.worker_name());
  Transaction transaction(environment);
  const auto row = environment.exec("SELECT " + environment_state::columns + " FROM our.sync_state FOR UPDATE");
  if (row.empty()) {
    throw StoreError(StoreError::Kind::schema, environment.place() + ": sync_state is empty: run `dvsync migrate`");
  }
  // Above ours: the mirror was restored from a backup, or somebody took the lease meanwhile; raising tells which.
  const auto there = row.number(0, environment_state::fence);
  if (there > lease.fence()) lease.raise_above(there);
  const auto fence = lease.fence();
  if (there != fence) environment.exec("UPDATE our.sync_state SET fence = $1::bigint", {std::to_string(fence)});
  // Not with the lock: a sharded table is locked by a plain query on itself.
  const auto found = environment.exec(std::string("SELECT ") + what_waits +
                                      ", EXISTS (SELECT 1 FROM our.sync_run WHERE outcome IS NULL)");
  if (found.boolean(0, 3)) environment.exec(mark_interrupted());
  environment.exec(
      "INSERT INTO our.sync_run (run_id, kind, trigger, requested_by, mirror_version, answers, comment, plan, "
      "why_full, mirror_mark) "
      "VALUES ($1::bigint, $2, $3, nullif($4, ''), $5::bigint, nullif($6::bigint, 0), nullif($7, ''), nullif($8, ''), "
      "nullif($9, ''), nullif($10, '')::uuid)",
      {std::to_string(start.run_id), std::string(name_of(start.kind)), start.trigger,
       storable(environment, std::string_view(start.requested_by)), std::to_string(start.mirror_version),
       std::to_string(start.answers), storable(environment, std::string_view(start.comment)), start.plan,
       start.why_full, start.mirror_mark ? core::to_string(*start.mirror_mark) : ""});
  transaction.commit();
  return {.fence = fence, .waits = waits_from(found)};
}

std::optional<std::int64_t> run_that_applied(Connection& environment, const std::string& plan) {
  const auto rows = environment.exec(
      "SELECT run_id FROM our.sync_run WHERE plan = $1 AND outcome IN ('succeeded', 'incomplete', 'held') LIMIT 1",
      {plan});
  return rows.empty() ? std::nullopt : std::optional(rows.number(0, 0));
}

UnfinishedRuns read_unfinished_runs(Connection& environment) {
  const auto row = environment.exec(std::string(unfinished) +
                                    "SELECT coalesce(sum(created), 0)::bigint, coalesce(sum(enabled), 0)::bigint "
                                    "FROM unfinished WHERE by_run");
  return {.created = row.number(0, 0), .enabled = row.number(0, 1)};
}

bool is_in_use(Connection& environment) {
  // One statement, so that a run that goes on does not commit a batch between the two counts.
  return environment
      .exec(std::string(unfinished) +
            ", ours AS (SELECT coalesce(sum(created), 0)::bigint AS created FROM unfinished) "
            "SELECT count(*) > (SELECT created FROM ours) FROM (SELECT 1 FROM our.systemuser u WHERE " +
            touchable_rows + " LIMIT (SELECT created + 1 FROM ours)) there")
      .boolean(0, 0);
}

void end_run(Connection& environment, std::int64_t run_id, const RunEnd& end) {
  std::vector<Parameter> values{std::to_string(run_id), std::string(name_of(end.outcome))};
  counter_columns::append(values, end.counters);
  for (const auto passed : end.passed) values.emplace_back(std::to_string(passed));
  values.insert(values.end(),
                {to_array(storable(environment, end.missing)), to_array(storable(environment, end.warnings)),
                 storable(environment, std::string_view(end.detail)), to_array(end.held_because)});
  const auto& phases = end.phases;
  const auto counted = [&](auto member) { return phases ? Parameter(std::to_string(*phases.*member)) : Parameter(); };
  const auto lasted = [&](auto member) {
    return phases ? Parameter(std::to_string((*phases.*member).count())) : Parameter();
  };
  values.insert(values.end(), {lasted(&RunPhases::reading), counted(&RunPhases::records), counted(&RunPhases::moved),
                               lasted(&RunPhases::planning), lasted(&RunPhases::writing),
                               end.behind_since ? Parameter(to_string(*end.behind_since)) : Parameter()});
  environment.exec(
      "UPDATE our.sync_run SET outcome = $2, finished_at = statement_timestamp(), " + counter_columns::assignments(3) +
          ", passed_stated = $12::bigint, passed_absent = $13::bigint, passed_disqualified = $14::bigint, "
          "passed_admitted = $15::bigint, passed_access = $16::bigint, missing = nullif($17::text[], '{}'), "
          "warnings = nullif($18::text[], '{}'), detail = nullif($19, ''), "
          "held_because = nullif($20::text[], '{}'), reading_ms = $21::bigint, records = $22::bigint, moved = "
          "$23::bigint, "
          "planning_ms = $24::bigint, writing_ms = $25::bigint, behind_since = $26::timestamptz WHERE run_id = "
          "$1::bigint",
      values);
}

core::Counters end_failed_run(Connection& environment, const RunStart& run, Outcome outcome,
                              const std::string& detail) {
  Transaction transaction(environment);
  const auto begun = environment.exec(
      "WITH last AS MATERIALIZED (SELECT coalesce(max(run_id), 0) AS run_id FROM our.sync_run) "
      "INSERT INTO our.sync_run (run_id, kind, trigger, requested_by) "
      "SELECT CASE WHEN $1::bigint > 0 THEN $1::bigint ELSE last.run_id + 1 END, $2, $3, nullif($4, '') "
      "FROM last ON CONFLICT (run_id) DO UPDATE SET detail = NULL WHERE sync_run.outcome IS NULL "
      "RETURNING run_id",
      {std::to_string(run.run_id), std::string(name_of(run.kind)), run.trigger, run.requested_by});
  if (begun.empty()) return committed_counters(environment, run.run_id);  // its last transaction was committed
  const auto run_id = begun.number(0, 0);
  const auto counters = committed_counters(environment, run_id);
  end_run(environment, run_id, {.outcome = outcome, .counters = counters, .detail = detail});
  transaction.commit();
  return counters;
}

void move_position(Connection& environment, const Position& position) {
  environment.exec(
      "UPDATE our.sync_state SET mirror_id = $1::uuid, watermark = $2::bigint, rules_hash = $3::bigint, "
      "knowledge_hash = $4::bigint, evaluated_at = $5::timestamptz, watermark_mark = $6::uuid, "
      "read_at = coalesce($7::timestamptz, read_at)",
      {core::to_string(position.mirror_id), std::to_string(position.watermark), std::to_string(position.rules_hash),
       std::to_string(position.knowledge_hash), to_string(position.evaluated_at),
       position.mark ? Parameter(core::to_string(*position.mark)) : Parameter(),
       position.read_at ? Parameter(to_string(*position.read_at)) : Parameter()});
}

std::vector<core::Guid> rejected_identities(Connection& environment) {
  const auto rows = environment.exec("SELECT DISTINCT object_id FROM our.sync_rejected WHERE object_id IS NOT NULL");
  std::vector<core::Guid> ids;
  for (int row = 0; row < rows.size(); ++row) ids.push_back(guid_at(rows, row, 0).value());
  return ids;
}

void forget_rejections(Connection& environment, std::int64_t run_id, const core::Guid* only) {
  environment.exec(
      "DELETE FROM our.sync_rejected WHERE last_run_id <> $1::bigint AND ($2::uuid IS NULL OR object_id = $2::uuid)",
      {std::to_string(run_id), only != nullptr ? Parameter(core::to_string(*only)) : Parameter()});
}

}  // namespace dvsync::store
