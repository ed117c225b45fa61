#include "dvsync/store/user_history.hpp"

#include "dvsync/store/postgres/values.hpp"

namespace dvsync::store {

std::optional<HeldDecision> read_held_decision(Connection& environment, const core::Guid& object_id) {
  const auto row = environment.exec("SELECT held_run_id, " + microseconds_of("held_since") +
                                        ", class, approved_at IS NOT NULL, declined_by FROM our.sync_pending WHERE "
                                        "object_id = $1::uuid AND held_run_id IS NOT NULL",
                                    {core::to_string(object_id)});
  if (row.empty()) return std::nullopt;
  return HeldDecision{row.number(0, 0), timestamp_at(row, 0, 1).value(), std::string(row.text(0, 2)), row.boolean(0, 3),
                      std::string(row.text(0, 4))};
}

std::string read_rejection(Connection& environment, const core::Guid& object_id) {
  const auto row = environment.exec("SELECT reason, detail FROM our.sync_rejected WHERE object_id = $1::uuid LIMIT 1",
                                    {core::to_string(object_id)});
  return row.empty() ? "" : std::string(row.text(0, 0)) + ": " + std::string(row.text(0, 1));
}

std::vector<PastChange> read_history(Connection& environment, const core::Guid& object_id) {
  // An array: of a log that was never analysed, IN would read all of it.
  const auto rows =
      environment.exec("SELECT run_id, " + microseconds_of("at") +
                           ", action, reason, fields::text FROM our.sync_change WHERE systemuserid = ANY (ARRAY(SELECT "
                           "systemuserid FROM our.systemuser WHERE azureactivedirectoryobjectid = $1::uuid "
                           "UNION ALL SELECT systemuserid FROM our.sync_change "
                           "WHERE action = 'disable' AND azureactivedirectoryobjectid = $1::uuid)) "
                           "ORDER BY run_id DESC LIMIT 5",
                       {core::to_string(object_id)});
  std::vector<PastChange> history;
  for (int row = 0; row < rows.size(); ++row) {
    history.push_back({rows.number(row, 0), timestamp_at(rows, row, 1).value(), std::string(rows.text(row, 2)),
                       std::string(rows.text(row, 3)), std::string(rows.text(row, 4))});
  }
  return history;
}

}  // namespace dvsync::store
