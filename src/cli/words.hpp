#pragma once
// Numbers and times in words, the same in every command.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "dvsync/core/identity.hpp"

namespace dvsync::cli {

// "1 user", "12 users".
[[nodiscard]] std::string count_of(std::int64_t number, std::string_view one, std::string_view many);

// How long something took: "850 ms", "12.3 s", "4 min 05 s", "2 h 03 min".
[[nodiscard]] std::string took(std::chrono::milliseconds duration);

// How long something has been so: "less than a minute", "12 minutes", "3 hours", "5 days".
[[nodiscard]] std::string span_of(std::chrono::seconds duration);

// "2026-03-01 14:05:09 +0100", in the machine's own time zone.
[[nodiscard]] std::string local_time(core::Timestamp time);
// "2026-03-01T13:05:09Z", for programs.
[[nodiscard]] std::string utc_time(core::Timestamp time);

// `text` without what could move a terminal's cursor: control characters become "?" (names come from a directory).
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace dvsync::cli
