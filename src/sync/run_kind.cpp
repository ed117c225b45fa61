#include "run_kind.hpp"

#include "dvsync/store/pending.hpp"
#include "plan_check.hpp"
#include "rules.hpp"

namespace dvsync::sync {
namespace {

std::string why_full(const Scope& scope, const std::string& environment, const store::EnvironmentState& state,
                     const store::Position& target, bool same_rules, bool passed) {
  if (scope.full) return "asked for";
  if (scope.missed_full.contains(environment)) return "it missed the last full run";
  if (!state.watermark) return "this environment's first run";
  if (state.mirror_id != target.mirror_id) return "the mirror is another one";
  if (*state.watermark > target.watermark) return "the mirror is older than at the last run: it was restored";
  if (!state.mark) return "its watermark was set by an older version of dvsync";
  if (!passed) return "the mirror does not know where this environment stands: one of them was restored";
  if (state.evaluated_at > target.evaluated_at) return "the mirror's clock went back";
  if (!same_rules) return "its rules changed";
  if (state.knowledge_hash != target.knowledge_hash) return "the directory tells more, or less, than before";
  return "";
}

void append(const std::vector<core::Guid>& some, std::vector<core::Guid>& ids) {
  ids.insert(ids.end(), some.begin(), some.end());
}

}  // namespace

RunChoice choose_run_kind(const Scope& scope, const EvaluationContext& context, const RunSessions& sessions) {
  auto& environment = *sessions.main;
  RunChoice choice;
  const auto standing = store::read_standing(environment);
  const auto state = store::moved_on(standing.state, sessions.in_line(context.mirror_state));
  choice.same_rules = context.same_rules(state);
  choice.target = {.mirror_id = context.mirror_state.mirror_id,
                   .watermark = context.mirror_state.version,
                   .mark = context.mirror_state.mark,
                   .rules_hash = context.rules_hash,
                   .knowledge_hash = hash_of_knowledge(context),
                   .evaluated_at = context.mirror_state.asked_at};
  choice.behind_since = state.read_at;
  if (state.watermark && state.evaluated_at) choice.since = store::Watermark{*state.watermark, *state.evaluated_at};
  if (scope.only) {
    choice.kind = store::RunKind::user;
  } else if (scope.approved_only) {
    choice.kind = store::RunKind::approve;
  } else if (scope.saved != nullptr) {
    choice.kind = store::RunKind::apply;
  } else {
    if (standing.touched) choice.touched = store::read_touched_rows(environment);
    const bool passed = sessions.has_passed(context.mirror_state, state) &&
                        (!standing.worked_on_newer || store::knows_what_was_worked_on(*sessions.mirror, environment));
    choice.why_full = why_full(scope, context.environment.rules.name, state, choice.target, choice.same_rules, passed);
    choice.lost_track = state.mark.has_value() && !passed;
    if (choice.why_full.empty() && choice.touched.too_many) choice.why_full = "others changed very many rows";
    choice.kind = choice.why_full.empty() ? store::RunKind::incremental : store::RunKind::full;
  }
  return choice;
}

std::vector<core::Guid> rechecked(const Scope& scope, const RunChoice& choice, RunSessions& sessions) {
  std::vector<core::Guid> recheck;
  if (choice.waits.held) {
    for (const auto& waiting : store::held_decisions(*sessions.main)) {
      if (!scope.approved_only || waiting.approved) recheck.push_back(waiting.object_id);
    }
  }
  if (scope.approved_only) return recheck;
  if (choice.waits.rejected) append(store::rejected_identities(*sessions.main), recheck);
  append(choice.touched.object_ids, recheck);
  return recheck;
}

namespace {

std::unique_ptr<Candidates> those_changed(const Scope& scope, const RunChoice& choice, const EvaluationContext& context,
                                          RunSessions& sessions) {
  const auto recheck = rechecked(scope, choice, sessions);
  auto ids = sessions.changed_ids(context.mirror_state, *choice.since);
  if (ids.size() > static_cast<std::size_t>(chunk_size)) {
    return changed_since(sessions.reading(), *context.view, *choice.since, recheck);
  }
  append(recheck, ids);
  const auto reading = sessions.reading(ids.size());
  return each(reading, *context.view, {std::move(ids)});
}

}  // namespace

std::unique_ptr<Candidates> everybody_concerned(const Scope& scope, const RunChoice& choice,
                                                const EvaluationContext& context, RunSessions& sessions) {
  const auto all = [&] { return everybody(sessions.reading(), *context.view); };
  if (scope.trigger != core::Trigger::background || !context.group_decides()) return all();
  const bool nested = context.rules.nested_groups == core::NestedGroups::first_access;
  Named named{.object_ids = sessions.ids_apart(context.mirror_state),
              .members = store::ids_around_group(*sessions.mirror, *context.group->object_id, nested)};
  // Most of the directory is read faster in its order than by id.
  const auto most = static_cast<std::size_t>(context.mirror_state.identities) / 2;
  if (named.object_ids.size() + named.members.size() > most) return all();
  append(rechecked(scope, choice, sessions), named.object_ids);
  if (choice.waits.declined) {
    for (const auto& declined : store::declined_decisions(*sessions.main)) {
      named.object_ids.push_back(declined.object_id);
    }
  }
  auto rows = store::few_linked_rows(*sessions.main, chunk_size);
  if (rows) {
    for (const auto& [id, row] : *rows) named.object_ids.push_back(id);
  } else {
    append(store::linked_ids(*sessions.main), named.object_ids);
  }
  const auto reading = sessions.reading(named.object_ids.size() + named.members.size());
  return each(reading, *context.view, std::move(named), std::move(rows));
}

std::unique_ptr<Candidates> candidates_of(const Scope& scope, const RunChoice& choice, const EvaluationContext& context,
                                          RunSessions& sessions) {
  if (scope.only) return only({*sessions.mirror, *sessions.main}, *context.view, {*scope.only});
  if (scope.saved != nullptr) {
    return only(sessions.reading(), *context.view, users_of(part_for(*scope.saved, context.environment.rules.name)));
  }
  if (scope.approved_only) return only(sessions.reading(), *context.view, rechecked(scope, choice, sessions));
  if (choice.is_full() || !choice.since) {
    return everybody_concerned(scope, choice, context, sessions);
  }
  return those_changed(scope, choice, context, sessions);
}

Admissions admissions_of(const RunChoice& choice, EvaluationFacts& facts) {
  return !choice.same_rules && facts.guards_admissions() ? Admissions::guarded : Admissions::free;
}

core::GuardLedger::Extent extent_of(const Scope& scope) {
  using enum core::GuardLedger::Extent;
  return scope.only || scope.approved_only || scope.saved != nullptr ? single_users : everybody;
}

}  // namespace dvsync::sync
