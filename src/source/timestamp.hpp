#pragma once
// The ways directories write a moment.

#include <cstdint>
#include <optional>
#include <string_view>

#include "dvsync/core/identity.hpp"

namespace dvsync::source {

// ISO 8601 as Graph and the admin centre's export write it: "2022-03-18T19:49:35Z", a blank for the T, fractions of a
// second, an offset instead of Z; without either, UTC. nullopt for anything else.
[[nodiscard]] std::optional<core::Timestamp> parse_timestamp(std::string_view text);

// Active Directory's accountExpires: hundreds of nanoseconds since 1601. nullopt: never (0, or the largest number).
[[nodiscard]] std::optional<core::Timestamp> from_file_time(std::int64_t ticks);

}  // namespace dvsync::source
