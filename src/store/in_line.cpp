#include "dvsync/store/in_line.hpp"

#include <algorithm>

#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/postgres/values.hpp"

namespace dvsync::store {
namespace {

const std::string in_line_columns = "environment, watermark, watermark_mark, version, mark, " +
                                    microseconds_of("evaluated_at") + ", " + microseconds_of("read_at") +
                                    ", run_id, extract(epoch FROM clock_timestamp() - found_at)::bigint";

InLine in_line_from(const Rows& rows, int row) {
  return {.watermark = rows.number(row, 1),
          .watermark_mark = guid_at(rows, row, 2).value(),
          .version = rows.number(row, 3),
          .mark = guid_at(rows, row, 4).value(),
          .evaluated_at = timestamp_at(rows, row, 5).value(),
          .read_at = timestamp_at(rows, row, 6).value(),
          .run_id = rows.number(row, 7),
          .age = std::chrono::seconds(rows.number(row, 8))};
}

}  // namespace

std::optional<std::vector<Moved>> moved_since(Connection& mirror, std::int64_t version,
                                              const core::Timestamp& expired_since, bool listing_complete, int most) {
  const auto rows = mirror.exec(
      "SELECT i.object_id, i.version, CASE WHEN i.account_expires <= now() THEN " +
          microseconds_of("i.account_expires") +
          " END, array_to_string(i.direct_groups || i.owned_groups || i.nested_groups, ','), "
          "(i.lifecycle <> 3 OR $4::boolean) AND EXISTS (SELECT 1 FROM our.identity_apart a WHERE a.object_id = "
          "i.object_id) "
          "FROM our.identity i WHERE "
          "i.object_id = ANY (ARRAY(SELECT object_id FROM our.identity WHERE version > 1 AND version > $1::bigint "
          "UNION "
          "SELECT object_id FROM our.identity WHERE account_expires > $2::timestamptz AND account_expires <= now())) "
          "LIMIT $3::int + 1",
      {std::to_string(version), to_string(expired_since), std::to_string(most), listing_complete ? "f" : "t"});
  if (rows.size() > most) return std::nullopt;
  std::vector<Moved> moved;
  for (int row = 0; row < rows.size(); ++row) {
    auto& one = moved.emplace_back(Moved{.object_id = guid_at(rows, row, 0).value(),
                                         .version = rows.number(row, 1),
                                         .expired_at = timestamp_at(rows, row, 2),
                                         .apart = rows.boolean(row, 4)});
    if (rows.null(row, 3)) continue;
    for_each_guid(rows.text(row, 3), [&](const core::Guid& group) { one.groups.push_back(group); });
  }
  return moved;
}

std::map<std::int64_t, core::Guid> marks_of(Connection& mirror, const std::vector<std::int64_t>& versions) {
  std::vector<std::string> numbers;
  for (const auto version : versions) numbers.push_back(std::to_string(version));
  const auto rows = mirror.exec("SELECT version, mark FROM our.version_history WHERE version = ANY ($1::bigint[])",
                                {to_array(numbers)});
  std::map<std::int64_t, core::Guid> marks;
  for (int row = 0; row < rows.size(); ++row) marks.emplace(rows.number(row, 0), guid_at(rows, row, 1).value());
  return marks;
}

InLineByName read_in_line(Connection& mirror) {
  const auto rows = mirror.exec("SELECT " + in_line_columns + " FROM our.in_line");
  InLineByName found;
  for (int row = 0; row < rows.size(); ++row) found.emplace(rows.text(row, 0), in_line_from(rows, row));
  return found;
}

std::optional<InLine> read_in_line(Connection& mirror, const std::string& environment) {
  const auto rows =
      mirror.exec("SELECT " + in_line_columns + " FROM our.in_line WHERE environment = $1", {environment});
  return rows.empty() ? std::nullopt : std::optional(in_line_from(rows, 0));
}

void remember_in_line(Connection& mirror, const Lease& lease, const InLineByName& environments, std::int64_t run_id) {
  if (environments.empty()) return;
  std::vector<std::string> names;
  std::array<std::vector<std::string>, 7> values;
  for (const auto& [name, of] : environments) {
    names.push_back(name);
    const std::array<std::string, 7> row{std::to_string(of.watermark), core::to_string(of.watermark_mark),
                                         std::to_string(of.version),   core::to_string(of.mark),
                                         to_string(of.evaluated_at),   to_string(of.read_at),
                                         std::to_string(run_id)};
    for (std::size_t i = 0; i < row.size(); ++i) values[i].push_back(row[i]);
  }
  std::vector<Parameter> parameters{to_array(names)};
  for (const auto& column : values) parameters.emplace_back(to_array(column));
  Transaction transaction(mirror);
  lease.assert_held(mirror);
  mirror.exec(
      "INSERT INTO our.in_line (environment, watermark, watermark_mark, version, mark, evaluated_at, read_at, run_id) "
      "SELECT * FROM unnest($1::text[], $2::bigint[], $3::uuid[], $4::bigint[], $5::uuid[], $6::timestamptz[], "
      "$7::timestamptz[], $8::bigint[]) ON CONFLICT (environment) DO UPDATE SET watermark = excluded.watermark, "
      "watermark_mark = excluded.watermark_mark, version = excluded.version, mark = excluded.mark, "
      "evaluated_at = excluded.evaluated_at, read_at = excluded.read_at, run_id = excluded.run_id, "
      "found_at = excluded.found_at",
      parameters);
  transaction.commit();
}

bool holds_for(const InLine& found, const EnvironmentState& state) {
  return state.watermark == found.watermark && state.mark == found.watermark_mark;
}

EnvironmentState moved_on(EnvironmentState state, const std::optional<InLine>& found) {
  if (!found || !holds_for(*found, state)) return state;
  state.watermark = found->version;
  state.mark = found->mark;
  state.evaluated_at = found->evaluated_at;
  state.read_at = found->read_at;
  return state;
}

}  // namespace dvsync::store
