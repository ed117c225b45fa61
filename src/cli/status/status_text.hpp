#pragma once
// The status in its three forms: for people, for programs, for monitoring. All tell the same findings
// (dvsync/service/health.hpp).

#include <cstdint>
#include <string>

#include "dvsync/service/status_report.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

using service::json_of;
using service::next_run;
using service::StatusReport;

// Findings first, the worst above all; then the directory, who works, and a table of the environments.
[[nodiscard]] std::string text_of(const StatusReport& report, const Paint& paint,
                                  std::optional<std::size_t> width = {});

// For Nagios, Icinga and their like: the number is the plugin's exit code.
enum class PluginState : std::uint8_t { ok = 0, warning = 1, critical = 2, unknown = 3 };
struct PluginAnswer {
  PluginState state = PluginState::ok;
  std::string line;  // "DVSYNC OK - … | 'contoso_age'=180s;2700;5400;0", without line break
};
[[nodiscard]] PluginAnswer plugin_answer(const StatusReport& report);
// Of a status that could not even be read.
[[nodiscard]] PluginAnswer plugin_unknown(const std::string& why);

}  // namespace dvsync::cli
