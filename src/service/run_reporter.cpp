#include "dvsync/service/run_reporter.hpp"

#include <fmt/format.h>

#include <utility>

#include "dvsync/sync/in_words.hpp"

namespace dvsync::service {
namespace {

constexpr std::size_t most_remembered = 10'000;

std::vector<Field> fields_of(const std::string& environment, std::int64_t run_id) {
  return {{"DVSYNC_RUN", std::to_string(run_id)}, {"DVSYNC_ENVIRONMENT", environment}};
}

Entry entry_of(const std::string& environment, std::int64_t run_id, int batch_no, const sync::CommittedChange& change) {
  const auto action = std::string(core::name_of(change.action));
  const auto reason = std::string(core::code_of(change.reason));
  const auto user = sync::printable(change.user.value_or("(no user name)"));
  Entry entry{.priority = Priority::info,
              .message = fmt::format("{}: {} {} ({})", environment, action, user, reason),
              .fields = fields_of(environment, run_id)};
  for (const auto& note : change.notes) entry.message += " [" + note + "]";
  entry.fields.push_back({"DVSYNC_BATCH", std::to_string(batch_no)});
  entry.fields.push_back({"DVSYNC_USER", user});
  entry.fields.push_back({"DVSYNC_OBJECT_ID", core::to_string(change.object_id)});
  entry.fields.push_back({"DVSYNC_ACTION", action});
  entry.fields.push_back({"DVSYNC_REASON", reason});
  return entry;
}

std::string outcome_line(std::int64_t run_id, const sync::EnvironmentReport& report) {
  return fmt::format("{}: run {} ({}) {} in {}: {}", report.name, run_id, core::name_of(report.kind),
                     core::name_of(report.outcome), sync::format_duration(report.duration),
                     sync::changes_in_words(report.counters, report.outcome));
}

}  // namespace

void RunReporter::waiting_for(const std::string&) { progress_.made(); }
void RunReporter::waiting_for_session(const std::string& why) {
  progress_.made();
  log_.warning("waiting for a session: " + sync::printable(why));
}
void RunReporter::pulled(std::uint64_t) { progress_.made(); }
void RunReporter::progress(const std::string&, const core::Counters&) { progress_.made(); }

void RunReporter::merged(const sync::PullReport& pull) {
  progress_.made();
  log_.info("directory: " + sync::pull_in_words(pull));
  auto& said = said_[""];
  for (const auto& warning : pull.warnings) {
    if (is_new(said, warning)) log_.warning("directory: " + sync::printable(warning));
  }
  said.before = std::exchange(said.now, {});
}

void RunReporter::in_line(std::int64_t run_id, std::size_t environments) {
  log_.write(
      {.priority = Priority::info,
       .message = fmt::format("run {}: {} have nothing to do", run_id,
                              sync::count_of(static_cast<std::int64_t>(environments), "environment", "environments")),
       .fields = {{"DVSYNC_RUN", std::to_string(run_id)}}});
}

void RunReporter::environment_begins(const std::string& name, std::int64_t run_id, std::int64_t) {
  progress_.made();
  said_[name].lines = 0;
  log_.write({.priority = Priority::debug,
              .message = fmt::format("{}: run {} begins", name, run_id),
              .fields = fields_of(name, run_id)});
}

void RunReporter::committed(const std::string& name, std::int64_t run_id, const sync::CommittedChanges& changes) {
  progress_.made();
  auto& said = said_[name];
  for (const auto& change : changes.listed) {
    if (++said.lines > most_lines) break;
    log_.write(entry_of(name, run_id, changes.batch_no, change));
  }
  if (said.lines != most_lines + 1) return;
  ++said.lines;
  log_.write({.priority = Priority::info,
              .message = fmt::format("{}: more than {} changes: `dvsync log --run {}` shows them all", name, most_lines,
                                     run_id),
              .fields = fields_of(name, run_id)});
}

void RunReporter::rejected(const std::string& name, std::int64_t run_id, const std::optional<core::Guid>&,
                           const core::Text& user, const std::string& reason, const std::string& detail) {
  progress_.made();
  const auto who = sync::printable(user.value_or("a record"));
  auto line = fmt::format("{}: {} is rejected ({}): {}", name, who, reason, sync::printable(detail));
  if (!is_new(said_[name], line)) return;
  auto fields = fields_of(name, run_id);
  if (user) fields.push_back({"DVSYNC_USER", who});
  fields.push_back({"DVSYNC_ACTION", "reject"});
  fields.push_back({"DVSYNC_REASON", reason});
  log_.write({.priority = Priority::warning, .message = std::move(line), .fields = std::move(fields)});
}

void RunReporter::environment_ends(std::int64_t run_id, const sync::EnvironmentReport& report) {
  progress_.made();
  if (report.outcome == store::Outcome::failed) return;  // a failure is thinned with the ones before it
  const bool attention = report.outcome != store::Outcome::succeeded;
  auto fields = fields_of(report.name, run_id);
  fields.push_back({"DVSYNC_OUTCOME", std::string(core::name_of(report.outcome))});
  log_.write({.priority = attention ? Priority::warning : Priority::info,
              .message = outcome_line(run_id, report),
              .fields = std::move(fields)});
  tell_attention(run_id, report);
  auto& said = said_[report.name];
  said.before = std::exchange(said.now, {});
}

void RunReporter::tell_attention(std::int64_t run_id, const sync::EnvironmentReport& report) {
  const auto warn = [&](const std::string& what) {
    if (!is_new(said_[report.name], what)) return;
    log_.write({.priority = Priority::warning,
                .message = report.name + ": " + sync::printable(what),
                .fields = fields_of(report.name, run_id)});
  };
  if (!report.why_full.empty()) {
    log_.write({.priority = Priority::info,
                .message = report.name + ": everybody was looked at: " + report.why_full,
                .fields = fields_of(report.name, run_id)});
  }
  for (std::size_t c = 0; c < report.held_classes.size(); ++c) {
    if (!report.held_classes[c]) continue;
    warn(fmt::format(
        "HELD: {} wait for `dvsync approve` (`dvsync status` says since which run)",
        sync::count_of(report.wanted[c], std::string(core::name_of(static_cast<core::GuardClass>(c))) + " decision",
                       std::string(core::name_of(static_cast<core::GuardClass>(c))) + " decisions")));
  }
  for (const auto& missing : report.missing) warn("missing: " + missing);
  for (const auto& warning : report.warnings) warn(warning);
}

bool RunReporter::is_new(Said& said, const std::string& what) {
  if (said.now.size() >= most_remembered) return false;
  return said.now.insert(what).second && !said.before.contains(what);
}

}  // namespace dvsync::service
