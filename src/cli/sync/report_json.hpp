#pragma once
// A run's report for programs. The keys are stable and described in docs/commands.md.

#include <boost/json.hpp>

#include "dvsync/sync/report.hpp"
#include "sync/held.hpp"

namespace dvsync::cli {

[[nodiscard]] boost::json::object json_of(const sync::RunReport& report, const HeldByEnvironment& held);
[[nodiscard]] boost::json::object json_of(const core::Counters& counters);
[[nodiscard]] boost::json::array json_of(const std::vector<HeldDecisions>& held);
[[nodiscard]] boost::json::array json_of(const std::vector<std::string>& texts);
// null where there is nothing to say.
[[nodiscard]] boost::json::value json_text(const std::string& text);

}  // namespace dvsync::cli
