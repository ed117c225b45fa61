// What a batch writes besides rows: pending changes, rejections, counters.

#include "counter_columns.hpp"
#include "dvsync/store/batch.hpp"
#include "postgres/storable.hpp"

namespace dvsync::store {

void Batch::remember(const std::vector<Remembered>& written) {
  if (written.empty()) return;
  make_empty("batch_written", "systemuserid uuid, column_name text, value text, edited boolean");
  lines_.clear();
  for (const auto& entry : written) {
    lines_.guid(entry.systemuserid).raw(core::name_of(entry.column.column)).text(entry.column.written.value);
    lines_.boolean(entry.column.written.edited).end_line();
  }
  environment_.copy_in("COPY batch_written FROM STDIN", lines_.lines());
  environment_.exec(
      "INSERT INTO our.sync_user SELECT DISTINCT ON (systemuserid, column_name) * FROM batch_written "
      "ORDER BY systemuserid, column_name ON CONFLICT (systemuserid, column_name) "
      "DO UPDATE SET value = excluded.value, edited = excluded.edited");
}

void Batch::hold_until_end(const std::vector<PendingChange>& pending) {
  if (pending.empty()) return;
  make_empty("batch_pending", "object_id uuid, class text, action text, reason text, domainname text");
  lines_.clear();
  for (const auto& change : pending) {
    lines_.guid(change.object_id).raw(core::name_of(change.guard_class)).raw(core::name_of(change.action));
    lines_.raw(core::code_of(change.reason)).text(storable(environment_, change.domainname)).end_line();
  }
  environment_.copy_in("COPY batch_pending FROM STDIN", lines_.lines());
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
  make_empty("batch_rejected", "object_id uuid, place text, reason text, detail text, domainname text");
  lines_.clear();
  for (const auto& rejection : rejections) {
    const auto place = storable(environment_, std::string_view(rejection.place));
    const auto detail = storable(environment_, std::string_view(rejection.detail));
    lines_.guid(rejection.object_id).text(std::string_view(place)).text(std::string_view(rejection.reason));
    lines_.text(std::string_view(detail)).text(storable(environment_, rejection.domainname)).end_line();
  }
  environment_.copy_in("COPY batch_rejected FROM STDIN", lines_.lines());
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
  for (const auto& [batch_no, counters] : batches) {
    lines.number(run_id).number(batch_no);
    for (const auto& counter : core::named_counters) lines.number(counters.*counter.value);
    lines.end_line();
  }
  environment.copy_in("COPY our.sync_batch (run_id, batch_no, " + counter_columns::list() + ") FROM STDIN",
                      lines.lines());
}

}  // namespace dvsync::store
