#include <fmt/format.h>

#include <algorithm>

#include "status/status_text.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

using service::Severity;

PluginState state_of(Severity severity) {
  switch (severity) {
    case Severity::note:
      return PluginState::ok;
    case Severity::warning:
      return PluginState::warning;
    case Severity::critical:
      return PluginState::critical;
  }
  return PluginState::unknown;
}

const char* name_of(PluginState state) {
  switch (state) {
    case PluginState::ok:
      return "OK";
    case PluginState::warning:
      return "WARNING";
    case PluginState::critical:
      return "CRITICAL";
    case PluginState::unknown:
      break;
  }
  return "UNKNOWN";
}

// A bar would begin the performance data; a line break, the long text.
std::string plugin_text(std::string_view text) {
  auto plain = printable(text);
  std::replace(plain.begin(), plain.end(), '|', '/');
  return plain;
}

std::string label(const std::string& environment, const char* what) {
  auto name = plugin_text(environment);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '\'' || c == '='; }, '_');
  return "'" + name + "_" + what + "'";
}

// What needs attention, the worst first: a pager shows no more than the beginning. Then what is well.
std::string findings_text(const StatusReport& report) {
  std::string text;
  const auto add = [&text](const std::string& environment, const std::string& what) {
    text +=
        (text.empty() ? "" : "; ") + (environment.empty() ? "" : plugin_text(environment) + ": ") + plugin_text(what);
  };
  for (const auto& finding : report.findings) {
    if (finding.severity != Severity::note) add(finding.environment, finding.what);
  }
  for (const auto& e : report.status.environments) {
    const bool well = std::none_of(report.findings.begin(), report.findings.end(), [&e](const auto& finding) {
      return finding.severity != Severity::note && finding.environment == e.name;
    });
    if (well && e.in_line_ago) add(e.name, "last run that went through " + format_age(*e.in_line_ago) + " ago");
  }
  return text;
}

std::string measures_of(const store::EnvironmentStatus& e, const service::HealthLimits& limits) {
  if (e.unreachable) return "";
  const auto age = e.in_line_ago ? fmt::format("{}s", e.in_line_ago->count()) : std::string("U");
  std::int64_t held = 0;
  for (const auto& decisions : e.held) held += decisions.decisions;
  return fmt::format(" {}={};{};{};0 {}={};0;;0 {}={};0;;0 {}={};;;0 {}={};0;;0", label(e.name, "age"), age,
                     limits.warning.count(), limits.critical.count(), label(e.name, "held"), held,
                     label(e.name, "failures"), e.failures.count, label(e.name, "behind"), e.behind,
                     label(e.name, "rejected"), e.rejected.count);
}

}  // namespace

PluginAnswer plugin_answer(const StatusReport& report) {
  const auto state = state_of(service::worst_of(report.findings));
  const auto limits = service::limits_for(report.schedule);
  auto line = fmt::format("DVSYNC {} - {} |", name_of(state), findings_text(report));
  for (const auto& environment : report.status.environments) line += measures_of(environment, limits);
  return {state, line};
}

PluginAnswer plugin_unknown(const std::string& why) {
  return {PluginState::unknown, fmt::format("DVSYNC {} - {}", name_of(PluginState::unknown), plugin_text(why))};
}

}  // namespace dvsync::cli
