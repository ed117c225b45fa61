#include "dvsync/store/undo_log.hpp"

#include "dvsync/store/postgres/values.hpp"

namespace dvsync::store {

std::optional<PastRun> find_run(Connection& environment, std::int64_t run_id) {
  const auto rows = environment.exec(
      "SELECT kind, outcome IS NOT NULL, created, created + updated + enabled + disabled FROM our.sync_run "
      "WHERE run_id = $1::bigint",
      {std::to_string(run_id)});
  if (rows.empty()) return std::nullopt;
  return PastRun{.kind = text_at(rows, 0, 0),
                 .ended = rows.boolean(0, 1),
                 .created = rows.number(0, 2),
                 .logged = rows.number(0, 3)};
}

std::string lines_of_run(std::int64_t run_id, const std::vector<std::string>& actions) {
  const auto run = std::to_string(run_id);
  std::string wanted;
  for (const auto& action : actions) wanted += (wanted.empty() ? "'" : ", '") + action + "'";
  return "SELECT c.systemuserid, c.azureactivedirectoryobjectid, c.domainname, c.action, c.fields::text, later.run_id, "
         "later.kind = 'undo' AND later.answers = " +
         run +
         " FROM our.sync_change c LEFT JOIN LATERAL (SELECT l.run_id, r.kind, r.answers FROM our.sync_change l "
         "JOIN our.sync_run r ON r.run_id = l.run_id WHERE l.systemuserid = c.systemuserid AND l.run_id > " +
         run +
         " AND l.fields ?| ARRAY(SELECT jsonb_object_keys(c.fields)) ORDER BY l.run_id DESC LIMIT 1) later ON true "
         "WHERE c.run_id = " +
         run + " AND c.action <> 'create' AND c.azureactivedirectoryobjectid IS NOT NULL AND c.fields IS NOT NULL" +
         (wanted.empty() ? "" : " AND c.action IN (" + wanted + ")");
}

PastLine past_line_from(const Rows& rows, int row) {
  return {.systemuserid = guid_at(rows, row, 0).value(),
          .object_id = guid_at(rows, row, 1).value(),
          .domainname = rows.optional_text(row, 2),
          .action = text_at(rows, row, 3),
          .fields = text_at(rows, row, 4),
          .later_run = rows.optional_number(row, 5),
          .undone = !rows.null(row, 6) && rows.boolean(row, 6)};
}

}  // namespace dvsync::store
