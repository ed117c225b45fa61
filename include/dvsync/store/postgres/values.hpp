#pragma once
// Values out of a query's answer.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

[[nodiscard]] inline std::optional<core::Guid> guid_at(const Rows& rows, int row, int column) {
  return rows.guid(row, column);
}

[[nodiscard]] inline std::string text_at(const Rows& rows, int row, int column) {
  return std::string(rows.text(row, column));
}

// A time as timestamp_at() reads it: microseconds since the epoch. `time` is an SQL expression.
[[nodiscard]] inline std::string microseconds_of(std::string_view time) {
  return "(extract(epoch FROM " + std::string(time) + ") * 1000000)::bigint";
}
[[nodiscard]] inline std::optional<core::Timestamp> timestamp_at(const Rows& rows, int row, int column) {
  return rows.timestamp(row, column);
}

// Of a list that array_to_string() made.
template <class Take>
void for_each_guid(std::string_view list, const Take& take) {
  constexpr std::size_t length = 36;
  for (; list.size() >= length; list.remove_prefix(std::min(list.size(), length + 1))) {
    if (const auto id = core::parse_guid(list.substr(0, length))) take(*id);
  }
}

}  // namespace dvsync::store
