#include "last_transaction.hpp"

#include <utility>

#include "dvsync/store/pending.hpp"
#include "guard_count.hpp"
#include "run_warnings.hpp"
#include "stub_roles.hpp"

namespace dvsync::sync {

OpenRun::OpenRun(const RunContext& of, const config::Environment& environment, store::Lease& held)
    : context(of),
      lease(held),
      sessions(of, environment),
      evaluation(of.configuration, environment),
      mirror(*sessions.mirror, evaluation),
      settings{.business_unit = sessions.new_rows.business_unit,
               .actor = environment.actor,
               .create_values = environment.create_values,
               .binary = !of.scope.only && sessions.new_rows.binary} {
  of.answers != nullptr ? evaluation.read(*sessions.mirror, *sessions.main, *of.answers->knowledge(*sessions.mirror))
                        : evaluation.read(*sessions.mirror, *sessions.main);
  settings.access = evaluation.access;
}

LastTransaction::LastTransaction(OpenRun& run, RunAccount& account, int batch_no)
    : run_(run),
      account_(account),
      session_(*run.sessions.main),
      batch_(session_, run.settings, run.fence, run.context.run_id, batch_no),
      ledger_(run.evaluation.guard_limits(), extent_of(run.context.scope)) {}

void LastTransaction::take(Work work) {
  batch_.hold_until_end(work.pending);
  batch_.remember(work.remembered);
  batch_.list_rejections(work.rejections);
  rejections_.insert(rejections_.end(), work.rejections.begin(), work.rejections.end());
  counters_ += work.counters;
  counters_ += execute_tasks(std::move(work.tasks), LeftOver::hand_back).counters;
}

void LastTransaction::finish() {
  // What the first attempt left over, before the guard counts. Whatever is still in the way may go with the disables.
  counters_ += retry_left_over(LeftOver::hand_back);
  const auto& left = account_.after_planning;
  store::forget_declined(session_, run_.context.run_id, left.over);
  store::keep_waiting(session_, run_.context.run_id, {left.undecided.begin(), left.undecided.end()});
  count_guarded();
  counters_ += execute_waiting();
  counters_ += retry_left_over(LeftOver::settle);
  counters_ += reject_records();
  counters_ += give_stubs_their_role();
  warn();
  settle();
  account_.add(std::exchange(counters_, {}));
  account_.missing.add_standing_gaps(run_.evaluation);
  account_.report.missing = account_.missing.described(run_.evaluation);
  move_position();
  end_run();
  if (run_.check) run_.check->require_same(part_for(*run_.context.scope.saved, account_.report.name));
  batch_.commit();
  changes_.batch_no = batch_.batch_no();
  account_.tell(changes_);
  for (const auto& rejection : rejections_) account_.tell(rejection);
}

void LastTransaction::count_guarded() {
  const auto run_id = run_.context.run_id;
  const auto& safety = run_.context.configuration.safety;
  auto& report = account_.report;
  const auto pending = store::find_pending(session_, run_id);
  has_pending_ = pending.any;
  // Nobody who works beside this run counts until it is committed.
  if (pending.own) store::take_guard(session_);
  if (pending.any) add_waiting(ledger_, session_, run_id);
  const auto made = counters_.created + counters_.enabled;
  decide(ledger_, session_, safety, made);
  report.held_classes = ledger_.held();
  report.held_because = held_because(ledger_, session_, safety, made);
  report.wanted = ledger_.wanted();
  for (std::size_t c = 0; c < core::guard_class_count; ++c) {
    if (report.held_classes[c]) store::hold(session_, run_id, static_cast<core::GuardClass>(c));
  }
}

core::Counters LastTransaction::execute_waiting() {
  core::Counters counters;
  if (!has_pending_) return counters;
  core::Guid after;
  for (;;) {
    const auto waiting = store::next_waiting(session_, run_.context.run_id, after, chunk_size);
    if (waiting.empty()) return counters;
    after = waiting.back().object_id;
    std::vector<Task> tasks;
    for (const auto& decision : waiting) {
      if (account_.after_planning.undecided.contains(decision.object_id)) continue;
      tasks.push_back(guarded_task(decision.object_id, decision.guard_class, store::standing_of(decision), ledger_,
                                   run_.context.scope.trigger));
      if (run_.check && tasks.back().verdict == Verdict::held) run_.check->holds(decision.object_id);
    }
    counters += execute_by_id(std::move(tasks), LeftOver::hand_back).counters;
  }
}

core::Counters LastTransaction::give_stubs_their_role() {
  core::Counters counters;
  const auto& scope = run_.context.scope;
  if (scope.only || scope.approved_only) return counters;
  plan_stubs(run_.evaluation, session_, store::Lock::yes, [&](auto& changes) {
    if (run_.check) keep_planned(part_for(*scope.saved, account_.report.name), changes);
    write_stubs(changes, counters);
  });
  return counters;
}

void LastTransaction::write_stubs(std::vector<core::Change>& changes, core::Counters& counters) {
  std::vector<store::ListedRejection> rejections;
  std::unordered_set<core::Guid> refused;
  for (const auto& one : batch_.write(changes, std::vector<std::vector<std::string>>(changes.size()), false)) {
    refused.insert(one.object_id);
    if (one.why != store::RefusedChange::Why::refused) continue;  // somebody else gave it a role: that is as well
    rejections.push_back({.object_id = std::nullopt,
                          .place = "the placeholder " + core::to_string(one.object_id),
                          .reason = std::string(core::code_of(core::Reason::invalid_value)),
                          .detail = one.detail,
                          .domainname = std::nullopt});
    counters.count_rejected();
  }
  for (const auto& change : changes) {
    if (refused.contains(change.object_id)) continue;
    counters.count_change(change.action);
    changes_.add(change, {});
    if (run_.check) run_.check->wrote(change);
  }
  batch_.list_rejections(rejections);
  for (const auto& rejection : rejections) account_.tell(rejection);
}

// All at once: changes that only work together have to be there together.
core::Counters LastTransaction::retry_left_over(LeftOver left_over) {
  const auto executed = execute_by_id(std::exchange(account_.left_over, {}), left_over);
  // The guard has counted: whoever is to be counted after all is looked at again by the next run.
  if (left_over == LeftOver::settle && executed.waiting > 0) account_.stays_behind = true;
  return executed.counters;
}

Executed LastTransaction::execute_by_id(std::vector<Task> tasks, LeftOver left_over) {
  if (tasks.empty()) return {};
  std::vector<core::Guid> ids;
  for (const auto& task : tasks) ids.push_back(task.identity.object_id);
  auto identities = store::read_identities(*run_.sessions.mirror, *run_.evaluation.view, ids);
  for (std::size_t i = 0; i < tasks.size(); ++i) tasks[i].identity = std::move(identities[i]);
  return execute_tasks(std::move(tasks), left_over);
}

Executed LastTransaction::execute_tasks(std::vector<Task> tasks, LeftOver left_over) {
  if (tasks.empty()) return {};
  auto executed = execute(
      batch_, run_.evaluation.rules, std::move(tasks), run_.mirror,
      [this](const auto& change, const auto& notes) {
        changes_.add(change, notes);
        if (run_.check) run_.check->wrote(change);
      },
      left_over);
  for (std::size_t c = 0; c < passed_.size(); ++c) passed_[c] += executed.passed[c];
  has_pending_ = has_pending_ || executed.waiting > 0;
  batch_.list_rejections(executed.rejections);
  rejections_.insert(rejections_.end(), executed.rejections.begin(), executed.rejections.end());
  for (const auto& rejection : executed.rejections) {
    if (run_.check && rejection.object_id) run_.check->could_not_write(*rejection.object_id, rejection.reason);
  }
  for (const auto reason : executed.missing) account_.miss(reason);
  account_.leave_over(executed);
  account_.add_names(executed);
  return executed;
}

// Records of the directory that could not be used: each is seen and rejected in every environment.
core::Counters LastTransaction::reject_records() {
  if (run_.looks_at_some() || !run_.evaluation.has_rejected_records) return {};
  return sync::reject_records(*run_.sessions.mirror, run_.context.scope.only, [&](const auto& rejections) {
    batch_.list_rejections(rejections);
    for (const auto& rejection : rejections) account_.tell(rejection);
  });
}

void LastTransaction::warn() {
  auto& report = account_.report;
  report.warnings = run_warnings(session_, *run_.sessions.mirror, *run_.evaluation.view, run_.context.run_id,
                                 account_.renamed_many ? nullptr : &account_.renamed);
  for (auto& warning : run_.evaluation.access_warnings()) report.warnings.push_back(std::move(warning));
  if (run_.choice.lost_track) report.warnings.push_back("everybody was looked at: " + run_.choice.why_full);
}

void LastTransaction::settle() {
  const auto& scope = run_.context.scope;
  const auto run_id = run_.context.run_id;
  if (has_pending_) {
    store::settle(session_, run_id, account_.report.held_classes,
                  {scope.approved_only, run_.check.has_value(), scope.only, account_.unapplied});
  }
  // Those of this run stay.
  if (run_.choice.waits.rejected && !run_.looks_at_some()) {
    store::forget_rejections(session_, run_id, scope.only ? &*scope.only : nullptr);
  }
  auto& quiet = account_.after_planning.quiet;
  quiet.push_back({batch_.batch_no(), counters_});
  store::log_batches(session_, run_id, quiet);
}

void LastTransaction::move_position() {
  auto& report = account_.report;
  const bool whole = report.kind == store::RunKind::full || report.kind == store::RunKind::incremental;
  if (!whole || account_.stays_behind) return;
  store::move_position(session_, run_.choice.target);
  if (!run_.choice.touched.seen.empty()) store::forget_touched_rows(session_, run_.choice.touched.seen);
  report.caught_up = true;
}

void LastTransaction::end_run() {
  const auto& report = account_.report;
  store::end_run(session_, run_.context.run_id,
                 {.outcome = outcome_of(report.held_classes, account_.missing),
                  .counters = report.counters,
                  .passed = passed_,
                  .missing = report.missing,
                  .warnings = report.warnings,
                  .detail = "",
                  .held_because = report.held_because,
                  .phases = account_.clock.phases(run_.context.pull),
                  .behind_since = report.caught_up ? run_.choice.behind_since : std::nullopt});
}

}  // namespace dvsync::sync
