#include "dvsync/sync/changed_fields.hpp"

#include "dvsync/store/change_fields.hpp"

namespace dvsync::sync {
namespace {

namespace json = boost::json;

// Columns that say something about a new row: what has a value, and the licence and access mode in any case.
core::Columns worth_showing(const core::SystemUser& row) {
  core::Columns columns;
  for (std::size_t c = 0; c < core::text_column_count; ++c) {
    if (row.texts[c]) columns.add(static_cast<core::Column>(c));
  }
  columns.add(core::Column::islicensed);
  columns.add(core::Column::accessmode);
  if (row.setupuser) columns.add(core::Column::setupuser);
  return columns;
}

}  // namespace

std::vector<Field> fields_of(std::string_view logged) {
  std::vector<Field> fields;
  if (logged.empty()) return fields;
  boost::system::error_code broken;
  const auto parsed = json::parse(json::string_view(logged.data(), logged.size()), broken);
  if (broken || !parsed.is_object()) return fields;
  for (const auto& [column, pair] : parsed.get_object()) {
    if (!pair.is_array() || pair.get_array().size() != 2) continue;
    fields.push_back({std::string(column), pair.get_array()[0], pair.get_array()[1]});
  }
  return fields;
}

std::vector<Field> fields_of(const core::Change& change) {
  if (change.action != core::Decision::create) return fields_of(store::fields_json(change));
  auto shown = change;
  shown.columns = worth_showing(change.after);
  auto fields = fields_of(store::fields_json(shown));
  for (auto& field : fields) field.before = nullptr;
  return fields;
}

json::object json_of(const std::vector<Field>& fields) {
  json::object object;
  for (const auto& field : fields) object[field.column] = json::array{field.before, field.after};
  return object;
}

}  // namespace dvsync::sync
