#pragma once
// One environment after the other, for commands that look into their tables.

#include <functional>
#include <string>
#include <vector>

#include "command.hpp"

namespace dvsync::cli {

// Those named, or all; but for those of type none, which have no table. One that fails (StoreError) is told on
// `context.err` and stops nobody else. Returns 0, or the exit code of the worst. Throws UsageError: an unknown name.
[[nodiscard]] int each_environment(const Context& context, const config::Configuration& configuration,
                                   const std::vector<std::string>& names,
                                   const std::function<void(const config::Environment&)>& work);

}  // namespace dvsync::cli
