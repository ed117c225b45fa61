#include "dvsync/store/user_run.hpp"

#include "postgres/storable.hpp"

namespace dvsync::store {
namespace {

constexpr const char* log_run = R"(
INSERT INTO our.sync_run AS r (run_id, kind, trigger, outcome, finished_at, requested_by, mirror_version, seen, created, updated,
  enabled, disabled, unchanged, ignored, rejected, held, passed_stated, passed_absent, passed_disqualified,
  passed_admitted, warnings, passed_access)
VALUES ($1::bigint, 'user', $2, $3, clock_timestamp(), nullif($4, ''), $5::bigint, $6::bigint, $7::bigint, $8::bigint,
  $9::bigint, $10::bigint, $11::bigint, $12::bigint, $13::bigint, $14::bigint, $15::bigint, $16::bigint, $17::bigint,
  $18::bigint, nullif($19::text[], '{}'), $20::bigint)
ON CONFLICT (run_id) DO UPDATE SET finished_at = excluded.finished_at,
  outcome = CASE WHEN 'held' IN (r.outcome, excluded.outcome) THEN 'held'
                 WHEN 'incomplete' IN (r.outcome, excluded.outcome) THEN 'incomplete' ELSE excluded.outcome END,
  seen = r.seen + excluded.seen, created = r.created + excluded.created, updated = r.updated + excluded.updated,
  enabled = r.enabled + excluded.enabled, disabled = r.disabled + excluded.disabled,
  unchanged = r.unchanged + excluded.unchanged, ignored = r.ignored + excluded.ignored,
  rejected = r.rejected + excluded.rejected, held = r.held + excluded.held,
  passed_stated = r.passed_stated + excluded.passed_stated, passed_absent = r.passed_absent + excluded.passed_absent,
  passed_disqualified = r.passed_disqualified + excluded.passed_disqualified,
  passed_admitted = r.passed_admitted + excluded.passed_admitted, passed_access = r.passed_access + excluded.passed_access,
  warnings = nullif(coalesce(r.warnings, '{}') || coalesce(excluded.warnings, '{}'), '{}'))";

}  // namespace

void log_user_run(Connection& environment, const UserRun& run) {
  const auto number = [](std::int64_t value) { return Parameter(std::to_string(value)); };
  const auto& c = run.counters;
  const auto outcome = run.held ? Outcome::held : run.incomplete ? Outcome::incomplete : Outcome::succeeded;
  environment.exec(log_run, {number(run.run_id),
                             std::string(core::name_of(run.trigger)),
                             std::string(name_of(outcome)),
                             storable(environment, std::string_view(run.requested_by)),
                             number(run.mirror_version),
                             number(c.seen),
                             number(c.created),
                             number(c.updated),
                             number(c.enabled),
                             number(c.disabled),
                             number(c.unchanged),
                             number(c.ignored),
                             number(c.rejected),
                             number(c.held),
                             number(run.passed[0]),
                             number(run.passed[1]),
                             number(run.passed[2]),
                             number(run.passed[3]),
                             to_array(storable(environment, run.warnings)),
                             number(run.passed[4])});
}

}  // namespace dvsync::store
