#include "dvsync/sync/explain_user.hpp"

#include <algorithm>

#include "dvsync/store/identity_queries.hpp"
#include "evaluation_context.hpp"
#include "planner.hpp"
#include "run_kind.hpp"
#include "run_sessions.hpp"

namespace dvsync::sync {
namespace {

// Whether the next run looks at this user, whatever its kind.
bool is_candidate(const EvaluationContext& evaluation, RunSessions& sessions, const core::Guid& object_id) {
  const Scope scope;
  const auto choice = choose_run_kind(scope, evaluation, sessions);
  if (choice.kind == store::RunKind::full || !choice.since) return true;
  const auto recheck = rechecked(scope, choice, sessions);
  return std::ranges::find(recheck, object_id) != recheck.end() ||
         store::unchanged_among(*sessions.mirror, *choice.since, {object_id}).empty();
}

Explanation look_at(const EvaluationContext& evaluation, RunSessions& sessions, const core::Guid& object_id,
                    core::Trigger trigger) {
  Explanation found;
  found.environment = evaluation.environment.rules.name;
  found.rules = evaluation.rules;
  found.security_group = evaluation.environment.security_group;
  if (evaluation.group) found.group_detail = evaluation.group->detail;
  found.pulled_at = evaluation.mirror_state.pulled_at;
  found.in_mirror = store::knows_identity(*sessions.mirror, object_id);
  found.identity = store::read_identities(*sessions.mirror, *evaluation.view, {object_id}).front();
  auto rows = store::read_rows(*sessions.main, {object_id}, store::Lock::no);
  store::WrittenById written;
  if (!rows.empty()) {
    found.row = std::move(rows.begin()->second);
    evaluation.access.read(*sessions.main, {&*found.row});
    found.held_roles = store::held_roles(*sessions.main, found.row->systemuserid);
    written = store::read_written(*sessions.main, {found.row->systemuserid});
  }
  found.planned =
      plan_with(evaluation.rules, {.trigger = trigger}, found.identity, found.row ? &*found.row : nullptr, written);
  found.held = store::read_held_decision(*sessions.main, object_id);
  found.rejected = store::read_rejection(*sessions.main, object_id);
  found.history = store::read_history(*sessions.main, object_id);
  if (found.planned.change && trigger == core::Trigger::background && !is_candidate(evaluation, sessions, object_id)) {
    found.waits_for_full = evaluation.configuration.schedule.full_every;
  }
  found.plans = store::read_plans(*sessions.mirror, object_id);
  return found;
}

}  // namespace

Explanation explain(const config::Configuration& configuration, const config::Environment& environment,
                    const core::Guid& object_id, core::Trigger trigger, SpareSessions& spare) {
  Observer silent;
  std::mutex mutex;
  const RunContext context{.configuration = configuration,
                           .scope = {.only = object_id, .trigger = trigger},
                           .observer = silent,
                           .observer_mutex = mutex,
                           .stop = {},
                           .spare = &spare};
  RunSessions sessions(context, environment);
  EvaluationContext evaluation(configuration, environment);
  evaluation.read(*sessions.mirror, *sessions.main);
  auto explanation = look_at(evaluation, sessions, object_id, trigger);
  spare.keep(nullptr, std::move(sessions.mirror));
  return explanation;
}

Diagnosis examine_afresh(const config::Configuration& configuration, const config::Environment& environment,
                         source::DirectorySource& source, const source::UserReference& user, core::Trigger trigger,
                         const std::stop_token& stop) {
  Observer silent;
  std::mutex mutex;
  const RunContext context{configuration, 0, Scope{.trigger = trigger}, silent, mutex, stop};
  RunSessions sessions(context, environment);
  Diagnosis diagnosis;
  diagnosis.asked = can_be_asked(configuration.directory);
  // The directory's answer is merged as for any request, and taken back with the transaction.
  const store::Transaction never_committed(*sessions.mirror);
  const auto resolved = ask_directory_within(configuration, source, *sessions.mirror, user, stop);
  if (resolved.object_id) {
    EvaluationContext evaluation(configuration, environment);
    evaluation.read(*sessions.mirror, *sessions.main);
    diagnosis.explanation = look_at(evaluation, sessions, *resolved.object_id, trigger);
  } else {
    diagnosis.refused = resolved;
  }
  const bool somebody = diagnosis.explanation && (diagnosis.explanation->in_mirror || diagnosis.explanation->row);
  if (!somebody) {
    const auto word = user.user_name.empty() && user.object_id ? core::to_string(*user.object_id) : user.user_name;
    diagnosis.placeholder = placeholder_named(*sessions.main, word);
  }
  return diagnosis;
}

}  // namespace dvsync::sync
