#include "dvsync/store/rejected_records.hpp"

#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "dvsync/store/system_users.hpp"

namespace dvsync::store {
namespace {

constexpr int records_a_piece = 4000;

source::RejectedRecord record_from(const Rows& rows, int row) {
  return {.object_id = guid_at(rows, row, 0),
          .where = std::string(rows.text(row, 1)),
          .reason = std::string(rows.text(row, 2)),
          .detail = std::string(rows.text(row, 3))};
}

}  // namespace

bool has_rejected_records(Connection& mirror) {
  return mirror.exec("SELECT EXISTS (SELECT 1 FROM our.rejected_record)").boolean(0, 0);
}

RejectedById rejected_among(Connection& mirror, const std::vector<core::Guid>& object_ids) {
  const auto rows =
      mirror.exec_uuids("SELECT object_id, place, reason, detail FROM our.rejected_record WHERE object_id = ANY ($1)",
                        uuid_array(object_ids));
  RejectedById found;
  for (int row = 0; row < rows.size(); ++row) {
    auto record = record_from(rows, row);
    found.emplace(*record.object_id, std::move(record));
  }
  return found;
}

void read_rejected_records(Connection& mirror, const std::optional<core::Guid>& only,
                           const std::function<void(const std::vector<source::RejectedRecord>&)>& on_piece) {
  std::string query = "SELECT object_id, place, reason, detail FROM our.rejected_record";
  if (only) query += " WHERE object_id = '" + core::to_string(*only) + "'";
  Chunks pieces(mirror, query + " ORDER BY object_id", records_a_piece);
  Rows rows;
  while (pieces.next(rows)) {
    std::vector<source::RejectedRecord> records;
    for (int row = 0; row < rows.size(); ++row) records.push_back(record_from(rows, row));
    on_piece(records);
  }
}

}  // namespace dvsync::store
