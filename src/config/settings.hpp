#pragma once
// The small sections.

#include "dvsync/config/configuration.hpp"
#include "section.hpp"

namespace dvsync::config {

[[nodiscard]] Schedule read_schedule(Section section);
[[nodiscard]] Requests read_requests(Section section);
[[nodiscard]] Safety read_safety(Section section);
[[nodiscard]] Log read_log(Section section);

}  // namespace dvsync::config
