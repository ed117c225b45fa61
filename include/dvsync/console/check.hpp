#pragma once
// Whether the console can serve as it is configured, without serving.

#include "dvsync/config/configuration.hpp"
#include "dvsync/sync/preflight.hpp"

namespace dvsync::console {

void check_console(const config::Configuration& configuration, const sync::OnFinding& on_finding);

}  // namespace dvsync::console
