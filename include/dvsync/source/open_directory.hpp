#pragma once
// The adapter for a configured directory.

#include <memory>

#include "dvsync/config/configuration.hpp"
#include "dvsync/source/directory_source.hpp"

namespace dvsync::source {

// Nothing is opened or connected yet. Throws nothing that a valid configuration could cause.
[[nodiscard]] std::unique_ptr<DirectorySource> open_directory(const config::Configuration& configuration);

}  // namespace dvsync::source
