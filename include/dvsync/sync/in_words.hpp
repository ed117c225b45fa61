#pragma once
// What a run did, in the same words wherever it is told: on a terminal, in the journal, in a status line.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/counters.hpp"
#include "dvsync/core/guard.hpp"
#include "dvsync/core/text.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::sync {

// "1 user", "12 users".
[[nodiscard]] std::string count_of(std::int64_t number, std::string_view one, std::string_view many);
// The first few of them: "a, b, c, d, e and 295 more".
[[nodiscard]] std::string names_in_words(const std::vector<std::string>& names);

// How long something took: "850 ms", "12.3 s", "4 min 05 s", "2 h 03 min".
[[nodiscard]] std::string format_duration(std::chrono::milliseconds duration);

// How long something has been so: "less than 1 min", "12 min", "3 h", "5 d".
[[nodiscard]] std::string format_age(std::chrono::seconds duration);

// "3 created, 17 disabled": what changed, and what is rejected or held. Empty: nothing.
[[nodiscard]] std::string changes_in_words(const core::Counters& counters);
// The same of a run that ended so. Without changes: "nothing to do" if it saw and did everything, else "no changes".
[[nodiscard]] std::string changes_in_words(const core::Counters& counters, store::Outcome outcome);
// Why the guard holds a class: "absent: 40 disables are wanted, 3 passed within the last hour, of 100 enabled rows:
// more than 10 % (safety.max_disables_percent)".
[[nodiscard]] std::string arithmetic_in_words(core::GuardClass guard_class, const core::GuardArithmetic& sum,
                                              const core::GuardLimits& limits, std::chrono::seconds window);
// "1234 records in 1.2 s, 17 identities changed, 2 of them absent now"
[[nodiscard]] std::string pull_in_words(const PullReport& pull);

using core::printable;  // names come from a directory
using core::printable_lines;

}  // namespace dvsync::sync
