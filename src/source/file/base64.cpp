#include "source/file/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace dvsync::source::file {
namespace {

constexpr std::uint8_t no_digit = 64;

constexpr auto digit_values = [] {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.size() > padding && text[text.size() - 1 - padding] == '=') ++padding;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_padding = i >= text.size() - padding;
    const std::uint8_t value = is_padding ? 0 : digit_values[static_cast<unsigned char>(text[i])];
    if (value == no_digit) return std::nullopt;
    bits = bits << 6U | value;
    if (i % 4 == 3) {
      bytes += static_cast<char>(bits >> 16U & 0xffU);
      bytes += static_cast<char>(bits >> 8U & 0xffU);
      bytes += static_cast<char>(bits & 0xffU);
    }
  }
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace dvsync::source::file
