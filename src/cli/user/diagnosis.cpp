#include "user/diagnosis.hpp"

#include "explain/explanation.hpp"
#include "explain/reasons.hpp"
#include "json.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

using State = Check::State;

std::string capitalised(std::string_view sentence) {
  std::string text(sentence);
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') {
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  }
  return text;
}

State state_of(const core::GateResult& result) {
  switch (result.outcome) {
    case core::GateOutcome::failed:
      return State::wrong;
    case core::GateOutcome::unknown:
      return State::unknown;
    case core::GateOutcome::conditional:
      return result.counts ? State::good : State::attention;
    case core::GateOutcome::passed:
    case core::GateOutcome::not_asked:
      break;
  }
  return State::good;
}

Check check_of(const std::string& subject, core::Gate gate, const sync::Explanation& e,
               const config::Licenses& licenses) {
  const auto& result = e.planned.evaluation.gates[static_cast<std::size_t>(gate)];
  Check check{.subject = subject, .state = state_of(result), .words = facts_of(gate, e, licenses), .advice = {}};
  if (result.reason && check.state != State::good) {
    check.words = capitalised(sentence_of(*result.reason)) + " (" + check.words + ").";
    check.advice = advice_on(*result.reason);
  } else {
    check.words = capitalised(check.words) + ".";
  }
  return check;
}

// Whether the type creates rows matters only to who has none.
Check environment_check(const sync::Explanation& e, const config::Licenses& licenses) {
  const auto& gates = e.planned.evaluation.gates;
  const bool creation = state_of(gates[static_cast<std::size_t>(core::Gate::environment)]) == State::good;
  return check_of("environment type", creation ? core::Gate::creation : core::Gate::environment, e, licenses);
}

std::string access_mode_words(const core::SystemUser& row) {
  switch (static_cast<core::AccessMode>(row.accessmode)) {
    case core::AccessMode::administrative:
      return row.setupuser ? " Access mode: administrative, because an administrator without a licence enters that way."
                           : " Access mode: administrative, set by an administrator.";
    case core::AccessMode::non_interactive:
      return " Access mode: non-interactive.";
    case core::AccessMode::read_write:
    case core::AccessMode::read:
    case core::AccessMode::support:
    case core::AccessMode::delegated_admin:
      break;
  }
  return "";
}

// Without one a user reaches no app, whatever else is right.
std::optional<Check> role_check(const sync::Explanation& e) {
  if (!e.held_roles || !e.row || core::row_type_exclusion(*e.row)) return std::nullopt;
  const auto words = roles_in_words(*e.held_roles);
  Check check{.subject = "security role", .state = State::good, .words = capitalised(words) + ".", .advice = {}};
  if (!e.held_roles->direct.empty() || !e.held_roles->through_teams.empty()) return check;
  const bool comes = e.planned.change && !e.planned.change->roles_after.empty();
  check.state = comes ? State::attention : State::wrong;
  check.words = "None: the user may enter and reaches no app.";
  check.advice = comes ? "The next sync gives one, and so does: dvsync user refresh."
                       : "Assign one in Dataverse, or have the section roles of the configuration give one.";
  return check;
}

Check row_check(const sync::Explanation& e) {
  Check check{.subject = "row", .state = State::good, .words = {}, .advice = {}};
  if (!e.row) {
    check.words = "There is no row yet.";
    check.state = e.planned.access ? State::attention : State::good;
    if (e.planned.access) check.advice = "The user's next access creates it, and so does: dvsync user add.";
    return check;
  }
  if (const auto excluded = core::row_type_exclusion(*e.row)) {
    return {.subject = "row",
            .state = State::wrong,
            .words = capitalised(sentence_of(*excluded)) + ".",
            .advice = std::string(advice_on(*excluded))};
  }
  switch (core::state_of(&*e.row)) {
    case core::RowState::none:
    case core::RowState::enabled:
      check.words = "The row is enabled.";
      break;
    case core::RowState::disabled_by_sync:
      check.state = State::wrong;
      check.words = "The sync disabled the row: " + printable(e.row->disabledreason.value_or("")) + ".";
      if (e.planned.access) check.advice = "The reason is gone. dvsync user refresh enables it now.";
      break;
    case core::RowState::disabled_otherwise:
      check.state = State::wrong;
      check.words = "Something other than the sync disabled the row" +
                    (e.row->disabledreason ? " (" + printable(*e.row->disabledreason) + ")" : std::string()) + ".";
      check.advice = advice_on(core::Reason::manually_disabled);
      break;
  }
  check.words += access_mode_words(*e.row);
  return check;
}

void add_troubles(const sync::Explanation& e, std::vector<Check>& checks) {
  if (e.held && !e.held->approved && e.held->declined_by.empty()) {
    checks.push_back({.subject = "guard",
                      .state = State::attention,
                      .words = "Run " + std::to_string(e.held->run_id) +
                               " wanted to change this row, and the guard holds "
                               "that back since " +
                               local_time(e.held->since) + ".",
                      .advice = "Look at dvsync plan, then: dvsync approve " + std::to_string(e.held->run_id) +
                                ", or dvsync reject " + std::to_string(e.held->run_id) + "."});
  }
  if (e.planned.rejection || !e.rejected.empty()) {
    const auto detail = e.planned.rejection ? e.planned.rejection->detail : e.rejected;
    checks.push_back({.subject = "record",
                      .state = State::wrong,
                      .words = "The directory's record cannot be used as it is: " + printable(detail) + ".",
                      .advice = "Correct it in the directory."});
  }
}

std::string verdict_on(const sync::Explanation& e) {
  using enum core::Decision;
  const auto reason = std::string(sentence_of(e.planned.reason));
  const bool enabled = e.row && !e.row->isdisabled;
  if (e.planned.decision == disable) return "The user is enabled, but should not be, because " + reason + ".";
  if (!e.planned.access) return "The user may not enter, because " + reason + ".";
  if (enabled) return "The user may enter.";
  return e.row ? "The user may enter once the row is enabled." : "The user may enter as soon as there is a row.";
}

std::string_view word_of(State state) {
  switch (state) {
    case State::good:
      return "good";
    case State::wrong:
      return "wrong";
    case State::unknown:
      return "unknown";
    case State::attention:
      return "attention";
  }
  return "";
}

std::string painted(const Paint& paint, State state) {
  switch (state) {
    case State::good:
      return paint.green("ok     ");
    case State::wrong:
      return paint.red("wrong  ");
    case State::unknown:
      return paint.yellow("unknown");
    case State::attention:
      return paint.yellow("look   ");
  }
  return "";
}

}  // namespace

Findings findings_of(const sync::Explanation& explanation, const config::Licenses& licenses) {
  Findings findings;
  findings.access = explanation.planned.access;
  findings.verdict = verdict_on(explanation);
  findings.checks.push_back(check_of("sign-in", core::Gate::directory, explanation, licenses));
  findings.checks.push_back(check_of("licence", core::Gate::licence, explanation, licenses));
  findings.checks.push_back(check_of("security group", core::Gate::security_group, explanation, licenses));
  findings.checks.push_back(environment_check(explanation, licenses));
  findings.checks.push_back(row_check(explanation));
  if (auto check = role_check(explanation)) findings.checks.push_back(std::move(*check));
  add_troubles(explanation, findings.checks);
  return findings;
}

std::string text_of(const Findings& findings, const Paint& paint) {
  std::string text;
  for (const auto& check : findings.checks) {
    text += painted(paint, check.state) + "  " + paint.bold(check.subject) + ": " + check.words + "\n";
    if (!check.advice.empty()) text += "         -> " + check.advice + "\n";
  }
  return text + paint.bold(findings.verdict) + "\n";
}

boost::json::object json_of(const Findings& findings) {
  boost::json::array checks;
  for (const auto& check : findings.checks) {
    checks.push_back(boost::json::object{{"check", check.subject},
                                         {"state", word_of(check.state)},
                                         {"words", check.words},
                                         {"advice", json_text(check.advice)}});
  }
  return {{"verdict", findings.verdict}, {"checks", std::move(checks)}};
}

}  // namespace dvsync::cli
