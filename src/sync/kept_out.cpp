#include "dvsync/sync/kept_out.hpp"

#include "candidates.hpp"
#include "run_sessions.hpp"
#include "stored_facts.hpp"

namespace dvsync::sync {
namespace {

KeptOut kept_out(const Evaluated& evaluated) {
  using enum KeptOut::Why;
  const auto& profile = evaluated.identity.profile;
  const auto& planned = evaluated.planned;
  KeptOut found{.object_id = evaluated.identity.object_id,
                .user_name = profile[core::Attribute::user_principal_name].value_or(""),
                .display_name = profile[core::Attribute::display_name].value_or(""),
                .why = rules,
                .reason = std::string(core::code_of(planned.reason))};
  if (evaluated.broken != nullptr) {
    found.why = rejected;
    found.reason = evaluated.broken->reason;
  } else if (planned.rejection) {
    found.why = rejected;
    found.reason = core::code_of(planned.rejection->reason);
  } else if (planned.missing) {
    found.why = unknown;
    found.reason = core::code_of(*planned.missing);
  } else if (planned.change) {
    found.why = evaluated.standing == core::GuardStanding::held ? held : due;
  } else if (evaluated.options.withhold_transition) {
    found.why = held;
  }
  return found;
}

}  // namespace

std::string_view name_of(KeptOut::Why why) {
  switch (why) {
    case KeptOut::Why::rules:
      return "rules";
    case KeptOut::Why::unknown:
      return "unknown";
    case KeptOut::Why::rejected:
      return "rejected";
    case KeptOut::Why::held:
      return "held";
    case KeptOut::Why::due:
      return "due";
  }
  return "";
}

void find_kept_out(const config::Configuration& configuration, const config::Environment& environment,
                   const std::stop_token& stop, const std::function<void(const KeptOut&)>& on_user) {
  Observer silent;
  std::mutex mutex;
  const RunContext context{configuration, 0, Scope{}, silent, mutex, stop};
  RunSessions sessions(context, environment);
  EvaluationContext evaluation(configuration, environment);
  evaluation.read(*sessions.mirror, *sessions.main);
  IdentityRefresher mirror(*sessions.mirror, evaluation);
  StoredFacts facts(evaluation, mirror, *sessions.main);
  Planner planner(evaluation.rules, core::Trigger::background, Admissions::ask_facts, facts);
  const auto candidates = everybody(sessions.reading(), *evaluation.view);
  std::vector<Candidate> chunk;
  while (candidates->next(chunk)) {
    if (stop.stop_requested()) throw Interrupted();
    std::erase_if(chunk, [](const Candidate& candidate) {
      return candidate.row || candidate.identity.lifecycle != core::Lifecycle::present;
    });
    planner.evaluate(chunk, [&on_user](const Evaluated& evaluated) { on_user(kept_out(evaluated)); });
  }
}

}  // namespace dvsync::sync
