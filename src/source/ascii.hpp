#pragma once
// Words of a protocol's or a file's syntax: attribute names, headers, booleans, numbers. ASCII only, whatever the
// locale; the values of people are never treated so. Case is core's (dvsync/core/text.hpp).

#include <cstdint>
#include <optional>
#include <string_view>

namespace dvsync::source {

[[nodiscard]] bool contains_ignoring_case(std::string_view text, std::string_view part);

// Without blanks and tabs around it.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A whole decimal number and nothing else; nullopt also for one that is too large.
[[nodiscard]] std::optional<std::int64_t> parse_number(std::string_view text);

}  // namespace dvsync::source
