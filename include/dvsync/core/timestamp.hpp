#pragma once
// A moment, and the ways it is written.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace dvsync::core {

using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

// "2026-03-01T13:05:09Z", for programs.
[[nodiscard]] std::string utc_time(Timestamp time);

// ISO 8601 as Graph, the admin centre's export and our own log write it: "2022-03-18T19:49:35Z", a blank for the T,
// fractions of a second, an offset instead of Z; without either, UTC. nullopt for anything else.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text);

}  // namespace dvsync::core
