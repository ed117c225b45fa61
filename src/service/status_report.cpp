#include "dvsync/service/status_report.hpp"

#include <algorithm>

#include "dvsync/service/status.hpp"
#include "dvsync/store/json_values.hpp"
#include "dvsync/store/log_json.hpp"
#include "dvsync/sync/sync_json.hpp"

namespace dvsync::service {
namespace {

namespace json = boost::json;
using store::json_or_null;
using store::json_text;

json::value why(const std::optional<store::Unreachable>& unreachable) {
  return unreachable ? json::value(unreachable->why) : json::value(nullptr);
}

json::object json_of(const Finding& finding, core::Timestamp now) {
  return {{"severity", name_of(finding.severity)},
          {"code", finding.code},
          {"environment", json_text(finding.environment)},
          {"what", finding.what},
          {"since", finding.age ? json::value(core::utc_time(now - *finding.age)) : json::value(nullptr)},
          {"seconds", json_or_null(finding.age)},
          {"next", finding.next}};
}

json::object daemon_json(const store::ScheduleState& schedule) {
  return {{"known", schedule.daemon_known},
          {"has_lease", schedule.held_by_daemon && !schedule.free},
          {"running", schedule.running},
          {"last_run_seconds_ago", json_or_null(schedule.since_run)}};
}

json::object mirror_json(const StatusReport& report) {
  const auto& mirror = report.status.mirror;
  const auto& schedule = mirror.schedule;
  const bool somebody = !mirror.unreachable && !schedule.free;
  return {{"error", why(mirror.unreachable)},
          {"directory", json_or_null(mirror.directory)},
          {"version", mirror.version},
          {"identities", mirror.identities},
          {"pulled_at", json_or_null(mirror.pulled_at)},
          {"pulled_seconds_ago", json_or_null(mirror.pulled_ago)},
          {"listing_complete", mirror.listing_complete},
          {"rejected_records", mirror.rejected_records},
          {"working", somebody ? json::value(schedule.holder) : json::value(nullptr)},
          {"next_run_seconds", json_or_null(next_run(schedule, report.schedule))},
          {"daemon", daemon_json(schedule)}};
}

json::object environment_json(const store::EnvironmentStatus& e) {
  return {{"name", e.name},
          {"error", why(e.unreachable)},
          {"last_run", e.last_run ? json::value(store::json_of(*e.last_run)) : json::value(nullptr)},
          {"ended_seconds_ago", json_or_null(e.ended_ago)},
          {"in_line_seconds_ago", json_or_null(e.in_line_ago)},
          {"watermark", json_or_null(e.watermark)},
          {"behind", e.behind},
          {"failures", e.failures.count},
          {"incomplete", e.incomplete.count},
          {"held", sync::json_of(e.held)},
          {"approved", e.approved},
          {"rows_watched", e.row_watch.watches},
          {"rows_touched", e.row_watch.touched},
          {"rejected", e.rejected.count}};
}

}  // namespace

json::object json_of(const StatusReport& report) {
  json::array findings;
  for (const auto& finding : report.findings) findings.push_back(json_of(finding, report.now));
  json::array environments;
  for (const auto& environment : report.status.environments) environments.push_back(environment_json(environment));
  return {{"needs_attention", worst_of(report.findings) != Severity::note},
          {"findings", std::move(findings)},
          {"mirror", mirror_json(report)},
          {"environments", std::move(environments)}};
}

std::optional<std::chrono::seconds> next_run(const store::ScheduleState& schedule, const config::Schedule& configured) {
  if (!schedule.held_by_daemon || schedule.free || !schedule.since_run) return std::nullopt;
  if (schedule.running) return std::chrono::seconds(0);
  return std::max(std::chrono::seconds(0), configured.every - *schedule.since_run);
}

StatusReport read_report(const config::Configuration& configuration, const std::stop_token& stop) {
  return {.status = read_status(configuration, stop),
          .schedule = configuration.schedule,
          .now = std::chrono::time_point_cast<core::Timestamp::duration>(std::chrono::system_clock::now())};
}

}  // namespace dvsync::service
