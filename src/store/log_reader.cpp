#include "dvsync/store/log_reader.hpp"

#include <boost/json.hpp>

#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "dvsync/store/system_users.hpp"

namespace dvsync::store {
namespace {

constexpr int piece = 2000;

constexpr const char* run_columns =
    "run_id, kind, trigger, outcome, (extract(epoch FROM started_at) * 1000000)::bigint, "
    "(extract(epoch FROM finished_at) * 1000000)::bigint, requested_by, seen, created, updated, enabled, disabled, "
    "unchanged, ignored, rejected, held, array_to_json(missing), array_to_json(warnings), detail";
constexpr const char* change_columns =
    "run_id, (extract(epoch FROM at) * 1000000)::bigint, action, reason, systemuserid::text, "
    "azureactivedirectoryobjectid::text, domainname, fields::text, array_to_json(notes)";

std::string text(const Rows& rows, int row, int column) { return std::string(rows.text(row, column)); }

LoggedRun run_from(const Rows& rows, int row, const std::string& environment) {
  return {.environment = environment,
          .run_id = rows.number(row, 0),
          .kind = text(rows, row, 1),
          .trigger = text(rows, row, 2),
          .outcome = text(rows, row, 3),
          .started_at = timestamp_at(rows, row, 4).value(),
          .finished_at = timestamp_at(rows, row, 5),
          .requested_by = text(rows, row, 6),
          .counters = {.seen = rows.number(row, 7),
                       .created = rows.number(row, 8),
                       .updated = rows.number(row, 9),
                       .enabled = rows.number(row, 10),
                       .disabled = rows.number(row, 11),
                       .unchanged = rows.number(row, 12),
                       .ignored = rows.number(row, 13),
                       .rejected = rows.number(row, 14),
                       .held = rows.number(row, 15)},
          .missing = texts_at(rows, row, 16),
          .warnings = texts_at(rows, row, 17),
          .detail = text(rows, row, 18)};
}

LoggedChange change_from(const Rows& rows, int row, const std::string& environment) {
  return {.environment = environment,
          .run_id = rows.number(row, 0),
          .at = timestamp_at(rows, row, 1).value(),
          .action = text(rows, row, 2),
          .reason = text(rows, row, 3),
          .systemuserid = text(rows, row, 4),
          .object_id = text(rows, row, 5),
          .domainname = text(rows, row, 6),
          .fields = text(rows, row, 7),
          .notes = texts_at(rows, row, 8)};
}

LoggedRejection rejection_from(const Rows& rows, int row, const std::string& environment) {
  return {.environment = environment,
          .since = timestamp_at(rows, row, 0).value(),
          .object_id = text(rows, row, 1),
          .domainname = text(rows, row, 2),
          .place = text(rows, row, 3),
          .reason = text(rows, row, 4),
          .detail = text(rows, row, 5),
          .first_run_id = rows.number(row, 6),
          .last_run_id = rows.number(row, 7)};
}

// `column >= since`; numbers and times of our own, so nothing needs quoting.
std::string not_before(const std::string& column, const Since& since) {
  if (const auto* length = std::get_if<std::chrono::seconds>(&since)) {
    return column + " >= now() - make_interval(secs => " + std::to_string(length->count()) + ")";
  }
  return column + " >= '" + to_string(std::get<core::Timestamp>(since)) + "'";
}

std::string limited(const LogFilter& filter) {
  return filter.limit > 0 ? " LIMIT " + std::to_string(filter.limit + 1) : "";
}

// Ids of our own: nothing needs quoting.
std::string id_or_null(const std::optional<core::Guid>& id) {
  return id ? "'" + core::to_string(*id) + "'::uuid" : "NULL::uuid";
}

std::string rows_of(const LoggedUser& user) {
  std::string ids;
  for (const auto& id : user.systemuserids) ids += (ids.empty() ? "" : ",") + core::to_string(id);
  return "systemuserid IN (SELECT systemuserid FROM our.systemuser WHERE azureactivedirectoryobjectid = " +
         id_or_null(user.object_id) + " UNION ALL SELECT unnest('{" + ids + "}'::uuid[]))";
}

}  // namespace

std::vector<std::string> texts_at(const Rows& rows, int row, int column) {
  std::vector<std::string> texts;
  if (rows.null(row, column)) return texts;
  const auto array = boost::json::parse(text(rows, row, column));
  for (const auto& item : array.as_array()) texts.emplace_back(item.as_string());
  return texts;
}

std::vector<LoggedRun> LogReader::runs(const LogFilter& filter) {
  std::string condition = "true";
  if (filter.run_id) condition += " AND run_id = " + std::to_string(*filter.run_id);
  if (filter.background) condition += " AND trigger = 'background'";
  // A run that began earlier may have gone on until then.
  if (filter.since) condition += " AND " + not_before("coalesce(finished_at, now())", *filter.since);
  const auto rows = environment_.exec(std::string("SELECT ") + run_columns + " FROM our.sync_run WHERE " + condition +
                                      " ORDER BY run_id DESC" + limited(filter));
  std::vector<LoggedRun> found;
  for (int row = rows.size() - 1; row >= 0; --row) found.push_back(run_from(rows, row, name_));
  return found;
}

void LogReader::changes_of(std::int64_t run_id, const std::function<void(const LoggedChange&)>& take) {
  Chunks pieces(environment_,
                std::string("SELECT ") + change_columns + " FROM our.sync_change WHERE run_id = " +
                    std::to_string(run_id) + " ORDER BY batch_no, azureactivedirectoryobjectid",
                piece);
  Rows rows;
  while (pieces.next(rows)) {
    for (int row = 0; row < rows.size(); ++row) take(change_from(rows, row, name_));
  }
}

std::vector<LoggedChange> LogReader::changes_of_user(const LogFilter& filter) {
  auto condition = rows_of(filter.user.value());
  if (filter.run_id) condition += " AND run_id = " + std::to_string(*filter.run_id);
  if (filter.since) condition += " AND " + not_before("at", *filter.since);
  const auto rows = environment_.exec(std::string("SELECT ") + change_columns + " FROM our.sync_change WHERE " +
                                      condition + " ORDER BY run_id DESC, at DESC" + limited(filter));
  std::vector<LoggedChange> found;
  for (int row = rows.size() - 1; row >= 0; --row) found.push_back(change_from(rows, row, name_));
  return found;
}

core::Timestamp LogReader::now() {
  return timestamp_at(environment_.exec("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"), 0, 0)
      .value();
}

void LogReader::rejections(const LogFilter& filter, const std::function<void(const LoggedRejection&)>& take) {
  std::string query =
      "SELECT (extract(epoch FROM since) * 1000000)::bigint, object_id::text, domainname, place, reason, detail, "
      "first_run_id, "
      "last_run_id FROM our.sync_rejected WHERE true";
  if (filter.user) query += " AND object_id = " + id_or_null(filter.user->object_id);
  if (filter.since) query += " AND " + not_before("since", *filter.since);
  if (filter.run_id) query += " AND " + std::to_string(*filter.run_id) + " BETWEEN first_run_id AND last_run_id";
  Chunks pieces(environment_, query + " ORDER BY since, object_id, place", piece);
  Rows rows;
  while (pieces.next(rows)) {
    for (int row = 0; row < rows.size(); ++row) take(rejection_from(rows, row, name_));
  }
}

}  // namespace dvsync::store
