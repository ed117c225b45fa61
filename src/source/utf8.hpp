#pragma once
// Unicode in its encodings: what is valid UTF-8, and UTF-8 made of UTF-16.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace dvsync::source {

enum class TextFault : std::uint8_t { none, nul, invalid_utf8 };
[[nodiscard]] TextFault find_fault(std::string_view text);

// Without a byte order mark at its start: the first byte of a file, or of one that was appended to another.
inline constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
[[nodiscard]] inline std::string_view without_mark(std::string_view text) {
  return text.starts_with(byte_order_mark) ? text.substr(byte_order_mark.size()) : text;
}

// The two halves of a character beyond U+FFFF in UTF-16.
[[nodiscard]] constexpr bool is_leading_surrogate(unsigned unit) { return unit >= 0xd800 && unit <= 0xdbff; }
[[nodiscard]] constexpr bool is_trailing_surrogate(unsigned unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

// A byte that no UTF-8 has: it stands for half a surrogate pair, so that the value that holds it is refused.
inline constexpr char no_utf8 = '\xff';

// How many code units of UTF-16 the text was made of by Utf16Decoder.
[[nodiscard]] std::size_t utf16_units_in(std::string_view utf8);

// Turns UTF-16 into UTF-8, piece by piece. Half a surrogate pair becomes bytes that are no UTF-8, so that the value
// that holds it is refused, and nothing else.
class Utf16Decoder {
 public:
  explicit Utf16Decoder(bool big_endian) : big_endian_(big_endian) {}

  void decode(std::string_view bytes, std::string& utf8);
  // At the end of the input. False: it ended in the middle of a code unit.
  [[nodiscard]] bool finish(std::string& utf8);

 private:
  void take(unsigned unit, std::string& utf8);

  bool big_endian_;
  bool has_half_ = false;  // the first byte of a code unit
  unsigned char half_ = 0;
  unsigned lead_ = 0;  // a leading surrogate that waits for the other one
};

}  // namespace dvsync::source
