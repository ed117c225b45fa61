#pragma once
// The status in its three forms: for people, for programs, for monitoring. All tell the same findings
// (dvsync/service/health.hpp).

#include <boost/json.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "dvsync/service/health.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

struct StatusReport {
  service::Status status;
  config::Schedule schedule;
  core::Timestamp now;  // when it was read
  std::vector<service::Finding> findings = service::judge(status, schedule);
};

// A daemon's next run, but for its jitter; 0: one runs now, or has missed its time. nullopt: no daemon works.
[[nodiscard]] std::optional<std::chrono::seconds> next_run(const store::ScheduleState& schedule,
                                                           const config::Schedule& configured);

// Findings first, the worst above all; then the directory, who works, and a table of the environments.
[[nodiscard]] std::string text_of(const StatusReport& report, const Paint& paint,
                                  std::optional<std::size_t> width = {});
// The keys are stable and described in docs/commands.md.
[[nodiscard]] boost::json::object json_of(const StatusReport& report);

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
