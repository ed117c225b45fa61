#pragma once
// What the guard holds back in the environments of a run (docs/rules.md D8, D12), by run and class.

#include <map>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/store/run_status.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::cli {

using HeldByEnvironment = std::map<std::string, std::vector<store::HeldDecisions>>;

// Of every environment of the report that ended `held`. Throws StoreError.
[[nodiscard]] HeldByEnvironment read_held(const config::Configuration& configuration, const sync::RunReport& report);

}  // namespace dvsync::cli
