#include "values.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace dvsync::source::ldap {
namespace {

// From 1601 to 1970, in microseconds.
constexpr std::int64_t epoch_distance = 11'644'473'600'000'000;

// The length of the UTF-8 sequence at the front of `text`; 0: there is none (RFC 3629: no surrogates, no overlong
// forms).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) > 0x9F;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool too_large = first == 0xF4 && byte(1) > 0x8F;
    return follows(1) && follows(2) && follows(3) && !overlong && !too_large ? 4 : 0;
  }
  return 0;
}

void swap_fields(core::Guid& guid) {
  auto& b = guid.bytes;
  std::reverse(b.begin(), b.begin() + 4);
  std::reverse(b.begin() + 4, b.begin() + 6);
  std::reverse(b.begin() + 6, b.begin() + 8);
}

}  // namespace

std::optional<core::Guid> guid_from_network_order(std::string_view bytes) {
  core::Guid guid;
  if (bytes.size() != guid.bytes.size()) return std::nullopt;
  std::ranges::transform(bytes, guid.bytes.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return guid;
}

std::optional<core::Guid> guid_from_object_guid(std::string_view bytes) {
  auto guid = guid_from_network_order(bytes);
  if (guid) swap_fields(*guid);
  return guid;
}

std::string object_guid_bytes(const core::Guid& guid) {
  core::Guid swapped = guid;
  swap_fields(swapped);
  return {swapped.bytes.begin(), swapped.bytes.end()};
}

std::optional<core::Guid> guid_from_unique_id(std::string_view text) {
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c != '-'; });
  if (digits.size() != 32) return std::nullopt;
  for (const std::size_t at : {20U, 16U, 12U, 8U}) digits.insert(at, 1, '-');
  return core::parse_guid(digits);
}

std::string to_unique_id(const core::Guid& guid) {
  std::string text = core::to_string(guid);
  std::erase(text, '-');
  for (const std::size_t at : {24U, 16U, 8U}) text.insert(at, 1, '-');
  return text;
}

std::optional<core::Guid> guid_of_extended_dn(std::string_view name) {
  constexpr std::string_view start = "<GUID=";
  if (!name.starts_with(start)) return std::nullopt;
  name.remove_prefix(start.size());
  const auto end = name.find('>');
  return end == std::string_view::npos ? std::nullopt : core::parse_guid(name.substr(0, end));
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::optional<core::Timestamp>> account_expiry(std::string_view value) {
  const auto ticks = parse_number(value);
  if (!ticks || *ticks < 0) return std::nullopt;
  if (*ticks == 0 || *ticks == std::numeric_limits<std::int64_t>::max()) return std::optional<core::Timestamp>{};
  return core::Timestamp{std::chrono::microseconds{*ticks / 10 - epoch_distance}};
}

std::string_view text_fault(std::string_view value) {
  while (!value.empty()) {
    if (value.front() == '\0') return "holds NUL";
    const std::size_t length = sequence_length(value);
    if (length == 0) return "is not UTF-8";
    value.remove_prefix(length);
  }
  return {};
}

std::string to_base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),  // NOLINT: OpenSSL's char type
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string from_base64(std::string_view text) {
  std::string bytes(3 * (text.size() / 4) + 1, '\0');
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),  // NOLINT: OpenSSL's char type
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (length < 0) return {};
  const auto padding = static_cast<std::size_t>(
      std::ranges::count(text.substr(text.size() - std::min<std::size_t>(2, text.size())), '='));
  bytes.resize(static_cast<std::size_t>(length) - padding);
  return bytes;
}

std::uint64_t hash_of(std::string_view text, std::uint64_t seed) {
  for (const char c : text) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return seed;
}

}  // namespace dvsync::source::ldap
