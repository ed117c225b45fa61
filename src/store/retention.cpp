#include "dvsync/store/retention.hpp"

#include "dvsync/store/log_reader.hpp"

namespace dvsync::store {
namespace {

constexpr int most_lines = 5'000;

// The oldest run that may go. The last one that went through is where the guard's count begins (read_unfinished_runs).
constexpr const char* oldest_sql = R"(
SELECT run_id, archived_at IS NOT NULL FROM our.sync_run r
WHERE finished_at < statement_timestamp() - make_interval(secs => $1::bigint)
  AND run_id < (SELECT max(run_id) FROM our.sync_run)
  AND run_id < coalesce((SELECT max(run_id) FROM our.sync_run WHERE outcome IN ('succeeded', 'incomplete', 'held')
                         AND kind IN ('full', 'incremental')), 0)
  AND NOT EXISTS (SELECT 1 FROM our.sync_pending p WHERE p.held_run_id = r.run_id)
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

// Of these the answers are old enough; they go by number, so that nothing goes that was not kept.
bool forget_requests(Connection& environment, const std::string& name, const Retention& retention) {
  environment.exec("SET row_security = on");  // sync_request has policies for those who ask
  const auto old = std::string("answered_at < statement_timestamp() - make_interval(secs => $1::bigint)");
  const auto age = std::to_string(retention.age.count());
  if (retention.archive == nullptr) return forget_lines(environment, "our.sync_request", old, {age}) == most_lines;
  const auto requests = LogReader(environment, name).answered_before(retention.age, most_lines);
  if (requests.empty()) return false;
  retention.archive->add_requests(requests);
  std::string ids = "{";
  for (const auto& request : requests) ids += (ids.size() > 1 ? "," : "") + std::to_string(request.request_id);
  environment.exec("DELETE FROM our.sync_request WHERE request_id = ANY ($1::bigint[])", {ids + "}"});
  return requests.size() == static_cast<std::size_t>(most_lines);
}

// Noted, since the lines go in several transactions: what is gone already is not missed by a second look.
void archive_run(Connection& environment, const std::string& name, std::int64_t run_id, const Retention& retention) {
  LogReader log(environment, name);
  for (const auto& run : log.runs({.run_id = run_id})) retention.archive->add_run(log, run, retention.stop);
  environment.exec("UPDATE our.sync_run SET archived_at = now() WHERE run_id = $1::bigint", {std::to_string(run_id)});
}

}  // namespace

bool forget_some(Connection& environment, const std::string& name, const Retention& retention) {
  const auto age = std::to_string(retention.age.count());
  const auto oldest = environment.exec(oldest_sql, {age});
  if (oldest.empty()) return forget_requests(environment, name, retention);
  if (retention.archive != nullptr && !oldest.boolean(0, 1)) {
    archive_run(environment, name, oldest.number(0, 0), retention);
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
