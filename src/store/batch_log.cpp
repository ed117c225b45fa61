// What a batch writes besides rows: the log's forms, pending changes, rejections, counters.

#include <boost/json.hpp>

#include "dvsync/store/batch.hpp"
#include "logged_values.hpp"
#include "postgres/storable.hpp"

namespace dvsync::store {
namespace {

boost::json::value value_of(const core::SystemUser& row, core::Column column) {
  switch (column) {
    using enum core::Column;
    case islicensed:
      return row.islicensed;
    case isdisabled:
      return row.isdisabled;
    case disabledreason:
      return logged(row.disabledreason);
    case accessmode:
      return row.accessmode;
    case setupuser:
      return row.setupuser;
    case azurestate:
      return row.azurestate;
    case azuredeletedon:
      return row.azuredeletedon ? boost::json::value(to_string(*row.azuredeletedon)) : boost::json::value(nullptr);
    case invitestatuscode:
      return row.invitestatuscode;
    default:
      return logged(row[column]);
  }
}

boost::json::object access_of(const core::Change& change) {
  boost::json::object fields;
  const auto add = [&](const char* what, const auto& before, const auto& after) {
    if (before != after) fields[what] = {boost::json::value_from(before), boost::json::value_from(after)};
  };
  add("roles", change.roles_before, change.roles_after);
  add("teams", change.teams_before, change.teams_after);
  return fields;
}

}  // namespace

std::string fields_json(const core::Change& change) {
  auto fields = access_of(change);
  for (std::size_t c = 0; c < core::column_count; ++c) {
    const auto column = static_cast<core::Column>(c);
    if (!change.columns.contains(column)) continue;
    fields[std::string(core::name_of(column))] = {value_of(change.before, column), value_of(change.after, column)};
  }
  return boost::json::serialize(fields);
}

std::string logged_fields(const core::Change& change) {
  if (change.action != core::Decision::create) return fields_json(change);
  const auto access = access_of(change);
  return access.empty() ? "" : boost::json::serialize(access);
}

std::vector<std::string> notes_of(const core::Change& change) {
  std::vector<std::string> notes;
  if (change.invitation_required) notes.emplace_back("invitation_required");
  if (!change.cut.empty()) {
    for (std::size_t c = 0; c < core::text_column_count; ++c) {
      const auto column = static_cast<core::Column>(c);
      if (change.cut.contains(column)) notes.push_back("cut:" + std::string(core::name_of(column)));
    }
  }
  return notes;
}

void Batch::remember(const std::vector<Remembered>& written) {
  if (written.empty()) return;
  environment_.exec(
      "CREATE TEMP TABLE IF NOT EXISTS batch_written (systemuserid uuid, column_name text, value text, edited boolean) "
      "ON COMMIT DELETE ROWS; TRUNCATE batch_written");
  lines_.clear();
  for (const auto& entry : written) {
    lines_.guid(entry.systemuserid).raw(core::name_of(entry.column.column)).text(entry.column.written.value);
    lines_.boolean(entry.column.written.edited).end_line();
  }
  environment_.begin_copy("COPY batch_written FROM STDIN");
  environment_.put_copy(lines_.lines());
  environment_.end_copy();
  environment_.exec(
      "INSERT INTO our.sync_user SELECT DISTINCT ON (systemuserid, column_name) * FROM batch_written "
      "ORDER BY systemuserid, column_name ON CONFLICT (systemuserid, column_name) "
      "DO UPDATE SET value = excluded.value, edited = excluded.edited");
}

void Batch::hold_until_end(const std::vector<PendingChange>& pending) {
  if (pending.empty()) return;
  environment_.exec(
      "CREATE TEMP TABLE IF NOT EXISTS batch_pending (object_id uuid, class text, action text, reason text, "
      "domainname text) ON COMMIT DELETE ROWS; TRUNCATE batch_pending");
  lines_.clear();
  for (const auto& change : pending) {
    lines_.guid(change.object_id).raw(core::name_of(change.guard_class)).raw(core::name_of(change.action));
    lines_.raw(core::code_of(change.reason)).text(storable(environment_, change.domainname)).end_line();
  }
  environment_.begin_copy("COPY batch_pending FROM STDIN");
  environment_.put_copy(lines_.lines());
  environment_.end_copy();
  // A hold, or its approval, is for this decision: another class starts anew.
  environment_.exec(
      "INSERT INTO our.sync_pending AS p (object_id, run_id, class, action, reason, domainname) "
      "SELECT object_id, $1::bigint, class, action, reason, domainname FROM batch_pending "
      "ON CONFLICT (object_id) DO UPDATE SET run_id = excluded.run_id, class = excluded.class, "
      "action = excluded.action, reason = excluded.reason, domainname = excluded.domainname, "
      "held_run_id = CASE WHEN p.class = excluded.class AND (p.declined_at IS NULL OR p.reason = excluded.reason) "
      "THEN p.held_run_id END, "
      "held_since = CASE WHEN p.class = excluded.class AND (p.declined_at IS NULL OR p.reason = excluded.reason) "
      "THEN p.held_since END, "
      "declined_at = CASE WHEN p.class = excluded.class AND p.reason = excluded.reason THEN p.declined_at END, "
      "declined_by = CASE WHEN p.class = excluded.class AND p.reason = excluded.reason THEN p.declined_by END, "
      "approved_at = CASE WHEN p.class = excluded.class THEN p.approved_at END, "
      "approved_by = CASE WHEN p.class = excluded.class THEN p.approved_by END",
      {std::to_string(run_id_)});
}

void Batch::list_rejections(const std::vector<ListedRejection>& rejections) {
  if (rejections.empty()) return;
  environment_.exec(
      "CREATE TEMP TABLE IF NOT EXISTS batch_rejected (object_id uuid, place text, reason text, detail text, "
      "domainname text) ON COMMIT DELETE ROWS; TRUNCATE batch_rejected");
  lines_.clear();
  for (const auto& rejection : rejections) {
    const auto place = storable(environment_, std::string_view(rejection.place));
    const auto detail = storable(environment_, std::string_view(rejection.detail));
    lines_.guid(rejection.object_id).text(std::string_view(place)).text(std::string_view(rejection.reason));
    lines_.text(std::string_view(detail)).text(storable(environment_, rejection.domainname)).end_line();
  }
  environment_.begin_copy("COPY batch_rejected FROM STDIN");
  environment_.put_copy(lines_.lines());
  environment_.end_copy();
  environment_.exec(
      "INSERT INTO our.sync_rejected AS r (object_id, place, reason, detail, domainname, first_run_id, last_run_id) "
      "SELECT DISTINCT ON (object_id, place) object_id, place, reason, detail, domainname, $1::bigint, $1::bigint "
      "FROM batch_rejected ORDER BY object_id, place "
      "ON CONFLICT (object_id, place) DO UPDATE SET reason = excluded.reason, detail = excluded.detail, "
      "domainname = excluded.domainname, last_run_id = excluded.last_run_id",
      {std::to_string(run_id_)});
}

void log_batches(Connection& environment, std::int64_t run_id, const std::vector<CountedBatch>& batches) {
  if (batches.empty()) return;
  CopyLines lines;
  for (const auto& [batch_no, c] : batches) {
    lines.number(run_id).number(batch_no).number(c.seen).number(c.created).number(c.updated).number(c.enabled);
    lines.number(c.disabled).number(c.unchanged).number(c.ignored).number(c.rejected).number(c.held).end_line();
  }
  environment.begin_copy(
      "COPY our.sync_batch (run_id, batch_no, seen, created, updated, enabled, disabled, unchanged, ignored, rejected, "
      "held) "
      "FROM STDIN");
  environment.put_copy(lines.lines());
  environment.end_copy();
}

}  // namespace dvsync::store
