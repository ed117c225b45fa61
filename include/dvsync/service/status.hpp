#pragma once
// Reads where everything stands.

#include <stop_token>

#include "dvsync/config/configuration.hpp"
#include "dvsync/service/health.hpp"

namespace dvsync::service {

// Never throws StoreError: a database that cannot be asked is a fact like others. Throws Interrupted.
[[nodiscard]] Status read_status(const config::Configuration& configuration, const std::stop_token& stop = {});

}  // namespace dvsync::service
