#include "changes.hpp"

#include <algorithm>
#include <array>

#include "terminal/table.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

namespace json = boost::json;

std::string_view option_name(std::string_view column, std::int64_t value) {
  static constexpr std::array<std::string_view, 3> azure_states{"exists", "soft-deleted", "not found"};
  const auto index = static_cast<std::size_t>(value);
  if (column == "accessmode") return name_of_access_mode(value);
  if (column == "azurestate" && index < azure_states.size()) return azure_states[index];
  return "";
}

}  // namespace

std::string value_text(std::string_view column, const json::value& value) {
  auto text = printable(json::serialize(value));
  if (const auto* number = value.if_int64()) {
    if (const auto name = option_name(column, *number); !name.empty()) text += " (" + std::string(name) + ")";
  }
  return text;
}

std::string inline_text(const Field& field) {
  return field.column + ": " + value_text(field.column, field.before) + " → " + value_text(field.column, field.after);
}

std::string sign_of(std::string_view action, const Paint& paint) {
  if (action == "create") return paint.green("+");
  if (action == "enable") return paint.cyan("^");
  if (action == "disable") return paint.red("!");
  if (action == "update") return paint.yellow("~");
  return "?";
}

std::string legend(const Paint& paint) {
  std::string text;
  for (const std::string_view action : {"create", "enable", "disable", "update"}) {
    text += (text.empty() ? "" : ", ") + sign_of(action, paint) + " " + std::string(action);
  }
  return text;
}

std::string user_of(const core::Change& change) {
  const auto& row = change.action == core::Decision::create ? change.after : change.before;
  return printable(row[core::Column::domainname].value_or("(no user name)"));
}

std::string field_lines(const std::vector<Field>& fields, bool create, std::string_view indent, const Paint& paint) {
  std::size_t width = 0;
  for (const auto& field : fields) width = std::max(width, field.column.size());
  std::string text;
  for (const auto& field : fields) {
    text += std::string(indent) + padded(field.column, width) + "  ";
    if (!create) text += paint.faint(value_text(field.column, field.before)) + " → ";
    text += value_text(field.column, field.after) + "\n";
  }
  return text;
}

std::string change_text(const core::Change& change, const std::vector<std::string>& notes, const Paint& paint) {
  const auto action = core::name_of(change.action);
  auto text = "  " + sign_of(action, paint) + " " + paint.bold(user_of(change)) + "  " +
              std::string(core::code_of(change.reason)) + "  " + paint.faint(core::to_string(change.object_id));
  for (const auto& note : notes) text += "  " + paint.yellow("[" + note + "]");
  return text + "\n" + field_lines(fields_of(change), change.action == core::Decision::create, "      ", paint);
}

}  // namespace dvsync::cli
