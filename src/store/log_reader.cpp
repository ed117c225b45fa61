#include "dvsync/store/log_reader.hpp"

#include <boost/json.hpp>

#include "counter_columns.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "log_filter.hpp"
#include "logged_run.hpp"

namespace dvsync::store {
namespace {

constexpr int piece = 2000;

}  // namespace

const std::string logged_run::columns =
    "run_id, kind, trigger, outcome, " + microseconds_of("started_at") + ", " + microseconds_of("finished_at") +
    ", requested_by, " + counter_columns::list() +
    ", array_to_json(missing), array_to_json(warnings), detail, answers, comment, "
    "array_to_json(held_because), why_full, "
    "reading_ms, records, moved, planning_ms, writing_ms, (extract(epoch FROM finished_at "
    "- behind_since) * 1000)::bigint, plan";

namespace {

std::optional<std::chrono::milliseconds> milliseconds_at(const Rows& rows, int row, int column) {
  if (rows.null(row, column)) return std::nullopt;
  return std::chrono::milliseconds(rows.number(row, column));
}

std::optional<core::RunPhases> phases_from(const Rows& rows, int row, int column) {
  if (rows.null(row, column)) return std::nullopt;
  return core::RunPhases{.reading = std::chrono::milliseconds(rows.number(row, column)),
                         .records = rows.number(row, column + 1),
                         .moved = rows.number(row, column + 2),
                         .planning = std::chrono::milliseconds(rows.number(row, column + 3)),
                         .writing = std::chrono::milliseconds(rows.number(row, column + 4))};
}

}  // namespace

LoggedRun logged_run::from(const Rows& rows, int row, const std::string& environment, int first) {
  const int counters = first + 7;
  const int rest = counters + static_cast<int>(core::named_counters.size());
  return {.environment = environment,
          .run_id = rows.number(row, first),
          .kind = text_at(rows, row, first + 1),
          .trigger = text_at(rows, row, first + 2),
          .outcome = text_at(rows, row, first + 3),
          .started_at = timestamp_at(rows, row, first + 4).value(),
          .finished_at = timestamp_at(rows, row, first + 5),
          .requested_by = text_at(rows, row, first + 6),
          .counters = counter_columns::read(rows, row, counters),
          .missing = texts_at(rows, row, rest),
          .warnings = texts_at(rows, row, rest + 1),
          .detail = text_at(rows, row, rest + 2),
          .answers = rows.number(row, rest + 3),
          .comment = text_at(rows, row, rest + 4),
          .held_because = texts_at(rows, row, rest + 5),
          .why_full = text_at(rows, row, rest + 6),
          .phases = phases_from(rows, row, rest + 7),
          .lag = milliseconds_at(rows, row, rest + 12),
          .plan = text_at(rows, row, rest + 13)};
}

namespace {

LoggedRejection rejection_from(const Rows& rows, int row, const std::string& environment) {
  return {.environment = environment,
          .since = timestamp_at(rows, row, 0).value(),
          .object_id = text_at(rows, row, 1),
          .domainname = text_at(rows, row, 2),
          .place = text_at(rows, row, 3),
          .reason = text_at(rows, row, 4),
          .detail = text_at(rows, row, 5),
          .first_run_id = rows.number(row, 6),
          .last_run_id = rows.number(row, 7)};
}

std::string limited(const LogFilter& filter) {
  return filter.limit > 0 ? " LIMIT " + std::to_string(filter.limit + 1) : "";
}

}  // namespace

std::vector<std::string> texts_at(const Rows& rows, int row, int column) {
  std::vector<std::string> texts;
  if (rows.null(row, column)) return texts;
  const auto array = boost::json::parse(text_at(rows, row, column));
  for (const auto& item : array.as_array()) texts.emplace_back(item.as_string());
  return texts;
}

std::vector<LoggedRun> LogReader::runs(const LogFilter& filter) {
  const auto rows = environment_.exec("SELECT " + logged_run::columns + " FROM our.sync_run r WHERE " +
                                      runs_where(environment_, filter) + " ORDER BY run_id DESC" + limited(filter));
  std::vector<LoggedRun> found;
  for (int row = rows.size() - 1; row >= 0; --row) found.push_back(logged_run::from(rows, row, name_));
  return found;
}

std::vector<LoggedHold> LogReader::holds_of(std::int64_t run_id, std::int64_t most) {
  const auto rows = environment_.exec(
      "SELECT object_id::text, domainname, class, action, reason, answer, " + microseconds_of("answered_at") +
          ", answered_by, comment, ended, ended_run_id FROM our.sync_hold WHERE run_id = $1::bigint "
          "ORDER BY object_id LIMIT $2::bigint",
      {std::to_string(run_id), std::to_string(most)});
  std::vector<LoggedHold> found;
  for (int row = 0; row < rows.size(); ++row) {
    found.push_back({.object_id = text_at(rows, row, 0),
                     .domainname = text_at(rows, row, 1),
                     .guard_class = text_at(rows, row, 2),
                     .action = text_at(rows, row, 3),
                     .reason = text_at(rows, row, 4),
                     .answer = text_at(rows, row, 5),
                     .answered_at = timestamp_at(rows, row, 6),
                     .answered_by = text_at(rows, row, 7),
                     .comment = text_at(rows, row, 8),
                     .ended = text_at(rows, row, 9),
                     .ended_run_id = rows.number(row, 10)});
  }
  return found;
}

core::Timestamp LogReader::now() {
  return timestamp_at(environment_.exec("SELECT " + microseconds_of("clock_timestamp()")), 0, 0).value();
}

std::optional<std::pair<core::Timestamp, core::Timestamp>> LogReader::range() {
  const auto row = environment_.exec("SELECT " + microseconds_of("min(started_at)") + ", " +
                                     microseconds_of("max(started_at)") + " FROM our.sync_run");
  const auto first = timestamp_at(row, 0, 0);
  if (!first) return std::nullopt;
  return std::pair(*first, timestamp_at(row, 0, 1).value());
}

void LogReader::rejections(const LogFilter& filter, const std::function<bool(const LoggedRejection&)>& take) {
  std::string query = "SELECT " + microseconds_of("since") +
                      ", object_id::text, domainname, place, reason, detail, "
                      "first_run_id, last_run_id, rejected_id FROM our.sync_rejected WHERE true";
  if (filter.user) query += " AND object_id = " + id_or_null(filter.user->object_id);
  if (filter.since) query += " AND " + not_before("since", *filter.since);
  if (filter.until) query += " AND " + not_after("since", *filter.until);
  if (filter.run_id) query += " AND " + std::to_string(*filter.run_id) + " BETWEEN first_run_id AND last_run_id";
  if (!filter.reasons.empty()) query += " AND " + one_of(environment_, "reason", filter.reasons);
  std::string behind;  // the last of the piece before
  for (;;) {
    const auto rows =
        environment_.exec(query + behind + " ORDER BY sync_rejected.since, rejected_id LIMIT " + std::to_string(piece));
    for (int row = 0; row < rows.size(); ++row) {
      if (!take(rejection_from(rows, row, name_))) return;
    }
    if (rows.size() < piece) return;
    behind = " AND (sync_rejected.since, rejected_id) > ('epoch'::timestamptz + " + text_at(rows, piece - 1, 0) +
             " * interval '1 microsecond', " + text_at(rows, piece - 1, 8) + ")";
  }
}

}  // namespace dvsync::store
