#include "log/log_text.hpp"

#include "changes.hpp"
#include "json.hpp"
#include "terminal/table.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

namespace json = boost::json;

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
  std::string text;
  for (const auto& field : fields_of(change.fields)) text += (text.empty() ? "  " : ", ") + inline_text(field);
  for (const auto& note : change.notes) text += "  " + paint.yellow("[" + printable(note) + "]");
  return text;
}

std::string what_happened(const LoggedChange& change, const Paint& paint) {
  return sign_of(change.action, paint) + " " + padded(change.action, 7) + "  " +
         paint.bold(printable(change.domainname)) + "  " + change.reason + fields_and_notes(change, paint) +
         (change.requested_by.empty() ? "" : "  by " + printable(change.requested_by));
}

}  // namespace

std::string run_line(const LoggedRun& run, std::size_t name_width, const Paint& paint) {
  const auto outcome = run.outcome.empty() ? std::string("running") : run.outcome;
  const auto changes = changes_in_words(run.counters);
  return paint.faint(local_time(run.started_at)) + "  " + run_number(run.run_id) + "  " +
         padded(printable(run.environment), name_width) + "  " + padded(run.kind, kind_width) + "  " +
         tinted(paint, tint_of_outcome(run.outcome), padded(outcome, kind_width)) + "  " +
         std::to_string(run.counters.seen) + " seen, " + (changes.empty() ? "no changes" : changes) + duration_of(run) +
         (run.requested_by.empty() ? "" : "  by " + printable(run.requested_by)) + remarks_of(run, paint) + "\n";
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

json::object json_of(const LoggedRun& run) {
  return {{"environment", run.environment},
          {"run_id", run.run_id},
          {"kind", run.kind},
          {"trigger", run.trigger},
          {"outcome", json_text(run.outcome)},
          {"started_at", utc_time(run.started_at)},
          {"finished_at", json_or_null(run.finished_at)},
          {"requested_by", json_text(run.requested_by)},
          {"counters", json_of(run.counters)},
          {"missing", json_of(run.missing)},
          {"warnings", json_of(run.warnings)},
          {"detail", json_text(run.detail)},
          {"answers", run.answers == 0 ? json::value(nullptr) : json::value(run.answers)},
          {"comment", json_text(run.comment)},
          {"held_because", json_of(run.held_because)},
          {"plan", json_text(run.plan)}};
}

json::object json_of(const LoggedChange& change) {
  return {{"environment", change.environment},
          {"run_id", change.run_id},
          {"at", utc_time(change.at)},
          {"action", change.action},
          {"reason", change.reason},
          {"systemuserid", change.systemuserid},
          {"object_id", json_text(change.object_id)},
          {"domainname", json_text(change.domainname)},
          {"fields", json_of(fields_of(change.fields))},
          {"notes", json_of(change.notes)},
          {"requested_by", json_text(change.requested_by)}};
}

json::object json_of(const LoggedHold& hold) {
  return {{"object_id", hold.object_id},
          {"domainname", json_text(hold.domainname)},
          {"class", hold.guard_class},
          {"action", hold.action},
          {"reason", hold.reason},
          {"answer", json_text(hold.answer)},
          {"answered_at", json_or_null(hold.answered_at)},
          {"answered_by", json_text(hold.answered_by)},
          {"comment", json_text(hold.comment)},
          {"ended", json_text(hold.ended)},
          {"ended_run_id", hold.ended_run_id == 0 ? json::value(nullptr) : json::value(hold.ended_run_id)}};
}

json::object json_of(const LoggedRejection& r) {
  return {{"environment", r.environment},
          {"since", utc_time(r.since)},
          {"object_id", json_text(r.object_id)},
          {"domainname", json_text(r.domainname)},
          {"place", json_text(r.place)},
          {"reason", r.reason},
          {"detail", r.detail},
          {"first_run_id", r.first_run_id},
          {"last_run_id", r.last_run_id}};
}

}  // namespace dvsync::cli
