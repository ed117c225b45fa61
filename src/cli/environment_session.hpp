#pragma once
// Sessions of the reading commands.

#include <memory>

#include "dvsync/config/configuration.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::cli {

// Throw StoreError when the server is out of reach, or the schema is not what this program needs.
[[nodiscard]] std::unique_ptr<store::Connection> open_environment(const config::Configuration& configuration,
                                                                  const config::Environment& environment);
[[nodiscard]] std::unique_ptr<store::Connection> open_mirror(const config::Configuration& configuration);

}  // namespace dvsync::cli
