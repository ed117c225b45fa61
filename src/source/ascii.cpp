#include "source/ascii.hpp"

#include <algorithm>
#include <charconv>

#include "dvsync/core/text.hpp"

namespace dvsync::source {

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  if (part.size() > text.size()) return false;
  const auto same = [](char a, char b) { return core::ascii_lower(a) == core::ascii_lower(b); };
  return part.empty() || std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

}  // namespace dvsync::source
