#include "on_demand_round.hpp"

#include <algorithm>

#include "dvsync/store/user_references.hpp"
#include "guard_count.hpp"
#include "run_warnings.hpp"

namespace dvsync::sync {
namespace {

constexpr const char* held_detail =
    "the guard holds the disable back until an operator approves it; `dvsync status` says since when";

// Fields that were the administrator's to edit follow again.
core::FieldMapping following(core::FieldMapping mapping) {
  for (auto& policy : mapping.policies) {
    if (policy != core::UpdatePolicy::never) policy = core::UpdatePolicy::always;
  }
  return mapping;
}

core::Environment rules_for(const core::Environment& rules, const Asking& asking) {
  core::Environment adapted = rules;
  if (asking.all_fields) adapted.mapping = following(rules.mapping);
  if (asking.by_hand) adapted.manual_disable = core::ManualDisable::override_;
  return adapted;
}

}  // namespace

OnDemandRound::OnDemandRound(const EvaluationContext& evaluation, const store::WriteSettings& settings,
                             store::Connection& mirror, store::Connection& session, const Asking& asking)
    : evaluation_(evaluation),
      settings_(settings),
      mirror_(mirror),
      session_(session),
      asking_(asking),
      rules_(rules_for(evaluation.rules, asking)),
      refresher_(mirror, evaluation) {
  run_.run_id = asking.run_id;
  run_.trigger = asking.trigger;
  run_.requested_by = asking.requested_by;
  run_.mirror_version = evaluation.mirror_state.version;
  run_.mirror_mark = evaluation.mirror_state.mark;
}

std::vector<RequestOutcome> OnDemandRound::run(const std::vector<Resolved>& asked) {
  std::vector<core::Guid> users;
  for (const auto& one : asked) {
    if (one.object_id && answers_.try_emplace(*one.object_id).second) users.push_back(*one.object_id);
  }
  evaluate(users);
  if (asking_.defer_refusals) std::erase_if(tasks_, [this](const Task& task) { return is_deferred(task.identity); });
  if (!asking_.silence.empty()) refuse_admissions();
  if (asking_.impatient && !tasks_.empty()) leave_locked_rows();
  if (!tasks_.empty()) write();
  std::vector<RequestOutcome> answers;
  answers.reserve(asked.size());
  for (const auto& one : asked) {
    answers.push_back(one.object_id ? answers_.at(*one.object_id) : refusal_of(one));
    answers.back().asked = one.asked;
  }
  return answers;
}

void OnDemandRound::evaluate(const std::vector<core::Guid>& users) {
  if (users.empty()) return;
  std::vector<Candidate> candidates;
  const auto all = only({mirror_, session_}, *evaluation_.view, users);
  StoredFacts facts(evaluation_, refresher_, session_);
  Planner planner(rules_, asking_.trigger, asking_.by_hand ? Admissions::by_hand : Admissions::ask_facts, facts);
  while (all->next(candidates)) {
    planner.evaluate(candidates, [this](Evaluated& evaluated) { take(evaluated); });
  }
}

// Its own record could not be used: nothing happens to it, as in a run.
void OnDemandRound::leave_alone(const Evaluated& evaluated) {
  const auto& identity = evaluated.identity;
  const auto* row = evaluated.row;
  auto& answer = answers_.at(identity.object_id);
  const bool enabled = row != nullptr && !row->isdisabled && !core::row_type_exclusion(*row);
  answer = {.asked = {},
            .decision = enabled ? core::Decision::keep : core::Decision::refuse,
            .access = enabled,
            .reason = evaluated.broken->reason,
            .detail = evaluated.broken->detail,
            .object_id = identity.object_id,
            .user_name = identity.profile[core::Attribute::user_principal_name].value_or(""),
            .systemuserid = row != nullptr ? std::optional(row->systemuserid) : std::nullopt,
            .run_id = std::nullopt,
            .asks_directory = !enabled};
  run_.counters.count_rejected();
}

void OnDemandRound::take(Evaluated& evaluated) {
  if (evaluated.broken != nullptr) return leave_alone(evaluated);
  auto& identity = evaluated.identity;
  const auto& planned = evaluated.planned;
  answers_.at(identity.object_id).user_name = identity.profile[core::Attribute::user_principal_name].value_or("");
  note(identity.object_id, planned, evaluated.row);
  if (planned.missing) run_.incomplete = true;
  if (!planned.change) return run_.counters.count_quiet(planned, evaluated.row != nullptr);
  // Everybody counts as having a row, so that one that came meanwhile is locked as well.
  tasks_.push_back({.identity = std::move(identity), .options = evaluated.options, .has_row = true});
}

bool OnDemandRound::is_deferred(const core::Identity& identity) const {
  return answers_.at(identity.object_id).asks_directory;
}

void OnDemandRound::note(const core::Guid& user, const core::Planned& planned, const core::SystemUser* row) {
  auto& answer = answers_.at(user);
  answer.object_id = user;
  answer.decision = planned.decision;
  answer.access = planned.access;
  answer.reason = core::code_of(planned.reason);
  answer.detail = planned.rejection ? planned.rejection->detail : "";
  answer.systemuserid = row != nullptr ? std::optional(row->systemuserid) : std::nullopt;
  answer.missing = planned.missing.has_value();
  answer.asks_directory = !planned.access && core::directory_may_decide_otherwise(planned.evaluation);
}

void OnDemandRound::note_written(const core::Change& change) {
  auto& answer = answers_.at(change.object_id);
  answer.systemuserid = change.after.systemuserid;
  answer.run_id = run_.run_id;
  refused_.erase(change.object_id);
  written_.push_back(change.after.systemuserid);
}

// The mirror's word is good enough to refuse somebody, and not to let them in.
void OnDemandRound::refuse_admissions() {
  const auto is_let_in = [this](const Task& task) { return answers_.at(task.identity.object_id).access; };
  std::erase_if(tasks_, is_let_in);
  for (auto& [user, answer] : answers_) {
    if (answer.access) answer = refusal_of({answer.asked, user, refusal::stale_directory, asking_.silence});
  }
}

// Who is enabled and stays so is not kept at the door because somebody, most likely a run, writes the row at this
// moment: whatever it lacks, the next run brings it.
void OnDemandRound::leave_locked_rows() {
  const auto only_updated = [this](const Task& task) {
    const auto& answer = answers_.at(task.identity.object_id);
    return answer.decision == core::Decision::update && answer.access;
  };
  std::vector<core::Guid> users;
  for (const auto& task : tasks_) {
    if (only_updated(task)) users.push_back(task.identity.object_id);
  }
  if (users.empty()) return;
  const auto free = store::lock_free_rows(session_, users);
  std::erase_if(tasks_, [&](const Task& task) {
    if (!only_updated(task) || free.contains(task.identity.object_id)) return false;
    answers_.at(task.identity.object_id).decision = core::Decision::keep;
    return true;
  });
}

void OnDemandRound::write() {
  if (run_.run_id == 0) run_.run_id = store::next_run_id(mirror_, store::last_run_id(session_));
  store::Batch batch(session_, settings_, run_.run_id, asking_.batch_no);
  execute_some(batch, std::exchange(tasks_, {}));
  if (!guarded_.empty()) consult_guard(batch);
  note_refused();
  log(batch);
}

void OnDemandRound::execute_some(store::Batch& batch, std::vector<Task> tasks) {
  if (tasks.empty()) return;
  const bool open = tasks.front().verdict == Verdict::open;
  const auto planned = [&](const core::Guid& user, const core::Planned& one, const core::SystemUser* row) {
    note(user, one, row);
    refused_.erase(user);
    if (!one.change) return;
    if (one.change->guarded && open) {
      guarded_[user] = *one.change->guarded;
    } else {
      refused_.insert(user);
    }
  };
  auto executed = execute(
      batch, rules_, std::move(tasks), refresher_,
      [this](const core::Change& change, const auto&) { note_written(change); }, LeftOver::settle, planned);
  run_.counters += executed.counters;
  run_.incomplete = run_.incomplete || !executed.missing.empty();
  for (std::size_t c = 0; c < run_.passed.size(); ++c) run_.passed[c] += executed.passed[c];
  for (const auto& rejection : executed.rejections) {
    if (rejection.object_id) answers_.at(*rejection.object_id).detail = rejection.detail;
  }
}

// D8: no request walks around the guard. Each guarded change is executed, or held under this run's id.
void OnDemandRound::consult_guard(store::Batch& batch) {
  if (!store::try_take_guard(session_)) throw GuardBusy();
  const auto ledger = count_for_guard();
  std::vector<core::Guid> users;
  for (const auto& [user, guard_class] : guarded_) users.push_back(user);
  std::sort(users.begin(), users.end());
  std::unordered_map<core::Guid, core::GuardStanding> earlier;  // decided by an earlier run, in the same class
  for (const auto& waiting : store::held_among(session_, users)) {
    earlier.emplace(waiting.object_id, store::standing_of(waiting));
  }
  std::vector<Task> tasks;
  std::vector<core::Guid> carried_out;
  for (auto& identity : store::read_identities(mirror_, *evaluation_.view, users)) {
    const auto user = identity.object_id;
    const auto found = earlier.find(user);
    const auto standing = found == earlier.end() ? core::GuardStanding::fresh : found->second;
    auto& task = tasks.emplace_back(guarded_task(user, guarded_.at(user), standing, ledger, asking_.trigger));
    task.identity = std::move(identity);
    if (task.verdict == Verdict::held) {
      answers_.at(user).held = run_.held = true;
    } else {
      carried_out.push_back(user);
    }
  }
  for (std::size_t c = 0; c < core::guard_class_count; ++c) {
    if (ledger.held()[c]) store::hold(session_, run_.run_id, static_cast<core::GuardClass>(c));
  }
  execute_some(batch, std::move(tasks));
  store::forget_carried_out(session_, run_.run_id, carried_out);
  for (auto& [user, answer] : answers_) {
    if (answer.held) answer.detail = held_detail;
  }
}

core::GuardLedger OnDemandRound::count_for_guard() {
  core::GuardLedger ledger(evaluation_.guard_limits(), core::GuardLedger::Extent::single_users);
  add_waiting(ledger, session_, run_.run_id);
  decide(ledger, session_, evaluation_.configuration.safety);
  return ledger;
}

// What the table did not take, even without its fields.
void OnDemandRound::note_refused() {
  for (const auto& user : refused_) {
    auto& answer = answers_.at(user);
    answer.decision = core::Decision::refuse;
    answer.access = false;
    answer.reason = core::code_of(core::Reason::invalid_value);
  }
}

void OnDemandRound::log(store::Batch& batch) {
  if (!written_.empty()) {
    for (const auto& collision : store::find_namesakes(session_, written_)) {
      run_.warnings.push_back(collision_warning(collision.domainname, collision.written, collision.other));
    }
  }
  store::log_user_run(session_, run_);
  batch.log_batch(run_.counters);
}

}  // namespace dvsync::sync
