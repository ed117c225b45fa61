#include "log/log_text.hpp"

#include "changes.hpp"
#include "terminal/table.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

constexpr std::size_t kind_width = 11;  // incremental, interrupted
constexpr std::size_t run_width = 6;

std::string run_number(std::int64_t run_id) {
  const auto digits = std::to_string(run_id);
  return "run " + std::string(run_width > digits.size() ? run_width - digits.size() : 0, ' ') + digits;
}

std::string duration_of(const LoggedRun& run) {
  if (!run.finished_at) return "";
  return "  " +
         format_duration(std::chrono::duration_cast<std::chrono::milliseconds>(*run.finished_at - run.started_at));
}

std::string remarks_of(const LoggedRun& run, const Paint& paint) {
  std::string text;
  if (run.answers != 0) {
    const auto of = std::to_string(run.answers);
    text += run.kind == "undo" ? "  undoes run " + of
                               : (run.kind == "reject" ? "  rejects what run " : "  releases what run ") + of + " held";
  }
  if (!run.plan.empty()) text += "  carries out the plan " + printable(run.plan);
  if (!run.comment.empty()) text += "  \"" + printable(run.comment) + "\"";
  if (!run.detail.empty()) text += "  " + paint.red(printable(run.detail));
  for (const auto& sum : run.held_because) text += "  " + paint.red("held because of ") + printable(sum);
  for (const auto& missing : run.missing) text += "  " + paint.yellow("missing: ") + printable(missing);
  if (!run.warnings.empty()) {
    text += "  " + paint.yellow(count_of(static_cast<std::int64_t>(run.warnings.size()), "warning", "warnings"));
  }
  return text;
}

std::string fields_and_notes(const LoggedChange& change, const Paint& paint) {
  auto text = fields_text(change);
  if (!text.empty()) text = "  " + text;
  for (const auto& note : change.notes) text += "  " + paint.yellow("[" + printable(note) + "]");
  return text;
}

std::string what_happened(const LoggedChange& change, const Paint& paint) {
  return sign_of(change.action, paint) + " " + padded(change.action, 7) + "  " +
         paint.bold(printable(change.domainname)) + "  " + change.reason + fields_and_notes(change, paint) +
         (change.requested_by.empty() ? "" : "  by " + printable(change.requested_by));
}

}  // namespace

std::string fields_text(const LoggedChange& change) {
  std::string text;
  for (const auto& field : fields_of(change.fields)) text += (text.empty() ? "" : ", ") + inline_text(field);
  return text;
}

std::string run_line(const LoggedRun& run, std::size_t name_width, const Paint& paint) {
  const auto outcome = run.outcome.empty() ? std::string("running") : run.outcome;
  const auto changes = changes_in_words(run.counters);
  return paint.faint(local_time(run.started_at)) + "  " + run_number(run.run_id) + "  " +
         padded(printable(run.environment), name_width) + "  " + padded(run.kind, kind_width) + "  " +
         tinted(paint, tint_of_outcome(run.outcome), padded(outcome, kind_width)) + "  " +
         std::to_string(run.counters.seen) + " seen, " + (changes.empty() ? "no changes" : changes) + duration_of(run) +
         (run.requested_by.empty() ? "" : "  by " + printable(run.requested_by)) + remarks_of(run, paint) + "\n";
}

std::string details_of(const LoggedRun& run, const Paint& paint) {
  const auto line = [&](const std::string& text) { return "    " + paint.faint(text) + "\n"; };
  std::string text;
  if (!run.why_full.empty()) text += line("everybody was looked at: " + printable(run.why_full));
  if (const auto& phases = run.phases) {
    std::string times;
    if (phases->reading.count() > 0) {
      times = "reading " + format_duration(phases->reading) + " (" + count_of(phases->records, "record", "records") +
              ", " + std::to_string(phases->moved) + " moved), ";
    }
    times += "planning " + format_duration(phases->planning) + " (" + count_of(run.counters.seen, "user", "users") +
             "), writing " + format_duration(phases->writing) + " (" +
             count_of(run.counters.changed(), "change", "changes") + ")";
    text += line(times);
  }
  if (run.lag) text += line("until then the rows were at most " + format_duration(*run.lag) + " behind the directory");
  for (const auto& warning : run.warnings) text += "    " + paint.yellow("warning: ") + printable(warning) + "\n";
  return text;
}

std::string change_line(const LoggedChange& change, const Paint& paint) {
  return "    " + paint.faint(local_time(change.at)) + "  " + run_number(change.run_id) + "  " +
         what_happened(change, paint) + "\n";
}

std::string dated_change_line(const LoggedChange& change, std::size_t name_width, const Paint& paint) {
  return paint.faint(local_time(change.at)) + "  " + run_number(change.run_id) + "  " +
         padded(printable(change.environment), name_width) + "  " + what_happened(change, paint) + "\n";
}

std::string hold_line(const LoggedHold& hold, const Paint& paint) {
  auto text = "    " + paint.red("held") + "  " + hold.action + "  " + paint.bold(printable(hold.domainname)) + "  " +
              hold.reason + " (" + hold.guard_class + "): ";
  if (hold.answer.empty() && hold.ended.empty()) return text + "waits\n";
  if (!hold.answer.empty()) {
    text += hold.answer + " by " + printable(hold.answered_by);
    if (hold.answered_at) text += " on " + local_time(*hold.answered_at);
    if (!hold.comment.empty()) text += ", \"" + printable(hold.comment) + "\"";
  }
  if (hold.ended.empty()) return text + "\n";
  return text + (hold.answer.empty() ? "" : "; ") +
         (hold.ended == "carried_out" ? "carried out by run " : "no longer wanted by run ") +
         std::to_string(hold.ended_run_id) + "\n";
}

std::string request_line(const LoggedRequest& r, std::size_t name_width, const Paint& paint) {
  const auto whom = !r.user_name.empty() ? r.user_name : !r.object_id.empty() ? r.object_id : "(nobody)";
  auto text = paint.faint(local_time(r.requested_at)) + "  " + padded(printable(r.environment), name_width) + "  " +
              printable(r.requested_by) + " asked for " + paint.bold(printable(whom)) + " (" +
              (r.command.empty() ? r.trigger : "dvsync " + printable(r.command)) + "): ";
  if (!r.answered_at) return text + paint.yellow("not answered yet") + "\n";
  const bool refused = r.decision == "refuse";
  text += refused ? paint.red("refused") : paint.green(printable(r.decision));
  text += std::string(", ") + (r.access == "yes" ? "may enter" : "may not enter") + " (" + printable(r.reason) + ")";
  if (!r.detail.empty()) text += ": " + printable(r.detail);
  return text + (r.run_id == 0 ? "" : "  run " + std::to_string(r.run_id)) + "\n";
}

std::string nothing_in(store::LogReader& log) {
  const auto range = log.range();
  return "Nothing in the log of " + log.name() + " matches; it " +
         (range ? "has runs from " + local_time(range->first) + " to " + local_time(range->second) + ".\n"
                : "has no runs yet.\n");
}

std::string rejection_line(const LoggedRejection& r, std::size_t name_width, const Paint& paint) {
  const auto who = !r.domainname.empty()  ? r.domainname
                   : !r.object_id.empty() ? "(no user name)"
                                          : "(nobody knows whose)";
  auto text = paint.faint(local_time(r.since)) + "  " + padded(printable(r.environment), name_width) + "  " +
              paint.bold(printable(who));
  if (!r.object_id.empty()) text += "  " + paint.faint(r.object_id);
  text += "  " + paint.yellow(r.reason) + ": " + printable(r.detail);
  if (!r.place.empty()) text += "  (" + printable(r.place) + ")";
  return text + "  since run " + std::to_string(r.first_run_id) + "\n";
}

}  // namespace dvsync::cli
