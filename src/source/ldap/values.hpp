#pragma once
// Values as LDAP servers write them: identifiers in two byte orders, times since 1601.

#include <optional>
#include <string>
#include <string_view>

#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"

namespace dvsync::source::ldap {

// objectGUID: 16 bytes, the first three fields little-endian.
[[nodiscard]] std::optional<core::Guid> guid_from_object_guid(std::string_view bytes);
[[nodiscard]] std::string object_guid_bytes(const core::Guid& guid);

// RFC 4533 and RFC 4530: 16 bytes in network order.
[[nodiscard]] std::optional<core::Guid> guid_from_network_order(std::string_view bytes);

// nsUniqueId of 389 Directory Server: 32 hexadecimal digits in four groups; its sync controls carry the same bytes.
[[nodiscard]] std::optional<core::Guid> guid_from_unique_id(std::string_view text);

[[nodiscard]] std::string to_unique_id(const core::Guid& guid);

// The identifier inside `<GUID=…>;<SID=…>;CN=…` (extended DN).
[[nodiscard]] std::optional<core::Guid> guid_of_extended_dn(std::string_view name);

// accountExpires: 100 ns since 1601; 0 and the largest value mean never. nullopt inside: never.
[[nodiscard]] std::optional<std::optional<core::Timestamp>> account_expiry(std::string_view value);

// FNV-1a: stable between runs and releases, for fingerprints and sets of names.
[[nodiscard]] std::uint64_t hash_of(std::string_view text, std::uint64_t seed = 0xcbf29ce484222325U);

}  // namespace dvsync::source::ldap
