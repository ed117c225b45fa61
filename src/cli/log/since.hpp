#pragma once
// Moments as people give them: "2h", "3d", "2026-03-01", "2026-03-01T14:05".

#include <optional>
#include <string>
#include <string_view>

#include "dvsync/store/log_reader.hpp"

namespace dvsync::cli {

// Lengths: 30s, 15m, 2h, 3d, 1w, also 1h30m. Moments: a date, or a date and time (ISO 8601), in the machine's time zone
// unless it ends in Z or an offset. nullopt: neither.
[[nodiscard]] std::optional<store::Since> parse_since(std::string_view text);

// The options --since and --until of a command that asks the log. Throws UsageError: what is neither, a beginning in
// the future, an end before the beginning.
struct Period {
  std::optional<store::Since> since = {};
  std::optional<store::Since> until = {};
};
[[nodiscard]] Period period_of(const std::optional<std::string>& since, const std::optional<std::string>& until);

}  // namespace dvsync::cli
