#pragma once
// Words of a protocol's or a file's syntax: attribute names, headers, booleans, numbers. ASCII only, whatever the
// locale; the values of people are never treated so.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dvsync::source {

[[nodiscard]] char to_lower(char c);
[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);
[[nodiscard]] bool contains_ignoring_case(std::string_view text, std::string_view part);

// Without blanks and tabs around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A whole decimal number and nothing else; nullopt also for one that is too large.
[[nodiscard]] std::optional<std::int64_t> parse_number(std::string_view text);

}  // namespace dvsync::source
