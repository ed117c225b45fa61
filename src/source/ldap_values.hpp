#pragma once
// Values as LDAP servers write them: identifiers in two byte orders, times since 1601, names of attributes with
// options.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"

namespace dvsync::source {

// objectGUID: 16 bytes, the first three fields little-endian; some exports write the text form.
[[nodiscard]] std::optional<core::Guid> guid_from_object_guid(std::string_view value);
[[nodiscard]] std::string object_guid_bytes(const core::Guid& guid);

// RFC 4533 and RFC 4530: 16 bytes in network order.
[[nodiscard]] std::optional<core::Guid> guid_from_network_order(std::string_view bytes);

// nsUniqueId of 389 Directory Server: 32 hexadecimal digits in four groups; its sync controls carry the same bytes.
[[nodiscard]] std::optional<core::Guid> guid_from_unique_id(std::string_view text);
[[nodiscard]] std::string to_unique_id(const core::Guid& guid);

// The identifier inside `<GUID=…>;<SID=…>;CN=…` (extended DN).
[[nodiscard]] std::optional<core::Guid> guid_of_extended_dn(std::string_view name);

// The object id of an account or a group: objectGUID, nsUniqueId or entryUUID, the first that is there (nullptr: it is
// not). 389 Directory Server may have the last two; its sync controls name nsUniqueId.
struct LdapId {
  enum class State : std::uint8_t { stated, missing, invalid };
  State state = State::missing;
  core::Guid guid;

  [[nodiscard]] bool is_stated() const { return state == State::stated; }
};
[[nodiscard]] LdapId ldap_id(const std::string* object_guid, const std::string* ns_unique_id,
                             const std::string* entry_uuid);

// accountExpires: 100 ns since 1601; 0 and the largest value mean never. nullopt: not understood; nullopt inside:
// never.
[[nodiscard]] std::optional<std::optional<core::Timestamp>> account_expiry(std::string_view value);

// `member;range=0-1499`: the name and what follows its first ";" (RFC 4512, 2.5).
struct AttributeDescription {
  std::string_view name;
  std::string_view options;

  // Values in another language, or a part of the values, are not the attribute's own.
  [[nodiscard]] bool is_plain() const;
};
[[nodiscard]] AttributeDescription parse_description(std::string_view text);

// A member without the bit string that may stand behind its DN: `cn=a,dc=b#'0101'B` (RFC 4517, 3.3.21).
[[nodiscard]] std::string_view without_bit_string(std::string_view member);

// FNV-1a: stable between runs and releases, for fingerprints and sets of names.
[[nodiscard]] std::uint64_t hash_of(std::string_view text, std::uint64_t seed = 0xcbf29ce484222325U);

}  // namespace dvsync::source
