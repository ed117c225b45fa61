#include "dvsync/store/touched_rows.hpp"

#include <algorithm>

#include "dvsync/store/postgres/values.hpp"
#include "row_watch.hpp"

namespace dvsync::store {
namespace {

const std::string one_too_many = std::to_string(most_touched + 1);

}  // namespace

TouchedRows read_touched_rows(Connection& environment) {
  TouchedRows touched;
  // First: what is read after it may be more, never less.
  touched.seen = environment.exec("SELECT pg_current_snapshot()::text").text(0, 0);
  const auto rows = environment.exec("SELECT object_id FROM our.sync_touched GROUP BY object_id LIMIT " + one_too_many);
  for (int row = 0; row < rows.size(); ++row) touched.object_ids.push_back(guid_at(rows, row, 0).value());
  const bool uncounted = std::ranges::find(touched.object_ids, core::Guid{}) != touched.object_ids.end();
  touched.too_many = rows.size() > most_touched || uncounted;
  if (touched.too_many) touched.object_ids.clear();
  return touched;
}

void forget_touched_rows(Connection& environment, const std::string& seen) {
  // Those of transactions that this server has not had yet came with a backup, and were there at the beginning.
  environment.exec(
      "DELETE FROM our.sync_touched WHERE pg_visible_in_snapshot(noted_by, $1::pg_snapshot) "
      "OR noted_by >= pg_snapshot_xmax(pg_current_snapshot())",
      {seen});
}

ClaimedRows claim_touched_rows(Connection& environment, int most) {
  const auto rows = environment.exec(
      "SELECT touched_id, object_id FROM our.sync_touched WHERE (SELECT count(*) FROM (SELECT 1 FROM our.sync_touched "
      "LIMIT $1::int + 1) waiting) <= $1::int AND object_id <> '00000000-0000-0000-0000-000000000000' ORDER BY "
      "touched_id LIMIT $2::int FOR UPDATE SKIP LOCKED",
      {std::to_string(most_touched_at_once), std::to_string(most)});
  ClaimedRows claimed;
  for (int row = 0; row < rows.size(); ++row) {
    claimed.notes.push_back(rows.number(row, 0));
    claimed.object_ids.push_back(guid_at(rows, row, 1).value());
  }
  return claimed;
}

void forget_claimed_rows(Connection& environment, const ClaimedRows& claimed) {
  std::string notes = "{";
  for (const auto note : claimed.notes) notes += (notes.size() > 1 ? "," : "") + std::to_string(note);
  environment.exec("DELETE FROM our.sync_touched WHERE touched_id = ANY ($1::bigint[])", {notes + "}"});
}

std::string row_watch::columns(const Connection& environment) {
  return "EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = " + environment.object("systemuser") +
         " AND tgname = 'dvsync_note_update' AND tgenabled IN ('O', 'A')), "
         "(SELECT count(*) FROM (SELECT 1 FROM our.sync_touched LIMIT " +
         one_too_many + ") noted)";
}

RowWatch row_watch::from(const Rows& rows, int first) {
  return {.watches = rows.boolean(0, first), .touched = rows.number(0, first + 1)};
}

RowWatch read_row_watch(Connection& environment) {
  return row_watch::from(environment.exec("SELECT " + row_watch::columns(environment)));
}

}  // namespace dvsync::store
