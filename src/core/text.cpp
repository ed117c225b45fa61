#include "dvsync/core/text.hpp"

#include <algorithm>
#include <array>

namespace dvsync::core {
namespace {

constexpr bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

// How many bytes of `utf8`, which is not empty, are one White_Space character; 0: it does not start with one.
std::size_t white_space_at(std::string_view utf8) {
  const char first = utf8.front();
  if (first == ' ' || (first >= '\t' && first <= '\r')) return 1;
  for (const std::string_view space :
       {"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f",
        "\xe3\x80\x80"}) {  // U+0085, 00A0, 1680, 2028, 2029, 202F, 205F, 3000
    if (utf8.starts_with(space)) return space.size();
  }
  // U+2000 to 200A: the third byte is 80 to 8A.
  const bool quad = utf8.size() >= 3 && utf8.starts_with("\xe2\x80") && static_cast<unsigned char>(utf8[2]) <= 0x8aU &&
                    is_continuation(utf8[2]);
  return quad ? 3 : 0;
}

// Two names that look alike would be two people.
bool is_unseen(std::string_view character) {
  static constexpr std::array<std::string_view, 19> unseen{
      "\u061C", "\u200B", "\u200C", "\u200D", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202B",
      "\u202C", "\u202D", "\u202E", "\u2060", "\u2066", "\u2067", "\u2068", "\u2069", "\uFEFF"};
  return std::ranges::find(unseen, character) != unseen.end();
}

bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character.front());
  // The C1 controls are C2 80 to C2 9F; some terminals obey them.
  if (character.size() == 2) return first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
  return character.size() == 1 && (first < 0x20 || first == 0x7F);
}

}  // namespace

std::size_t utf8_length_at(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const auto at = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
  const auto tail = [&](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if ((first & 0xF0U) == 0xE0U) {
    const bool overlong_or_surrogate = (first == 0xE0 && at(1) < 0xA0) || (first == 0xED && at(1) > 0x9F);
    return tail(1) && tail(2) && !overlong_or_surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool out_of_range = (first == 0xF0 && at(1) < 0x90) || (first == 0xF4 && at(1) > 0x8F);
    return tail(1) && tail(2) && tail(3) && !out_of_range ? 4 : 0;
  }
  return 0;
}

bool is_blank(std::string_view utf8) {
  while (!utf8.empty()) {
    const char first = utf8.front();
    if (first > ' ' && first <= '~') return false;  // nearly every value ends here
    const std::size_t space = white_space_at(utf8);
    if (space == 0) return false;
    utf8.remove_prefix(space);
  }
  return true;
}

std::string_view cut_to(std::string_view utf8, std::size_t code_points) {
  if (utf8.size() <= code_points) return utf8;
  std::size_t seen = 0;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    if (!is_continuation(utf8[i]) && seen++ == code_points) return utf8.substr(0, i);
  }
  return utf8;
}

std::size_t code_points_in(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char byte) { return !is_continuation(byte); }));
}

std::string_view take_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) letter = ascii_lower(letter);
  return lower;
}

bool equal_ignoring_ascii_case(std::string_view left, std::string_view right) {
  if (left == right) return true;  // most words are spelt as they should be
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (ascii_lower(left[i]) != ascii_lower(right[i])) return false;
  }
  return true;
}

std::string_view text_prefix(std::string_view bytes) {
  std::size_t end = 0;
  while (end < bytes.size() && bytes[end] != '\0') {
    const auto length = utf8_length_at(bytes.substr(end));
    if (length == 0) break;
    end += length;
  }
  return bytes.substr(0, end);
}

std::string printable(std::string_view text, std::size_t longest) {
  std::string shown;
  shown.reserve(std::min(text.size(), longest));
  for (std::size_t at = 0; at < text.size();) {
    const auto length = utf8_length_at(text.substr(at));
    const auto character = text.substr(at, std::max<std::size_t>(length, 1));
    if (shown.size() + character.size() > longest) return shown + "…";
    const bool plain = length != 0 && !is_control(character) && !is_unseen(character);
    plain ? shown += character : shown += '?';
    at += character.size();
  }
  return shown;
}

std::string printable_lines(std::string_view text) {
  std::string shown;
  for (std::size_t at = 0;;) {
    const auto end = std::min(text.find('\n', at), text.size());
    shown += printable(text.substr(at, end - at));
    if (end == text.size()) return shown;
    shown += '\n';
    at = end + 1;
  }
}

}  // namespace dvsync::core
