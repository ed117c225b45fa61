// The changes of the log: ten million lines, of which a question wants a few, or all of them while somebody reads. So
// they are read slice by slice, each a few thousand lines that stand together in the table; sync_run and sync_batch,
// which are short, tell where they are.

#include <algorithm>

#include "dvsync/store/log_reader.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "log_filter.hpp"

namespace dvsync::store {
namespace {

constexpr std::int64_t lines_a_slice = 10'000;
constexpr std::size_t runs_a_slice = 500;
constexpr std::int64_t every_batch = 2'147'483'647;

const std::string change_columns =
    "SELECT c.run_id, " + microseconds_of("c.at") +
    ", c.action, c.reason, c.systemuserid::text, "
    "c.azureactivedirectoryobjectid::text, c.domainname, r.requested_by, c.fields::text, array_to_json(c.notes), "
    "c.batch_no, c.change_id FROM our.sync_change c JOIN our.sync_run r USING (run_id) WHERE ";

// A run that goes on has not counted yet; its batches have.
constexpr const char* lines_of_runs =
    "SELECT run_id, CASE WHEN outcome IS NULL THEN (SELECT coalesce(sum(b.created + b.updated + b.enabled + b.disabled "
    "+ b.held), 0) FROM our.sync_batch b WHERE b.run_id = r.run_id) ELSE created + updated + enabled + disabled + held "
    "END FROM our.sync_run r WHERE ";

constexpr const char* lines_of_batches =
    "SELECT batch_no, created + updated + enabled + disabled + held FROM our.sync_batch WHERE run_id = $1::bigint "
    "ORDER BY batch_no";

LoggedChange change_from(const Rows& rows, int row, const std::string& environment) {
  return {.environment = environment,
          .run_id = rows.number(row, 0),
          .at = timestamp_at(rows, row, 1).value(),
          .action = text_at(rows, row, 2),
          .reason = text_at(rows, row, 3),
          .systemuserid = text_at(rows, row, 4),
          .object_id = text_at(rows, row, 5),
          .domainname = text_at(rows, row, 6),
          .requested_by = text_at(rows, row, 7),
          .fields = text_at(rows, row, 8),
          .notes = texts_at(rows, row, 9)};
}

// Runs that changed nothing of the kind have no lines to be looked through. Held users count as held, whatever was
// written of them; and acts on single users write lines that no counter counts.
std::string may_have(const std::vector<std::string>& actions) {
  if (actions.empty()) return "";
  std::string sum = "held";
  for (const auto& action : actions) sum += " + " + action + "d";  // created, updated, enabled, disabled
  return " AND (r.outcome IS NULL OR r.kind = 'user' OR " + sum + " > 0)";
}

}  // namespace

std::vector<LogReader::Slice> LogReader::slices(const LogFilter& filter) {
  const auto rows = environment_.exec(lines_of_runs + runs_where(environment_, filter) + may_have(filter.actions) +
                                      " ORDER BY run_id");
  std::vector<Slice> all;
  for (int row = 0; row < rows.size(); ++row) {
    const auto run = rows.number(row, 0);
    const auto lines = rows.number(row, 1);
    if (lines > lines_a_slice) {
      for (auto& slice : slices_of_run(run)) all.push_back(std::move(slice));
      continue;
    }
    const bool fits = !all.empty() && all.back().last_batch == every_batch && all.back().runs.size() < runs_a_slice &&
                      all.back().lines + lines <= lines_a_slice;
    if (!fits) all.push_back({.runs = {}, .first_batch = 0, .last_batch = every_batch, .lines = 0});
    all.back().runs.push_back(run);
    all.back().lines += lines;
  }
  return all;
}

std::vector<LogReader::Slice> LogReader::slices_of_run(std::int64_t run_id) {
  const auto rows = environment_.exec(lines_of_batches, {std::to_string(run_id)});
  std::vector<Slice> all{{.runs = {run_id}, .first_batch = 0, .last_batch = 0, .lines = 0}};
  for (int row = 0; row < rows.size(); ++row) {
    const auto lines = rows.number(row, 1);
    if (all.back().lines > 0 && all.back().lines + lines > lines_a_slice) {
      all.push_back({.runs = {run_id}, .first_batch = rows.number(row, 0), .last_batch = 0, .lines = 0});
    }
    all.back().last_batch = rows.number(row, 0);
    all.back().lines += lines;
  }
  // What no batch counts comes last.
  all.push_back({.runs = {run_id}, .first_batch = all.back().last_batch + 1, .last_batch = every_batch, .lines = 0});
  return all;
}

namespace {

std::string part_of(const std::vector<std::int64_t>& runs, std::int64_t first_batch, std::int64_t last_batch) {
  std::string ids;
  for (const auto run : runs) ids += (ids.empty() ? "" : ",") + std::to_string(run);
  return " AND c.run_id = ANY ('{" + ids + "}'::bigint[]) AND c.batch_no BETWEEN " + std::to_string(first_batch) +
         " AND " + std::to_string(last_batch);
}

}  // namespace

void LogReader::changes(const LogFilter& filter, const std::function<bool(const LoggedChange&)>& take) {
  for (const auto& slice : slices(filter)) {
    if (!tell_slice(filter, slice, take)) return;
  }
}

// A batch may be larger than a slice should be (a run's last one): then the slice is read in pieces.
bool LogReader::tell_slice(const LogFilter& filter, const Slice& slice,
                           const std::function<bool(const LoggedChange&)>& take) {
  const auto query = change_columns + changes_where(environment_, filter) + " AND " + runs_where(environment_, filter) +
                     part_of(slice.runs, slice.first_batch, slice.last_batch);
  static const std::string place =
      "(c.run_id, c.batch_no, coalesce(c.azureactivedirectoryobjectid, c.systemuserid), c.change_id)";
  std::string behind;
  for (;;) {
    const auto rows = environment_.exec(query + behind + " ORDER BY " + place.substr(1, place.size() - 2) + " LIMIT " +
                                        std::to_string(lines_a_slice));
    for (int row = 0; row < rows.size(); ++row) {
      if (!take(change_from(rows, row, name_))) return false;
    }
    const int last = rows.size() - 1;
    if (rows.size() < lines_a_slice) return true;
    const auto id = rows.null(last, 5) ? text_at(rows, last, 4) : text_at(rows, last, 5);
    behind = " AND " + place + " > (" + text_at(rows, last, 0) + ", " + text_at(rows, last, 10) + ", '" + id +
             "'::uuid, " + text_at(rows, last, 11) + ")";
  }
}

Rows LogReader::newest_of(const LogFilter& filter, const std::string& part, std::int64_t most) {
  return environment_.exec(
      change_columns + changes_where(environment_, filter) + " AND " + runs_where(environment_, filter) + part +
      " ORDER BY c.run_id DESC, c.at DESC, c.change_id DESC" + (most > 0 ? " LIMIT " + std::to_string(most) : ""));
}

std::vector<LoggedChange> LogReader::newest_changes(const LogFilter& filter) {
  const auto enough = filter.limit > 0 ? filter.limit + 1 : std::int64_t{0};
  std::vector<LoggedChange> found;
  const auto add = [&](const Rows& rows) {
    for (int row = 0; row < rows.size(); ++row) found.push_back(change_from(rows, row, name_));
  };
  const bool rare = filter.reasons.size() == 1 && filter.reasons.front() != "entitled";
  if (filter.user || rare) {  // an index has them
    add(newest_of(filter, "", enough));
  } else {
    auto parts = slices(filter);
    std::reverse(parts.begin(), parts.end());
    for (const auto& slice : parts) {
      const auto wanted = enough - static_cast<std::int64_t>(found.size());
      if (enough > 0 && wanted <= 0) break;
      add(newest_of(filter, part_of(slice.runs, slice.first_batch, slice.last_batch),
                    std::max<std::int64_t>(wanted, 0)));
    }
  }
  std::reverse(found.begin(), found.end());
  return found;
}

}  // namespace dvsync::store
