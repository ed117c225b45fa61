#pragma once
// Comma separated values, as RFC 4180 has them, but for the line break.

#include <boost/json.hpp>
#include <string>
#include <vector>

namespace dvsync::cli {

// With its line break.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& values);
// The values of an object, and its keys. Lists of texts stand in one cell, objects as JSON, null is empty.
[[nodiscard]] std::string csv_line(const boost::json::object& object);
[[nodiscard]] std::string csv_heading(const boost::json::object& object);

}  // namespace dvsync::cli
