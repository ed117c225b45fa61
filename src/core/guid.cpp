#include "dvsync/core/guid.hpp"

#include <array>
#include <cstring>

namespace dvsync::core {
namespace {

constexpr std::size_t text_length = 36;

constexpr bool is_dash_position(std::size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

// The values of hexadecimal digits; -1 for anything else. A table, since which branch the next digit of a random id
// takes cannot be foreseen.
constexpr auto digit_values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (int value = 0; value < 16; ++value) {
    values[static_cast<unsigned char>("0123456789abcdef"[value])] = static_cast<std::int8_t>(value);
    values[static_cast<unsigned char>("0123456789ABCDEF"[value])] = static_cast<std::int8_t>(value);
  }
  return values;
}();

constexpr int digit_value(char digit) { return digit_values[static_cast<unsigned char>(digit)]; }

std::string_view without_braces(std::string_view text) {
  const bool braced = text.size() == text_length + 2 && text.front() == '{' && text.back() == '}';
  return braced ? text.substr(1, text_length) : text;
}

}  // namespace

std::optional<Guid> parse_guid(std::string_view text) {
  text = without_braces(text);
  if (text.size() != text_length) return std::nullopt;
  Guid guid;
  std::size_t position = 0;
  for (std::uint8_t& byte : guid.bytes) {
    if (is_dash_position(position) && text[position++] != '-') return std::nullopt;
    const int high = digit_value(text[position]);
    const int low = digit_value(text[position + 1]);
    if ((high | low) < 0) return std::nullopt;
    byte = static_cast<std::uint8_t>((high << 4) | low);
    position += 2;
  }
  return guid;
}

char* write_guid(const Guid& guid, char* out) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::size_t position = 0;
  for (const std::uint8_t byte : guid.bytes) {
    if (is_dash_position(position)) out[position++] = '-';
    out[position++] = digits[byte >> 4];
    out[position++] = digits[byte & 0x0f];
  }
  return out + position;
}

std::string to_string(const Guid& guid) {
  std::string text(text_length, '\0');
  write_guid(guid, text.data());
  return text;
}

}  // namespace dvsync::core

std::size_t std::hash<dvsync::core::Guid>::operator()(const dvsync::core::Guid& guid) const noexcept {
  std::array<std::uint64_t, 2> halves{};
  static_assert(sizeof halves == sizeof guid.bytes);
  std::memcpy(halves.data(), guid.bytes.data(), sizeof halves);
  // Multiplied, so that ids counted upwards in one half (tests, sequential GUIDs) still spread over the buckets.
  const std::uint64_t mixed = (halves[0] ^ (halves[1] << 29 | halves[1] >> 35)) * 0x9e3779b97f4a7c15U;
  return static_cast<std::size_t>(mixed ^ (mixed >> 32));
}
