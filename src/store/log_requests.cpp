// Who asked for whom: the requests of clients, and commands that were refused.

#include <algorithm>

#include "dvsync/store/log_reader.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "log_filter.hpp"

namespace dvsync::store {
namespace {

std::string requests_where(const Connection& environment, const LogFilter& filter) {
  std::string condition = "true";
  if (filter.since) condition += " AND " + not_before("q.requested_at", *filter.since);
  if (filter.until) condition += " AND " + not_after("q.requested_at", *filter.until);
  if (!filter.by.empty()) condition += " AND q.requested_by = " + environment.literal(filter.by);
  if (!filter.reasons.empty()) condition += " AND " + one_of(environment, "q.reason", filter.reasons);
  if (filter.run_id) condition += " AND q.run_id = " + std::to_string(*filter.run_id);
  if (filter.refused) condition += " AND q.decision = 'refuse'";
  if (!filter.user) return condition;
  std::string words;
  std::string hashes;  // that the index has
  const auto add = [&](const std::string& word) {
    const auto lower = "lower(" + environment.literal(word) + ")";
    words += (words.empty() ? "" : ", ") + lower;
    hashes += (hashes.empty() ? "" : ", ") + std::string("hashtextextended(") + lower + ", 0)";
  };
  for (const auto& name : filter.user->names) add(name);
  if (filter.user->object_id) add(core::to_string(*filter.user->object_id));
  const std::string asked = "lower(coalesce(q.user_name, q.object_id))";
  return condition + " AND hashtextextended(" + asked + ", 0) IN (" + hashes + ") AND " + asked + " IN (" + words + ")";
}

LoggedRequest request_from(const Rows& rows, int row, const std::string& environment) {
  return {.environment = environment,
          .request_id = rows.number(row, 0),
          .requested_at = timestamp_at(rows, row, 1).value(),
          .answered_at = timestamp_at(rows, row, 2),
          .requested_by = text_at(rows, row, 3),
          .command = text_at(rows, row, 4),
          .trigger = text_at(rows, row, 5),
          .user_name = text_at(rows, row, 6),
          .object_id = text_at(rows, row, 7),
          .decision = text_at(rows, row, 8),
          .access = text_at(rows, row, 9),
          .reason = text_at(rows, row, 10),
          .detail = text_at(rows, row, 11),
          .systemuserid = text_at(rows, row, 12),
          .run_id = rows.number(row, 13)};
}

const std::string request_columns =
    "SELECT q.request_id, " + microseconds_of("q.requested_at") + ", " + microseconds_of("q.answered_at") +
    ", q.requested_by, q.command, q.trigger, q.user_name, q.object_id, q.decision, q.access, q.reason, q.detail, "
    "q.systemuserid::text, q.run_id FROM our.sync_request q WHERE ";

}  // namespace

std::vector<LoggedRequest> LogReader::answered_before(std::chrono::seconds age, std::int64_t most) {
  const auto rows =
      environment_.exec(request_columns + std::string("q.answered_at < statement_timestamp() - make_interval(secs => "
                                                      "$1::bigint) ORDER BY q.request_id LIMIT $2::bigint"),
                        {std::to_string(age.count()), std::to_string(most)});
  std::vector<LoggedRequest> found;
  for (int row = 0; row < rows.size(); ++row) found.push_back(request_from(rows, row, name_));
  return found;
}

std::vector<LoggedRequest> LogReader::requests(const LogFilter& filter) {
  Transaction transaction(environment_);
  environment_.exec("SET LOCAL row_security = on");  // sync_request has policies, for those who ask
  const auto rows = environment_.exec(request_columns + requests_where(environment_, filter) +
                                      " ORDER BY q.requested_at DESC, q.request_id DESC" +
                                      (filter.limit > 0 ? " LIMIT " + std::to_string(filter.limit + 1) : ""));
  transaction.commit();
  std::vector<LoggedRequest> found;
  for (int row = rows.size() - 1; row >= 0; --row) found.push_back(request_from(rows, row, name_));
  return found;
}

}  // namespace dvsync::store
