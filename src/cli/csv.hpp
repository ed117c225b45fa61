#pragma once
// Comma separated values, as RFC 4180 has them, but for the line break.

#include <string>
#include <vector>

namespace dvsync::cli {

// With its line break.
[[nodiscard]] std::string csv_line(const std::vector<std::string>& values);

}  // namespace dvsync::cli
