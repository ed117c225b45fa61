#pragma once
// A run's report for programs. The keys are stable and described in docs/commands.md.

#include <boost/json.hpp>

#include "dvsync/sync/report.hpp"
#include "sync/summary.hpp"

namespace dvsync::cli {

[[nodiscard]] boost::json::object json_of(const sync::RunReport& report, const HeldByEnvironment& held);
[[nodiscard]] boost::json::array json_of(const std::vector<store::HeldDecisions>& held);

}  // namespace dvsync::cli
