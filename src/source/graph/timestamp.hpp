#pragma once

#include <optional>
#include <string_view>

#include "dvsync/core/identity.hpp"

namespace dvsync::source::graph {

// Edm.DateTimeOffset as Graph writes it: "2026-01-31T12:00:00Z", with fractions of a second or an offset.
[[nodiscard]] std::optional<core::Timestamp> parse_timestamp(std::string_view text);

}  // namespace dvsync::source::graph
