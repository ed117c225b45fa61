#pragma once
// The fields of a change, before and after, as the log and the plan show them.

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/plan.hpp"
#include "output.hpp"

namespace dvsync::cli {

struct Field {
  std::string column;
  boost::json::value before;
  boost::json::value after;
};

// Of a change that is planned. A create has no before: it shows what the row will hold.
[[nodiscard]] std::vector<Field> fields_of(const core::Change& change);
// Of a logged change: sync_change.fields. Empty for a create, whose row is there to see.
[[nodiscard]] std::vector<Field> fields_of(std::string_view logged);

// {"jobtitle": ["before", "after"]}
[[nodiscard]] boost::json::object json_of(const std::vector<Field>& fields);

// `"Engineer"`, `null`, `true`, `1 (administrative)`: option values come with their names. Nothing in it can move a
// terminal's cursor.
[[nodiscard]] std::string value_text(std::string_view column, const boost::json::value& value);

// "isdisabled: false → true"
[[nodiscard]] std::string inline_text(const Field& field);

}  // namespace dvsync::cli
