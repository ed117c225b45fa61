#include "source/file/broken_line.hpp"

#include <algorithm>
#include <cstddef>

namespace dvsync::source::file {
namespace {

std::string_view after_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text;
}

// The GUID of `: "…"` at the start of `text`.
std::optional<core::Guid> quoted_guid(std::string_view text) {
  constexpr std::size_t guid_length = 36;
  text = after_blanks(text);
  if (!text.starts_with(':')) return std::nullopt;
  text = after_blanks(text.substr(1));
  if (text.size() < guid_length + 2 || text.front() != '"' || text[guid_length + 1] != '"') return std::nullopt;
  return core::parse_guid(text.substr(1, guid_length));
}

// Every "id" before a second brace opens is the record's own: nested objects have ids, too.
std::optional<core::Guid> only_own_id(std::string_view text) {
  constexpr std::string_view key = "\"id\"";
  const std::size_t first_brace = text.find('{');
  const std::size_t second_brace = text.find('{', std::min(first_brace, text.size() - 1) + 1);
  const std::string_view own = text.substr(0, second_brace);
  std::optional<core::Guid> found;
  for (std::size_t at = own.find(key); at != std::string_view::npos; at = own.find(key, at + 1)) {
    const auto id = quoted_guid(own.substr(at + key.size()));
    if (id && found && id != found) return std::nullopt;
    if (id) found = id;
  }
  return found;
}

bool has_two(std::string_view text, std::string_view part) {
  const std::size_t first = text.find(part);
  return first != std::string_view::npos && text.find(part, first + part.size()) != std::string_view::npos;
}

// "}?{": the end of a line that lost its line break, and the begin of the next.
bool has_seam(std::string_view text) {
  for (std::size_t at = text.find("{\"", 1); at != std::string_view::npos; at = text.find("{\"", at + 1)) {
    if (text[at - 1] == '}' || (at >= 2 && text[at - 2] == '}' && text[at - 1] != ',')) return true;
  }
  return false;
}

}  // namespace

BrokenLine examine_broken_line(std::string_view text) {
  if (text.empty()) return {};
  BrokenLine line;
  const bool whole = text.size() < broken_line_prefix;
  line.may_hold_links =
      !whole || text.find("@delta") != std::string_view::npos || text.find("\"members\"") != std::string_view::npos ||
      text.find("\"owners\"") != std::string_view::npos || text.find("directoryRole") != std::string_view::npos;
  line.several_records = !whole || has_two(text, "\"userPrincipalName\"") || has_seam(text);
  if (!line.several_records) line.object_id = only_own_id(text);
  return line;
}

}  // namespace dvsync::source::file
