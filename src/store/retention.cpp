#include "dvsync/store/retention.hpp"

namespace dvsync::store {
namespace {

constexpr int most_lines = 5'000;

// The oldest run that may go. The last one that went through is where the guard's count begins (read_unfinished_runs).
constexpr const char* oldest_sql = R"(
SELECT run_id FROM our.sync_run r
WHERE finished_at < clock_timestamp() - make_interval(secs => $1::bigint)
  AND run_id < (SELECT max(run_id) FROM our.sync_run)
  AND run_id < coalesce((SELECT max(run_id) FROM our.sync_run WHERE outcome IN ('succeeded', 'incomplete', 'held')
                         AND kind IN ('full', 'incremental')), 0)
  AND NOT EXISTS (SELECT FROM our.sync_pending p WHERE p.held_run_id = r.run_id)
ORDER BY run_id LIMIT 1)";

// By place in the table: neither a sort nor a lock on anything but the lines themselves.
std::int64_t forget_lines(Connection& environment, const std::string& table, const std::string& where,
                          const std::vector<Parameter>& parameters) {
  return environment
      .exec("DELETE FROM " + table + " WHERE ctid = ANY (ARRAY(SELECT ctid FROM " + table + " WHERE " + where +
                " LIMIT " + std::to_string(most_lines) + "))",
            parameters)
      .affected();
}

}  // namespace

bool forget_some(Connection& environment, std::chrono::seconds retention) {
  const auto age = std::to_string(retention.count());
  const auto oldest = environment.exec(oldest_sql, {age});
  if (oldest.empty()) {
    environment.exec("SET row_security = on");  // sync_request has policies for those who ask
    return forget_lines(environment, "our.sync_request",
                        "answered_at < clock_timestamp() - make_interval(secs => $1::bigint)", {age}) == most_lines;
  }
  const std::vector<Parameter> run{std::string(oldest.text(0, 0))};
  const auto forgotten =
      environment.exec("SELECT our.forget_changes($1::bigint, make_interval(secs => $2::bigint), $3::int)",
                       {run.front(), age, std::to_string(most_lines)});
  if (forgotten.number(0, 0) == most_lines) return true;
  // The run goes last: killed in between, the rest of it is found again.
  Transaction transaction(environment);
  environment.exec("DELETE FROM our.sync_hold WHERE run_id = $1::bigint", run);
  environment.exec("DELETE FROM our.sync_batch WHERE run_id = $1::bigint", run);
  environment.exec("DELETE FROM our.sync_run WHERE run_id = $1::bigint", run);
  transaction.commit();
  return true;
}

}  // namespace dvsync::store
