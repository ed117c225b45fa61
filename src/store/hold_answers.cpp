// An operator's word on decisions that the guard holds.

#include "dvsync/store/pending.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "postgres/storable.hpp"

namespace dvsync::store {
namespace {

// $1 the run, $2 who, $3 the users, none: all; $4 the comment.
std::vector<Parameter> parameters_of(const Connection& environment, const HoldAnswer& answer) {
  std::vector<std::string> users;
  for (const auto& id : answer.only) users.push_back(core::to_string(id));
  return {std::to_string(answer.run_id), storable(environment, std::string_view(answer.by)), to_array(users),
          storable(environment, std::string_view(answer.comment))};
}

constexpr const char* these = "held_run_id = $1::bigint AND ($3::uuid[] = '{}' OR object_id = ANY ($3::uuid[]))";

std::int64_t answer_with(Connection& environment, const HoldAnswer& answer, const std::string& word,
                         const std::string& assignments) {
  return environment
      .exec("WITH answered AS (UPDATE our.sync_pending SET " + assignments + " WHERE " + these +
                " RETURNING object_id) UPDATE our.sync_hold h SET answer = '" + word +
                "', answered_at = now(), answered_by = $2, comment = nullif($4, '') "
                "FROM answered a WHERE h.run_id = $1::bigint AND h.object_id = a.object_id",
            parameters_of(environment, answer))
      .affected();
}

}  // namespace

std::int64_t approve(Connection& environment, const HoldAnswer& answer) {
  return answer_with(environment, answer, "approved",
                     "approved_at = now(), approved_by = $2, declined_at = NULL, declined_by = NULL");
}

std::int64_t decline_own(Connection& environment, const HoldAnswer& answer) {
  return answer_with(environment, answer, "rejected",
                     "declined_at = now(), declined_by = $2, approved_at = NULL, approved_by = NULL");
}

std::int64_t decline(Connection& environment, const HoldAnswer& answer, std::int64_t log_as) {
  Transaction transaction(environment);
  // A run that is about to count sees it, or has counted.
  take_guard(environment);
  const auto decisions = decline_own(environment, answer);
  if (decisions == 0) return 0;
  environment.exec(
      "INSERT INTO our.sync_run (run_id, kind, trigger, outcome, finished_at, requested_by, answers, comment) "
      "VALUES ($4::bigint, 'reject', 'on_demand', 'succeeded', statement_timestamp(), $2, $1::bigint, nullif($3, ''))",
      {std::to_string(answer.run_id), storable(environment, std::string_view(answer.by)),
       storable(environment, std::string_view(answer.comment)), std::to_string(log_as)});
  transaction.commit();
  return decisions;
}

std::vector<core::Guid> held_users(Connection& environment, std::int64_t run_id, const std::string& word) {
  const auto rows = environment.exec(
      "SELECT object_id FROM our.sync_pending WHERE held_run_id = $1::bigint "
      "AND (object_id::text = lower($2) OR lower(domainname) = lower($2)) ORDER BY 1",
      {std::to_string(run_id), word});
  std::vector<core::Guid> found;
  for (int row = 0; row < rows.size(); ++row) found.push_back(guid_at(rows, row, 0).value());
  return found;
}

}  // namespace dvsync::store
