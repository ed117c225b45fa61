#include "explain/explanation.hpp"

#include <algorithm>

#include "changes.hpp"
#include "explain/reasons.hpp"
#include "terminal/table.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

std::string code(core::Reason reason) { return std::string(core::code_of(reason)); }

std::string result_text(const core::GateResult& result, core::Trigger trigger) {
  if (result.outcome != core::GateOutcome::conditional) return std::string(name_of(result.outcome));
  return std::string(result.counts ? "counts " : "does not count ") +
         (trigger == core::Trigger::background  ? "in the background"
          : trigger == core::Trigger::on_demand ? "on demand"
                                                : "at first access");
}

Tint tint_of(const core::GateResult& result) {
  switch (result.outcome) {
    case core::GateOutcome::passed:
      return Tint::good;
    case core::GateOutcome::failed:
      return Tint::bad;
    case core::GateOutcome::conditional:
    case core::GateOutcome::unknown:
      return Tint::attention;
    case core::GateOutcome::not_asked:
      break;
  }
  return Tint::faint;
}

std::string gates_text(const sync::Explanation& e, core::Trigger trigger, const config::Licenses& licenses,
                       const Paint& paint) {
  std::string text = "  The gates:\n";
  const auto& evaluation = e.planned.evaluation;
  for (std::size_t g = 0; g < core::gate_count; ++g) {
    const auto gate = static_cast<core::Gate>(g);
    const auto& result = evaluation.gates[g];
    text += "    " + std::to_string(g) + " " + padded(name_of(gate), 14) + "  " +
            tinted(paint, tint_of(result), result_text(result, trigger)) + ": " + sync::facts_of(gate, e, licenses);
    if (result.reason) text += " → " + code(*result.reason);
    if (evaluation.deciding == gate) text += paint.bold("  (this one decides)");
    text += "\n";
  }
  return text;
}

std::string row_state(const core::SystemUser& row, const Paint& paint) {
  switch (core::state_of(&row)) {
    case core::RowState::enabled:
      return paint.green("enabled");
    case core::RowState::disabled_by_sync:
      return paint.red("disabled by the sync") + ": " + *row.disabledreason;
    case core::RowState::disabled_otherwise:
      return paint.red("disabled by something other than the sync") +
             (row.disabledreason ? ": " + printable(*row.disabledreason) : ", no reason given");
    case core::RowState::none:
      break;
  }
  return "";
}

// Since when the row is enabled, or disabled, as far as the log goes back.
std::string since_when(const sync::Explanation& e) {
  const auto state_changed = std::find_if(e.history.begin(), e.history.end(), [](const auto& past) {
    return past.action == "create" || past.action == "enable" || past.action == "disable";
  });
  if (state_changed == e.history.end()) return "";
  return ", since " + local_time(state_changed->at) + " (run " + std::to_string(state_changed->run_id) + ")";
}

std::string row_text(const sync::Explanation& e, const Paint& paint) {
  if (!e.row) return "  The row: there is none.\n";
  const auto& row = *e.row;
  auto text = "  The row " + core::to_string(row.systemuserid) + ": " + row_state(row, paint) + since_when(e) + "\n";
  text += "    access mode " + value_text("accessmode", row.accessmode) + (row.setupuser ? ", set by the sync" : "") +
          "; " + (row.islicensed ? "licensed" : "not licensed") + "; azurestate " +
          value_text("azurestate", row.azurestate);
  if (row.azuredeletedon) text += " since " + local_time(*row.azuredeletedon);
  return text + "\n" + (e.held_roles ? "    security roles: " + roles_in_words(*e.held_roles) + "\n" : "");
}

std::string history_text(const sync::Explanation& e, const Paint& paint) {
  if (e.history.empty()) return "  The log has no change of this user.\n";
  std::string text = "  Latest changes:\n";
  for (const auto& past : e.history) {
    text += "    " + local_time(past.at) + "  run " + std::to_string(past.run_id) + "  " + sign_of(past.action, paint) +
            " " + past.action + "  " + past.reason;
    const auto fields = fields_of(past.fields);
    for (std::size_t i = 0; i < fields.size(); ++i) text += (i == 0 ? "  " : ", ") + inline_text(fields[i]);
    text += "\n";
  }
  return text;
}

std::string_view doing(core::Decision decision) {
  switch (decision) {
    case core::Decision::create:
      return "create a row";
    case core::Decision::enable:
      return "enable the row";
    case core::Decision::disable:
      return "disable the row";
    case core::Decision::update:
      return "update the row";
    case core::Decision::keep:
      return "leave the row as it is";
    case core::Decision::ignore:
      return "do nothing";
    case core::Decision::refuse:
      return "refuse access";
  }
  return "";
}

std::string decision_text(const sync::Explanation& e, core::Trigger trigger, const Paint& paint) {
  const auto& planned = e.planned;
  const bool rejected = e.held && !e.held->declined_by.empty();
  const bool waits = e.held && !e.held->approved && !rejected;
  const std::string who = trigger == core::Trigger::background  ? (waits || rejected  ? "The next sync would "
                                                                   : e.waits_for_full ? "The next full sync will "
                                                                                      : "The next sync will ")
                          : trigger == core::Trigger::on_demand ? "On demand, dvsync would "
                                                                : "At first access, dvsync would ";
  auto text = "  " + paint.bold(who + std::string(doing(planned.decision))) + " (" + code(planned.reason) +
              "): " + std::string(sentence_of(planned.reason)) + ".\n";
  if (planned.missing) {
    text += "    " + paint.yellow("Not known:") + " " + std::string(sentence_of(*planned.missing)) +
            "; the row keeps its state until it is.\n";
  }
  if (planned.change) {
    text += field_lines(fields_of(*planned.change), planned.change->action == core::Decision::create, "    ", paint);
    if (planned.change->invitation_required) text += "    A re-enabled user needs a new invitation.\n";
  }
  if (e.waits_for_full) {
    text += "    Everybody is looked at every " + format_age(*e.waits_for_full) +
            ", and by `dvsync sync --full`; runs in between look at what was noted as changed.\n";
  }
  if (rejected) text += "    But an operator rejected that, and the row keeps its state.\n";
  if (waits) text += "    But that is held back, and the row keeps its state until somebody approves.\n";
  return text + "    Access " + (planned.change ? "then" : "now") + ": " +
         (planned.access ? paint.green("yes") : paint.red("no")) + "\n";
}

std::string obstacles_text(const sync::Explanation& e, const Paint& paint) {
  std::string text;
  if (e.held) {
    const auto run = std::to_string(e.held->run_id);
    text +=
        "  " + paint.red("HELD") + " since " + local_time(e.held->since) + " by run " + run + " (" +
        e.held->guard_class + "): " +
        (e.held->approved ? "approved; the next run carries it out.\n"
         : e.held->declined_by.empty()
             ? "release with `dvsync approve " + run + "`, or refuse with `dvsync reject " + run + "`.\n"
             : "rejected by " + printable(e.held->declined_by) + "; `dvsync approve " + run + "` takes that back.\n");
  }
  if (e.planned.rejection) {
    text += "  " + paint.red("REJECTED") + " (" + code(e.planned.rejection->reason) +
            "): " + printable(e.planned.rejection->detail) + "\n";
  } else if (!e.rejected.empty()) {
    text += "  " + paint.red("REJECTED") + " by the last run: " + printable(e.rejected) + "\n";
  }
  return text;
}

}  // namespace

std::string roles_in_words(const store::HeldRoles& roles) {
  std::string text;
  for (const auto& name : roles.direct) text += (text.empty() ? "" : ", ") + printable(name);
  for (const auto& name : roles.through_teams) text += (text.empty() ? "" : ", ") + printable(name) + " through a team";
  return text.empty() ? "none" : text;
}

std::string explanation_of(const sync::Explanation& e, core::Trigger trigger, const config::Licenses& licenses,
                           const Paint& paint) {
  const bool enabled = e.row && !e.row->isdisabled;
  auto text = paint.bold(e.environment) + ": " +
              (!e.row    ? "no row"
               : enabled ? paint.green("enabled")
                         : paint.red("disabled")) +
              "\n";
  text += decision_text(e, trigger, paint) + obstacles_text(e, paint);
  return text + gates_text(e, trigger, licenses, paint) + row_text(e, paint) + history_text(e, paint);
}

}  // namespace dvsync::cli
