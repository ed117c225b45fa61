#pragma once
// Small values as JSON, the same in every answer.

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/core/reason.hpp"

namespace dvsync::store {

inline boost::json::value json_value(const core::Guid& id) { return boost::json::value(core::to_string(id)); }
inline boost::json::value json_value(core::Timestamp time) { return boost::json::value(core::utc_time(time)); }
inline boost::json::value json_value(std::chrono::seconds duration) { return duration.count(); }
inline boost::json::value json_value(std::string_view text) { return boost::json::value(text); }
inline boost::json::value json_value(core::Reason reason) { return boost::json::value(core::code_of(reason)); }
inline boost::json::value json_value(std::int64_t number) { return number; }

// null where there is no value.
template <class T>
[[nodiscard]] boost::json::value json_or_null(const std::optional<T>& value) {
  return value ? json_value(*value) : boost::json::value(nullptr);
}
// null where there is nothing to say.
[[nodiscard]] inline boost::json::value json_text(std::string_view text) {
  return text.empty() ? boost::json::value(nullptr) : boost::json::value(text);
}

[[nodiscard]] inline boost::json::array json_of(const std::vector<std::string>& texts) {
  return boost::json::array(texts.begin(), texts.end());
}

}  // namespace dvsync::store
