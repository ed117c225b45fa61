#include "source/base64.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace dvsync::source {
namespace {

constexpr std::string_view standard_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t no_digit = 64;

constexpr auto digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < standard_digits.size(); ++i) {
    values[static_cast<unsigned char>(standard_digits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

// Without padding.
std::string encode(std::string_view bytes, std::string_view digits) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()))) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8U | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
    }
    const std::size_t count = std::min<std::size_t>(bytes.size(), 3) + 1;
    for (std::size_t i = 0; i < count; ++i) text += digits[bits >> (18U - 6U * i) & 0x3fU];
  }
  return text;
}

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string text = encode(bytes, standard_digits);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::string to_base64url(std::string_view bytes) { return encode(bytes, url_digits); }

std::optional<std::string> from_base64(std::string_view text) {
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

}  // namespace dvsync::source
