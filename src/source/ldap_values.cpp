#include "source/ldap_values.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include "dvsync/core/text.hpp"
#include "source/ascii.hpp"

namespace dvsync::source {
namespace {

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

std::optional<core::Guid> guid_from_object_guid(std::string_view value) {
  auto guid = guid_from_network_order(value);
  if (!guid) return core::parse_guid(trimmed(value));
  swap_fields(*guid);
  return guid;
}

std::string object_guid_bytes(const core::Guid& guid) {
  core::Guid swapped = guid;
  swap_fields(swapped);
  return {swapped.bytes.begin(), swapped.bytes.end()};
}

std::optional<core::Guid> guid_from_unique_id(std::string_view text) {
  std::string digits(trimmed(text));
  std::erase(digits, '-');
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

LdapId ldap_id(const std::string* object_guid, const std::string* ns_unique_id, const std::string* entry_uuid) {
  std::optional<core::Guid> guid;
  if (object_guid != nullptr) {
    guid = guid_from_object_guid(*object_guid);
  } else if (ns_unique_id != nullptr) {
    guid = guid_from_unique_id(*ns_unique_id);
  } else if (entry_uuid != nullptr) {
    guid = core::parse_guid(trimmed(*entry_uuid));
  } else {
    return {};
  }
  return guid ? LdapId{.state = LdapId::State::stated, .guid = *guid}
              : LdapId{.state = LdapId::State::invalid, .guid = {}};
}

std::optional<std::optional<core::Timestamp>> account_expiry(std::string_view value) {
  const auto ticks = parse_number(trimmed(value));
  if (!ticks || *ticks < 0) return std::nullopt;
  if (*ticks == 0 || *ticks == std::numeric_limits<std::int64_t>::max()) return std::optional<core::Timestamp>();
  constexpr std::chrono::sys_days windows_epoch = std::chrono::year(1601) / 1 / 1;
  return core::Timestamp(windows_epoch) + std::chrono::microseconds(*ticks / 10);
}

bool AttributeDescription::is_plain() const {
  return options.empty() || core::equal_ignoring_ascii_case(options, "binary");
}

AttributeDescription parse_description(std::string_view text) {
  const std::size_t semicolon = std::min(text.find(';'), text.size());
  return {.name = text.substr(0, semicolon), .options = text.substr(std::min(semicolon + 1, text.size()))};
}

std::string_view without_bit_string(std::string_view member) {
  if (!member.ends_with("'B")) return member;
  return member.substr(0, member.rfind("#'"));
}

std::uint64_t hash_of(std::string_view text, std::uint64_t seed) {
  for (const char c : text) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return seed;
}

}  // namespace dvsync::source
