#pragma once
// A change and its fields, before and after, as the plan and the log show them to people, in terraform's manner: a sign
// for what it does, then every field.

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/plan.hpp"
#include "dvsync/sync/changed_fields.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

using sync::Field;
using sync::fields_of;

// `"Engineer"`, `null`, `true`, `1 (administrative)`: option values come with their names. Nothing in it can move a
// terminal's cursor.
[[nodiscard]] std::string value_text(std::string_view column, const boost::json::value& value);

// "isdisabled: false → true"
[[nodiscard]] std::string inline_text(const Field& field);

// "+" create, "^" enable, "!" disable, "~" update, in their colours.
[[nodiscard]] std::string sign_of(std::string_view action, const Paint& paint);
// "+ create, ^ enable, ! disable, ~ update"
[[nodiscard]] std::string legend(const Paint& paint);

// "  ! bob@contoso.example  account_disabled  (6a0c…)" and a line per field below.
[[nodiscard]] std::string change_text(const core::Change& change, const std::vector<std::string>& notes,
                                      const Paint& paint);

// One line per field, the values below each other.
[[nodiscard]] std::string field_lines(const std::vector<Field>& fields, bool create, std::string_view indent,
                                      const Paint& paint);

// Whose row it is, by the name it has now.
[[nodiscard]] std::string user_of(const core::Change& change);

}  // namespace dvsync::cli
