#include "dvsync/store/user_run.hpp"

#include "counter_columns.hpp"
#include "postgres/storable.hpp"

namespace dvsync::store {
namespace {

// An act adds to the run that it belongs to, whichever acts stand there already.
std::string log_run() {
  return "INSERT INTO our.sync_run AS r (run_id, kind, trigger, outcome, finished_at, requested_by, mirror_version, " +
         counter_columns::list() +
         ", passed_stated, passed_absent, passed_disqualified, passed_admitted, passed_access, warnings, mirror_mark) "
         "VALUES ($1::bigint, 'user', $2, $3, statement_timestamp(), nullif($4, ''), $5::bigint, $6::bigint, "
         "$7::bigint, "
         "$8::bigint, $9::bigint, $10::bigint, $11::bigint, $12::bigint, $13::bigint, $14::bigint, $15::bigint, "
         "$16::bigint, $17::bigint, $18::bigint, $19::bigint, nullif($20::text[], '{}'), nullif($21, '')::uuid) "
         "ON CONFLICT (run_id) DO UPDATE SET finished_at = excluded.finished_at, "
         "outcome = CASE WHEN 'held' IN (r.outcome, excluded.outcome) THEN 'held' "
         "WHEN 'incomplete' IN (r.outcome, excluded.outcome) THEN 'incomplete' ELSE excluded.outcome END, " +
         counter_columns::list("{} = r.{} + excluded.{}") +
         ", passed_stated = r.passed_stated + excluded.passed_stated, passed_absent = r.passed_absent + "
         "excluded.passed_absent, passed_disqualified = r.passed_disqualified + excluded.passed_disqualified, "
         "passed_admitted = r.passed_admitted + excluded.passed_admitted, "
         "passed_access = r.passed_access + excluded.passed_access, "
         "warnings = nullif(coalesce(r.warnings, '{}') || coalesce(excluded.warnings, '{}'), '{}')";
}

}  // namespace

void log_user_run(Connection& environment, const UserRun& run) {
  const auto outcome = run.held ? Outcome::held : run.incomplete ? Outcome::incomplete : Outcome::succeeded;
  std::vector<Parameter> values{
      std::to_string(run.run_id), std::string(core::name_of(run.trigger)), std::string(name_of(outcome)),
      storable(environment, std::string_view(run.requested_by)), std::to_string(run.mirror_version)};
  counter_columns::append(values, run.counters);
  for (const auto passed : run.passed) values.emplace_back(std::to_string(passed));
  values.emplace_back(to_array(storable(environment, run.warnings)));
  values.emplace_back(run.mirror_mark ? core::to_string(*run.mirror_mark) : "");
  environment.exec(log_run(), values);
}

}  // namespace dvsync::store
