#pragma once
// What the rules need to know about text: white space and length, both by Unicode code points (docs/rules.md, Fields,
// D9).

#include <cstddef>
#include <string_view>

namespace dvsync::core {

// Empty, or white space by Unicode's White_Space property only.
[[nodiscard]] bool is_blank(std::string_view utf8);

// The longest prefix of at most `code_points` code points. Invalid UTF-8 is cut somewhere, never read beyond its end.
[[nodiscard]] std::string_view cut_to(std::string_view utf8, std::size_t code_points);

// As many code points as `utf8` has.
[[nodiscard]] std::size_t code_points_in(std::string_view utf8);

}  // namespace dvsync::core
