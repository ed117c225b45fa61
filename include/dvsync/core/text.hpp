#pragma once
// What the rules need to know about text: white space and length by Unicode code points (docs/rules.md, Fields, D9),
// and case by ASCII. What may be shown of a text that came from outside.

#include <cstddef>
#include <string>
#include <string_view>

namespace dvsync::core {

// Empty, or white space by Unicode's White_Space property only.
[[nodiscard]] bool is_blank(std::string_view utf8);

// The longest prefix of at most `code_points` code points. Invalid UTF-8 is cut somewhere, never read beyond its end.
[[nodiscard]] std::string_view cut_to(std::string_view utf8, std::size_t code_points);

// How many bytes the code point has that `bytes` begins with; 0: it begins with none. The Unicode Standard, table 3-7:
// no overlong forms, no surrogates, nothing beyond U+10FFFF.
[[nodiscard]] std::size_t utf8_length_at(std::string_view bytes);

// The number of code points.
[[nodiscard]] std::size_t code_points_in(std::string_view utf8);

// The longest prefix that is UTF-8 text without NUL.
[[nodiscard]] std::string_view text_prefix(std::string_view bytes);

// A text from outside, as a line of a terminal or a log may show it: whatever moves a cursor, begins a line, turns the
// direction around or takes no space, and what is no UTF-8, becomes "?"; a long text is cut, which "…" says.
constexpr std::size_t longest_shown = 4000;  // bytes
[[nodiscard]] std::string printable(std::string_view text, std::size_t longest = longest_shown);
// The same of a text that has lines.
[[nodiscard]] std::string printable_lines(std::string_view text);

// Cuts the first line off, and returns it without its end.
[[nodiscard]] std::string_view take_line(std::string_view& text);

// Letters outside of ASCII stay as they are: what the rules compare ignoring case (placeholders of Dataverse, names of
// products) has none.
[[nodiscard]] constexpr char ascii_lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}
[[nodiscard]] std::string ascii_lower(std::string_view text);
[[nodiscard]] bool equal_ignoring_ascii_case(std::string_view left, std::string_view right);

}  // namespace dvsync::core
