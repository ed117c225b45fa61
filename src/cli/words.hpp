#pragma once
// Numbers and times in words, the same in every command.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "dvsync/core/identity.hpp"
#include "dvsync/sync/in_words.hpp"
#include "dvsync/sync/local_time.hpp"
#include "terminal/table.hpp"

namespace dvsync::cli {

using core::utc_time;
using sync::changes_in_words;
using sync::count_of;
using sync::format_age;
using sync::format_duration;
using sync::local_time;
using sync::names_in_words;
using sync::printable;
using sync::printable_lines;
using sync::pull_in_words;

// "read-write" … "non-interactive": of Dataverse's numbers, as `dvsync user` takes and shows them.
[[nodiscard]] std::string_view name_of_access_mode(std::int64_t access_mode);

// Of a run, as the log names it; empty: it is still running.
[[nodiscard]] Tint tint_of_outcome(std::string_view outcome);

}  // namespace dvsync::cli
