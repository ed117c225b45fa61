#include "status/status_text.hpp"

#include <algorithm>

#include "log/log_text.hpp"
#include "terminal/table.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

using service::Finding;
using service::Severity;

std::string ago(std::chrono::seconds age) { return format_age(age) + " ago"; }

std::string label_of(Severity severity, const Paint& paint) {
  constexpr std::size_t width = 8;
  const auto label = padded(severity == Severity::critical  ? "CRITICAL"
                            : severity == Severity::warning ? "WARNING"
                                                            : "note",
                            width);
  return tinted(paint,
                severity == Severity::critical  ? Tint::bad
                : severity == Severity::warning ? Tint::attention
                                                : Tint::faint,
                label);
}

// What several environments have in common is told once.
struct SharedFinding {
  const Finding* finding;
  std::vector<std::string> environments;
};
std::vector<SharedFinding> shared(const std::vector<Finding>& findings) {
  std::vector<SharedFinding> all;
  for (const auto& finding : findings) {
    const auto same = std::ranges::find_if(all, [&](const SharedFinding& other) {
      return other.finding->severity == finding.severity && other.finding->what == finding.what &&
             other.finding->next == finding.next && !finding.environment.empty();
    });
    if (same == all.end()) {
      all.push_back({&finding, {}});
      if (!finding.environment.empty()) all.back().environments.push_back(printable(finding.environment));
    } else {
      same->environments.push_back(printable(finding.environment));
    }
  }
  return all;
}

std::string finding_text(const SharedFinding& shared, const Paint& paint, std::optional<std::size_t> width) {
  const auto& finding = *shared.finding;
  const auto names = names_in_words(shared.environments);
  const auto whose = names.empty() ? std::string() : paint.bold(names) + ": ";
  return label_of(finding.severity, paint) + "  " + folded_text(whose + finding.what, width, 12) + "\n            " +
         folded_text(finding.next, width, 12) + "\n";
}

std::string findings_text(const StatusReport& report, const Paint& paint, std::optional<std::size_t> width) {
  std::string text;
  if (service::worst_of(report.findings) == Severity::note) text = paint.green("Nothing needs attention.") + "\n";
  for (const auto& finding : shared(report.findings)) text += finding_text(finding, paint, width);
  return text;
}

std::string mirror_text(const store::MirrorStatus& mirror) {
  if (mirror.unreachable) return "Directory: not known\n";
  if (!mirror.pulled_at) return "Directory: never read\n";
  return "Directory " + printable(mirror.directory.value_or("")) + ": " +
         count_of(mirror.identities, "identity", "identities") + ", read " +
         ago(mirror.pulled_ago.value_or(std::chrono::seconds(0))) + " (" + local_time(*mirror.pulled_at) + ")\n";
}

std::string working_text(const StatusReport& report) {
  const auto& mirror = report.status.mirror;
  if (mirror.unreachable) return "not known";
  const auto& schedule = mirror.schedule;
  if (schedule.free) {
    return schedule.daemon_known ? "nobody" : "nobody; no daemon ever ran here: runs are made by hand, or by cron";
  }
  const auto next = next_run(schedule, report.schedule);
  if (!next) return printable(schedule.holder);
  if (next->count() == 0) return printable(schedule.holder) + ", runs now";
  return printable(schedule.holder) + ", next run in " + format_age(*next);
}

std::string lag_of(const store::EnvironmentStatus& e) {
  if (e.unreachable) return "";
  if (!e.watermark) return "everybody";
  return e.behind == 0 ? "none" : count_of(e.behind, "identity", "identities");
}

std::vector<Cell> row_of(const store::EnvironmentStatus& e) {
  if (e.unreachable) return {{e.name}, {""}, {"unknown", Tint::bad}, {""}, {""}, {""}};
  if (!e.last_run) return {{e.name}, {"none"}, {""}, {""}, {lag_of(e)}, {""}};
  const auto& run = *e.last_run;
  const auto changes = changes_in_words(run.counters);
  return {{e.name},
          {std::to_string(run.run_id) + " " + run.kind},
          {run.outcome.empty() ? "running" : run.outcome, tint_of_outcome(run.outcome)},
          {run.outcome.empty() ? "since " + local_time(run.started_at)
                               : ago(e.ended_ago.value_or(std::chrono::seconds(0)))},
          {lag_of(e)},
          {changes.empty() ? "no changes" : changes}};
}

}  // namespace

std::string text_of(const StatusReport& report, const Paint& paint, std::optional<std::size_t> width) {
  auto text = findings_text(report, paint, width) + "\n" + mirror_text(report.status.mirror);
  text += "Working: " + working_text(report) + "\n\n";
  Table table({{"environment"},
               {"last run"},
               {"outcome"},
               {"ended", Align::left, Fit::fold},
               {"lag"},
               {"changes", Align::left, Fit::fold}});
  for (const auto& environment : report.status.environments) table.add(row_of(environment));
  return text + table.text(paint, width);
}

}  // namespace dvsync::cli
