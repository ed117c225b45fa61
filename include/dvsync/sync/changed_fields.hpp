#pragma once
// The fields of a change, before and after, as the plan and the log have them.

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/plan.hpp"

namespace dvsync::sync {

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

}  // namespace dvsync::sync
