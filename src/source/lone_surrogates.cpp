#include "source/lone_surrogates.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include "source/utf8.hpp"

namespace dvsync::source {
namespace {

constexpr std::size_t unit_escape = 6;  // \uXXXX

// Of the escape that `text` begins with; nullopt: it is none of this kind, or not all of it is there.
std::optional<unsigned> code_unit(std::string_view text) {
  if (text.size() < unit_escape || !text.starts_with("\\u")) return std::nullopt;
  unsigned unit = 0;
  const char* const end = text.data() + unit_escape;
  const auto [read_to, error] = std::from_chars(text.data() + 2, end, unit, 16);
  return error == std::errc() && read_to == end ? std::optional(unit) : std::nullopt;
}

struct Escape {
  std::size_t length = 2;
  bool lone = false;
};

// `text` begins with a backslash.
Escape read_escape(std::string_view text) {
  const auto unit = code_unit(text);
  if (!unit) return {};
  if (!is_leading_surrogate(*unit)) return {.length = unit_escape, .lone = is_trailing_surrogate(*unit)};
  const auto next = code_unit(text.substr(unit_escape));
  const bool paired = next && is_trailing_surrogate(*next);
  return {.length = paired ? 2 * unit_escape : unit_escape, .lone = !paired};
}

}  // namespace

std::string_view LoneSurrogates::overwrite(std::string_view piece, const std::function<std::string()>& behind) {
  bool altered = false;
  const auto spoil = [&](std::size_t begin, std::size_t end) {
    if (!std::exchange(altered, true)) altered_.assign(piece);
    std::fill(altered_.begin() + static_cast<std::ptrdiff_t>(begin),
              altered_.begin() + static_cast<std::ptrdiff_t>(end), no_utf8);
  };
  std::size_t at = std::min(ahead_, piece.size());
  if (ahead_is_lone_ && at > 0) spoil(0, at);
  ahead_ -= at;
  for (at = piece.find('\\', at); at != std::string_view::npos; at = piece.find('\\', at)) {
    const std::string_view rest = piece.substr(at);
    const Escape escape =
        rest.size() < longest_json_escape ? read_escape(std::string(rest) + behind()) : read_escape(rest);
    const std::size_t end = std::min(at + escape.length, piece.size());
    if (escape.lone) spoil(at, end);
    ahead_ = at + escape.length - end;
    ahead_is_lone_ = escape.lone;
    at = end;
  }
  return altered ? std::string_view(altered_) : piece;
}

}  // namespace dvsync::source
