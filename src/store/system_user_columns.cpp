#include "system_user_columns.hpp"

#include <algorithm>
#include <array>

#include "dvsync/store/postgres/values.hpp"
#include "list_columns.hpp"

namespace dvsync::store::system_user_columns {
namespace {

constexpr std::array<Column, 4> naming{{{"systemuserid", Kind::uuid, Written::at_creation},
                                        {"azureactivedirectoryobjectid", Kind::uuid, Written::at_creation},
                                        {"applicationid", Kind::uuid, Written::never},
                                        {"deletedstate", Kind::small, Written::never}}};
constexpr std::array<Column, 6> bookkeeping{{{"issyncwithdirectory", Kind::boolean, Written::at_creation},
                                             {"createdon", Kind::time, Written::at_creation},
                                             {"createdby", Kind::uuid, Written::at_creation},
                                             {"modifiedon", Kind::time, Written::always},
                                             {"modifiedby", Kind::uuid, Written::always},
                                             {"versionnumber", Kind::big, Written::always}}};

Kind kind_of(core::Column column) {
  switch (column) {
    case core::Column::islicensed:
    case core::Column::isdisabled:
    case core::Column::setupuser:
      return Kind::boolean;
    case core::Column::accessmode:
    case core::Column::azurestate:
    case core::Column::invitestatuscode:
      return Kind::small;
    case core::Column::azuredeletedon:
      return Kind::time;
    default:
      return Kind::text;
  }
}

std::vector<std::string_view> rule_column_names() {
  std::vector<std::string_view> names;
  for (std::size_t c = 0; c < core::column_count; ++c) names.push_back(core::name_of(static_cast<core::Column>(c)));
  return names;
}

std::string_view type_of(Kind kind) {
  constexpr std::array<std::string_view, 6> types{"text", "uuid", "boolean", "smallint", "bigint", "timestamptz"};
  return types.at(static_cast<std::size_t>(kind));
}

std::vector<Column> put_together() {
  std::vector<Column> columns(naming.begin(), naming.end());
  for (std::size_t c = 0; c < core::column_count; ++c) {
    const auto column = static_cast<core::Column>(c);
    columns.push_back({core::name_of(column), kind_of(column), Written::always});
  }
  columns.insert(columns.end(), bookkeeping.begin(), bookkeeping.end());
  return columns;
}

}  // namespace

const std::vector<Column>& all() {
  static const auto columns = put_together();
  return columns;
}

bool contains(std::string_view name) {
  return std::ranges::any_of(all(), [&](const Column& column) { return column.name == name; });
}

std::string rule_columns(std::string_view form) { return list_columns(rule_column_names(), form); }

std::string rule_column_definitions() {
  std::string definitions;
  for (std::size_t c = 0; c < core::column_count; ++c) {
    const auto column = static_cast<core::Column>(c);
    if (c > 0) definitions += ", ";
    definitions.append(core::name_of(column)).append(" ").append(type_of(kind_of(column)));
  }
  return definitions;
}

const std::string& select_list() {
  static const auto selected = [] {
    std::string columns;
    for (const auto& column : naming) columns.append(columns.empty() ? "u." : ", u.").append(column.name);
    for (std::size_t c = 0; c < core::column_count; ++c) {
      const auto column = static_cast<core::Column>(c);
      const auto name = "u." + std::string(core::name_of(column));
      columns += ", " + (kind_of(column) == Kind::time ? microseconds_of(name) : name);
    }
    return columns;
  }();
  return selected;
}

bool goes_into(Kind kind, std::uint32_t type) {
  constexpr std::array<std::uint32_t, 6> numbers{25, 2950, 16, 21, 20, 1184};
  constexpr std::uint32_t varchar = 1043;
  return type == numbers.at(static_cast<std::size_t>(kind)) || (kind == Kind::text && type == varchar);
}

}  // namespace dvsync::store::system_user_columns
