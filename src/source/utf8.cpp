#include "source/utf8.hpp"

#include <cstring>

#include "dvsync/core/text.hpp"

namespace dvsync::source {
namespace {

// How many bytes of `text` come before the first that is NUL or not ASCII: eight at a time.
std::size_t plain_prefix(std::string_view text) {
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  constexpr std::uint64_t ones = 0x0101010101010101U;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    if (((word | (word - ones)) & high_bits) != 0) break;  // subtracting borrows from a byte that is 0
  }
  while (i < text.size() && static_cast<signed char>(text[i]) > 0) ++i;
  return i;
}

void append(unsigned code_point, std::string& utf8) {
  const auto continuation = [&](unsigned shift) { utf8 += static_cast<char>(0x80U | (code_point >> shift & 0x3fU)); };
  if (code_point < 0x80) {
    utf8 += static_cast<char>(code_point);
    return;
  }
  if (code_point < 0x800) {
    utf8 += static_cast<char>(0xc0U | code_point >> 6U);
  } else {
    if (code_point < 0x10000) {
      utf8 += static_cast<char>(0xe0U | code_point >> 12U);
    } else {
      utf8 += static_cast<char>(0xf0U | code_point >> 18U);
      continuation(12);
    }
    continuation(6);
  }
  continuation(0);
}

}  // namespace

TextFault find_fault(std::string_view text) {
  TextFault fault = TextFault::none;
  for (;;) {
    text.remove_prefix(plain_prefix(text));
    if (text.empty()) return fault;
    const bool is_nul = text.front() == '\0';
    const std::size_t length = is_nul ? 1 : core::utf8_length_at(text);
    if (length == 0) return TextFault::invalid_utf8;
    if (is_nul) fault = TextFault::nul;
    text.remove_prefix(length);
  }
}

std::size_t utf16_units_in(std::string_view utf8) {
  std::size_t units = 0;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    const bool continues = (byte & 0xc0U) == 0x80U;
    const bool is_pair = byte >= 0xf0U && byte != static_cast<unsigned char>(no_utf8);
    units += continues ? 0U : is_pair ? 2U : 1U;
  }
  return units;
}

void Utf16Decoder::decode(std::string_view bytes, std::string& utf8) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (!has_half_) {
      half_ = byte;
    } else {
      take(big_endian_ ? half_ * 256U + byte : byte * 256U + half_, utf8);
    }
    has_half_ = !has_half_;
  }
}

void Utf16Decoder::take(unsigned unit, std::string& utf8) {
  const unsigned lead = lead_;
  lead_ = 0;
  if (lead != 0 && is_trailing_surrogate(unit)) {
    append(0x10000U + ((lead - 0xd800U) << 10U) + (unit - 0xdc00U), utf8);
    return;
  }
  if (lead != 0) utf8 += no_utf8;
  if (is_leading_surrogate(unit)) {
    lead_ = unit;
  } else if (is_trailing_surrogate(unit)) {
    utf8 += no_utf8;
  } else {
    append(unit, utf8);
  }
}

bool Utf16Decoder::finish(std::string& utf8) {
  if (lead_ != 0) utf8 += no_utf8;
  lead_ = 0;
  return !has_half_;
}

}  // namespace dvsync::source
