#pragma once
// Words of a file's syntax: headers, booleans, attribute names.

#include <string>
#include <string_view>

namespace dvsync::source::file {

[[nodiscard]] char to_lower(char c);
[[nodiscard]] std::string to_lower(std::string_view text);  // ASCII letters
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);
[[nodiscard]] std::string_view trimmed(std::string_view text);  // of blanks and tabs

}  // namespace dvsync::source::file
