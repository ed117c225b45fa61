#include "dvsync/store/requests.hpp"

#include "postgres/storable.hpp"

namespace dvsync::store {
namespace {

// The recursion steps from one asker to the next on the index, however many requests each has open.
constexpr const char* claim = R"(
WITH RECURSIVE asker (requested_by) AS (
  SELECT (SELECT min(requested_by) FROM our.sync_request WHERE answered_at IS NULL AND trigger = $1 AND ask_directory = ANY ($4::boolean[]))
  UNION ALL
  SELECT (SELECT min(r.requested_by) FROM our.sync_request r
          WHERE r.answered_at IS NULL AND r.trigger = $1 AND r.ask_directory = ANY ($4::boolean[]) AND r.requested_by > a.requested_by)
  FROM asker a WHERE a.requested_by IS NOT NULL),
turn AS MATERIALIZED (
  SELECT o.request_id, row_number() OVER (PARTITION BY a.requested_by ORDER BY o.request_id) AS place
  FROM asker a CROSS JOIN LATERAL (
    SELECT r.request_id FROM our.sync_request r
    WHERE r.answered_at IS NULL AND r.trigger = $1 AND r.ask_directory = ANY ($4::boolean[])
      AND r.requested_by = a.requested_by AND r.request_id <> ALL ($3::bigint[])
    ORDER BY r.request_id LIMIT $2::int) o)
SELECT r.request_id, r.user_name, r.object_id, r.requested_by FROM our.sync_request r
WHERE r.request_id IN (SELECT request_id FROM turn ORDER BY place, request_id LIMIT $2::int)
  AND r.answered_at IS NULL AND r.ask_directory = ANY ($4::boolean[])
ORDER BY r.request_id FOR UPDATE SKIP LOCKED)";

// The time of the statement, here and elsewhere: a sharded table takes no update with a time that moves meanwhile.
constexpr const char* answer = R"(
UPDATE our.sync_request r SET answered_at = statement_timestamp(), decision = a.decision, access = a.access, reason = a.reason,
  systemuserid = nullif(a.systemuserid, '')::uuid, detail = nullif(a.detail, ''), run_id = nullif(a.run_id, 0)
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
  AS a (request_id, decision, access, reason, systemuserid, detail, run_id)
WHERE r.request_id = a.request_id
RETURNING r.request_id)";

constexpr const char* insert_refused = R"(
INSERT INTO our.sync_request (trigger, command, requested_by, user_name, answered_at, decision, access, reason, detail, systemuserid)
SELECT 'on_demand', $1, $2, left(r.asked, 1024), now(), 'refuse', 'no', r.reason, nullif(r.detail, ''),
  nullif(r.systemuserid, '')::uuid
FROM unnest($3::text[], $4::text[], $5::text[], $6::text[]) AS r (asked, reason, detail, systemuserid))";

constexpr const char* expire = R"(
WITH late AS (
  SELECT request_id FROM our.sync_request
  WHERE answered_at IS NULL AND requested_at < statement_timestamp() - make_interval(secs => $1::int)
  ORDER BY requested_at LIMIT $2::int FOR UPDATE SKIP LOCKED)
UPDATE our.sync_request r SET answered_at = statement_timestamp(), decision = 'refuse', access = 'no', reason = 'expired',
  detail = 'nobody came to answer it in time: ask again'
FROM late WHERE r.request_id = late.request_id
RETURNING r.request_id)";

std::string array_of(const std::vector<std::int64_t>& numbers) {
  std::string text = "{";
  for (const auto number : numbers) text += (text.size() > 1 ? "," : "") + std::to_string(number);
  return text + "}";
}

// A statement of its own, not an update's own output: that may run on another server, where nobody listens.
void notify(Connection& environment, const char* channel, const Rows& requests) {
  std::vector<std::int64_t> ids;
  for (int row = 0; row < requests.size(); ++row) ids.push_back(requests.number(row, 0));
  if (ids.empty()) return;
  environment.exec("SELECT pg_notify($1, $2 || ':' || request_id) FROM unnest($3::bigint[]) AS told (request_id)",
                   {channel, environment.schema(), array_of(ids)});
}

}  // namespace

std::vector<OpenRequest> claim_requests(Connection& environment, core::Trigger trigger, Claim which, int most,
                                        const std::vector<std::int64_t>& skip_locked) {
  const char* handed_over = which == Claim::all ? "{t,f}" : which == Claim::handed_over ? "{t}" : "{f}";
  const auto rows = environment.exec(claim, {std::string(core::name_of(trigger)), std::to_string(most),
                                             array_of(skip_locked), std::string(handed_over)});
  std::vector<OpenRequest> requests;
  for (int row = 0; row < rows.size(); ++row) {
    requests.push_back({.request_id = rows.number(row, 0),
                        .trigger = trigger,
                        .user_name = rows.optional_text(row, 1),
                        .object_id = rows.optional_text(row, 2),
                        .requested_by = std::string(rows.text(row, 3))});
  }
  return requests;
}

void hand_over_requests(Connection& environment, const std::vector<std::int64_t>& request_ids) {
  if (request_ids.empty()) return;
  const auto handed = environment.exec(
      "UPDATE our.sync_request SET ask_directory = true WHERE request_id = ANY ($1::bigint[]) RETURNING request_id",
      {array_of(request_ids)});
  notify(environment, request_channel, handed);
}

void answer_requests(Connection& environment, const std::vector<RequestAnswer>& answers) {
  if (answers.empty()) return;
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> runs;
  std::vector<std::string> decisions;
  std::vector<std::string> accesses;
  std::vector<std::string> reasons;
  std::vector<std::string> rows;
  std::vector<std::string> details;
  for (const auto& one : answers) {
    ids.push_back(one.request_id);
    runs.push_back(one.run_id.value_or(0));
    decisions.push_back(one.decision);
    accesses.emplace_back(one.access ? "yes" : "no");
    reasons.push_back(one.reason);
    rows.push_back(one.systemuserid ? core::to_string(*one.systemuserid) : "");
    details.push_back(storable(environment, std::string_view(one.detail)));
  }
  const auto answered =
      environment.exec(answer, {array_of(ids), to_array(decisions), to_array(accesses), to_array(reasons),
                                to_array(rows), to_array(details), array_of(runs)});
  notify(environment, "dvsync_answer", answered);
}

void keep_refused(Connection& environment, const std::string& command, const std::string& requested_by,
                  const std::vector<RefusedCommand>& refused) {
  if (refused.empty()) return;
  std::vector<std::string> asked;
  std::vector<std::string> reasons;
  std::vector<std::string> details;
  std::vector<std::string> rows;
  for (const auto& one : refused) {
    asked.push_back(storable(environment, std::string_view(one.asked)));
    reasons.push_back(one.reason);
    details.push_back(storable(environment, std::string_view(one.detail)));
    rows.push_back(one.systemuserid ? core::to_string(*one.systemuserid) : "");
  }
  Transaction transaction(environment);
  environment.exec("SET LOCAL row_security = on");  // sync_request has policies, for those who ask
  environment.exec(insert_refused, {command, storable(environment, std::string_view(requested_by)), to_array(asked),
                                    to_array(reasons), to_array(details), to_array(rows)});
  transaction.commit();
}

void listen_for_requests(Connection& session) {
  // sync_request has row policies, for those who ask; the preflight has made sure that systemuser has none.
  session.exec(
      "SELECT set_config('lock_timeout', '500ms', false), set_config('synchronous_commit', 'off', false), "
      "set_config('row_security', 'on', false)");
  session.exec(std::string("LISTEN ") + request_channel);
}

void commit_durably(Connection& session) { session.exec("SET LOCAL synchronous_commit TO DEFAULT"); }

std::int64_t expire_requests(Connection& environment, std::chrono::seconds longest_wait, int most) {
  const auto expired = environment.exec(expire, {std::to_string(longest_wait.count()), std::to_string(most)});
  notify(environment, "dvsync_answer", expired);
  return expired.size();
}

}  // namespace dvsync::store
