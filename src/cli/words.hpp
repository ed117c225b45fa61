#pragma once
// Numbers and times in words, the same in every command.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "dvsync/core/identity.hpp"
#include "dvsync/sync/in_words.hpp"

namespace dvsync::cli {

using sync::count_of;
using sync::printable;
using sync::span_of;
using sync::took;

// "2026-03-01 14:05:09 +0100", in the machine's own time zone.
[[nodiscard]] std::string local_time(core::Timestamp time);
// "2026-03-01T13:05:09Z", for programs.
[[nodiscard]] std::string utc_time(core::Timestamp time);

}  // namespace dvsync::cli
