#pragma once
// Sessions of those who work beside the runs. Private to sync.

#include <memory>
#include <stop_token>
#include <string>

#include "dvsync/config/configuration.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::sync {

// Throw StoreError: out of reach, or the schema is not what this program needs.
[[nodiscard]] std::unique_ptr<store::Connection> connect_to_mirror(const config::Configuration& configuration,
                                                                   const std::stop_token& stop);
[[nodiscard]] std::unique_ptr<store::Connection> connect_beside_runs(const std::string& conninfo,
                                                                     const config::Environment& environment,
                                                                     const std::stop_token& stop);

}  // namespace dvsync::sync
