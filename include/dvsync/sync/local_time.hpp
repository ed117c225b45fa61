#pragma once

#include <string>

#include "dvsync/core/identity.hpp"

namespace dvsync::sync {

// "2026-03-01 14:05:09 +0100", in the machine's own time zone.
[[nodiscard]] std::string local_time(core::Timestamp time);

}  // namespace dvsync::sync
