#include "dvsync/store/change_fields.hpp"

#include <boost/json.hpp>
#include <limits>

#include "dvsync/store/postgres/copy_line.hpp"
#include "logged_values.hpp"

namespace dvsync::store {
namespace {

constexpr const char* roles_field = "roles";
constexpr const char* teams_field = "teams";

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
  add(roles_field, change.roles_before, change.roles_after);
  add(teams_field, change.teams_before, change.teams_after);
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

namespace {

bool take(core::Text& text, const boost::json::value& value) {
  text.reset();
  if (value.is_null()) return true;
  if (value.is_string()) text = std::string(value.get_string());
  return value.is_string();
}
bool take(bool& flag, const boost::json::value& value) {
  if (value.is_bool()) flag = value.get_bool();
  return value.is_bool();
}
bool take(std::int16_t& number, const boost::json::value& value) {
  if (!value.is_int64() || value.get_int64() < std::numeric_limits<std::int16_t>::min() ||
      value.get_int64() > std::numeric_limits<std::int16_t>::max()) {
    return false;
  }
  number = static_cast<std::int16_t>(value.get_int64());
  return true;
}
bool take(std::optional<core::Timestamp>& time, const boost::json::value& value) {
  time.reset();
  if (value.is_null()) return true;
  if (value.is_string()) time = core::parse_timestamp(value.get_string());
  return time.has_value();
}

bool take(core::SystemUser& row, core::Column column, const boost::json::value& value) {
  switch (column) {
    using enum core::Column;
    case islicensed:
      return take(row.islicensed, value);
    case isdisabled:
      return take(row.isdisabled, value);
    case disabledreason:
      return take(row.disabledreason, value);
    case accessmode:
      return take(row.accessmode, value);
    case setupuser:
      return take(row.setupuser, value);
    case azurestate:
      return take(row.azurestate, value);
    case azuredeletedon:
      return take(row.azuredeletedon, value);
    case invitestatuscode:
      return take(row.invitestatuscode, value);
    default:
      return take(row[column], value);
  }
}

bool take(std::vector<std::string>& names, const boost::json::value& value) {
  if (!value.is_array()) return false;
  for (const auto& name : value.get_array()) {
    if (!name.is_string()) return false;
    names.emplace_back(name.get_string());
  }
  return true;
}

}  // namespace

std::optional<std::vector<std::string>> read_fields(std::string_view fields, core::Change& change) {
  boost::system::error_code broken;
  const auto parsed = boost::json::parse(boost::json::string_view(fields.data(), fields.size()), broken);
  if (broken || !parsed.is_object()) return std::nullopt;
  const bool create = change.action == core::Decision::create;
  std::vector<std::string> others;
  for (const auto& [name, pair] : parsed.get_object()) {
    if (!pair.is_array() || pair.get_array().size() != 2) return std::nullopt;
    const auto& before = pair.get_array()[0];
    const auto& after = pair.get_array()[1];
    const auto column = core::column_named(std::string_view(name.data(), name.size()));
    if (column) {
      if (!create && !take(change.before, *column, before)) return std::nullopt;
      if (!take(change.after, *column, after)) return std::nullopt;
      change.columns.add(*column);
    } else if (name == roles_field) {
      if (!before.is_null() && !take(change.roles_before, before)) return std::nullopt;
      if (!take(change.roles_after, after)) return std::nullopt;
    } else if (name == teams_field) {
      if (!before.is_null() && !take(change.teams_before, before)) return std::nullopt;
      if (!take(change.teams_after, after)) return std::nullopt;
    } else {
      others.emplace_back(name);
    }
  }
  return others;
}

}  // namespace dvsync::store
