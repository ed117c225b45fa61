#include "dvsync/sync/environment_run.hpp"

#include <functional>
#include <unordered_set>
#include <utility>

#include "dvsync/store/business_unit.hpp"
#include "dvsync/store/pending.hpp"
#include "guard_count.hpp"
#include "plan_check.hpp"
#include "run_kind.hpp"
#include "run_warnings.hpp"
#include "stored_facts.hpp"
#include "stub_roles.hpp"
#include "writers.hpp"

namespace dvsync::sync {
namespace {

constexpr std::size_t most_left_over = 20'000;  // all of them are in memory at the end of the run

using Clock = std::chrono::steady_clock;

class EnvironmentRun {
 public:
  EnvironmentRun(const RunContext& context, const config::Environment& environment, store::Lease& lease)
      : context_(context),
        lease_(lease),
        sessions_(context, environment),
        evaluation_(context.configuration, environment),
        mirror_(*sessions_.mirror, evaluation_),
        settings_{.business_unit = store::business_unit_of(*sessions_.main, environment),
                  .actor = environment.actor,
                  .create_values = environment.create_values} {
    evaluation_.read(*sessions_.mirror, *sessions_.main);
    settings_.access = evaluation_.access;
    settings_.binary = !context.scope.only && store::takes_binary(*sessions_.main, settings_);
    report_.name = environment.rules.name;
  }

  EnvironmentReport run() {
    begin();
    context_.scope.saved == nullptr ? run_in_batches() : carry_out(part_for(*context_.scope.saved, report_.name));
    report_.outcome = outcome_of(report_.held_classes, missing_);
    return report_;
  }

 private:
  void begin() {
    const auto& scope = context_.scope;
    choice_ = choose_run_kind(scope, evaluation_, *sessions_.main, *sessions_.mirror);
    report_.kind = choice_.kind;
    report_.why_full = choice_.why_full;
    const auto* pull = context_.pull;
    report_.was_behind = pull != nullptr && choice_.since && choice_.since->watermark < pull->version_before;
    if (pull != nullptr) choice_.target.read_at = choice_.target.evaluated_at - elapsed_since(pull->began);
    store::begin_run(*sessions_.main, lease_,
                     {.run_id = context_.run_id,
                      .kind = report_.kind,
                      .trigger = std::string(core::name_of(scope.trigger)),
                      .requested_by = scope.requested_by,
                      .mirror_version = evaluation_.mirror_state.version,
                      .mirror_mark = evaluation_.mirror_state.mark,
                      .answers = scope.answers,
                      .comment = scope.comment,
                      .plan = scope.saved == nullptr ? "" : scope.saved->hash,
                      .why_full = report_.why_full});
    const bool everybody = report_.kind == store::RunKind::full;
    const std::scoped_lock lock(context_.observer_mutex);
    context_.observer.environment_begins(report_.name, context_.run_id,
                                         everybody ? evaluation_.mirror_state.identities : 0);
  }

  void run_in_batches() {
    Writers writers(
        sessions_,
        {.rules = evaluation_.rules, .settings = settings_, .fence = lease_.fence(), .run_id = context_.run_id},
        mirror_, [this](const auto& executed, const auto& changes) { take(executed, changes); });
    evaluate([&](Work work) { writers.submit(std::move(work)); });
    writers.finish();
    store::Batch last(*sessions_.main, settings_, lease_.fence(), context_.run_id, ++batch_no_);
    finish(last, {});
  }

  // Exactly what a saved plan says, in one transaction: what is written is compared before it is committed.
  void carry_out(const SavedEnvironment& plan) {
    store::Batch all(*sessions_.main, settings_, lease_.fence(), context_.run_id, ++batch_no_);
    require_same_basis(plan, evaluation_.basis());
    check_.emplace();
    core::Counters counters;
    evaluate([&](Work work) {
      all.hold_until_end(work.pending);
      all.remember(work.remembered);
      all.list_rejections(work.rejections);
      counters += work.counters;
      counters += execute_some(all, std::move(work.tasks), LeftOver::hand_back).counters;
    });
    finish(all, counters);
  }

  // `write` gets parts of the work as soon as they are planned.
  void evaluate(const std::function<void(Work)>& write) {
    const auto submit = [&](Work some) {
      const auto began = Clock::now();
      write(std::move(some));
      writing_ += elapsed_since(began);
    };
    StoredFacts facts(evaluation_, mirror_, *sessions_.main);
    Planner planner(evaluation_.rules, context_.scope.trigger,
                    facts.guards_admissions() ? Admissions::guarded : Admissions::free, facts);
    const auto candidates = candidates_of(context_.scope, choice_, evaluation_, sessions_);
    std::vector<Candidate> chunk;
    Work work;
    while (candidates->next(chunk)) {
      if (context_.stop.stop_requested()) throw Interrupted();
      if (work.batch_no == 0) work.batch_no = ++batch_no_;
      planner.evaluate(chunk, [&](Evaluated& evaluated) { plan_work(evaluated, work); });
      if (!work.writes()) {
        quiet_.push_back({work.batch_no, work.counters});
        add(std::exchange(work, {}).counters);
      } else if (work.is_enough()) {
        submit(std::exchange(work, {}));
      }
    }
    if (work.writes()) submit(std::move(work));
    planned_at_ = Clock::now();
  }

  void plan_work(Evaluated& evaluated, Work& work) {
    auto& planned = evaluated.planned;
    auto& identity = evaluated.identity;
    if (evaluated.standing == core::GuardStanding::undecided) undecided_.insert(identity.object_id);
    if (evaluated.no_longer_declined) over_.push_back(identity.object_id);
    if (evaluated.broken != nullptr) return;  // counted with the records that cannot be used
    if (planned.change && planned.change->guarded) {
      const auto& change = *planned.change;
      work.pending.push_back(
          {change.object_id, *change.guarded, change.action, change.reason, change.after[core::Column::domainname]});
      return;
    }
    const bool has_row = evaluated.row != nullptr;
    if (planned.change) {
      work.tasks.push_back({.identity = std::move(identity), .options = evaluated.options, .has_row = has_row});
      return;
    }
    if (planned.missing) miss(*planned.missing);
    if (planned.rejection) work.rejections.push_back(listed(identity, *planned.rejection));
    for (auto& column : planned.written) {
      work.remembered.push_back({evaluated.row->systemuserid, std::move(column)});
    }
    work.counters.count_quiet(planned, has_row);
  }

  // The last transaction: the guard counts, what may be executed is, the position moves.
  void finish(store::Batch& last, core::Counters counters) {
    // What the first attempt left over, before the guard counts. Whatever is still in the way may go with the disables.
    counters += retry_left_over(last, LeftOver::hand_back);
    store::forget_declined(*sessions_.main, context_.run_id, over_);
    store::keep_waiting(*sessions_.main, context_.run_id, {undecided_.begin(), undecided_.end()});
    count_guarded();
    counters += execute_waiting(last);
    counters += retry_left_over(last, LeftOver::settle);
    counters += reject_records(last);
    counters += give_stubs_their_role(last);
    report_.warnings = run_warnings(*sessions_.main, *sessions_.mirror, *evaluation_.view, context_.run_id,
                                    report_.counters.changed() + counters.changed() + counters.held);
    for (auto& warning : evaluation_.access_warnings()) report_.warnings.push_back(std::move(warning));
    if (choice_.lost_track) report_.warnings.push_back("everybody was looked at: " + choice_.why_full);
    const auto& scope = context_.scope;
    store::settle(*sessions_.main, context_.run_id, report_.held_classes,
                  {scope.approved_only, check_.has_value(), scope.only, unapplied_});
    if (!looks_at_some()) {
      store::forget_rejections(*sessions_.main, context_.run_id, scope.only ? &*scope.only : nullptr);
    }
    quiet_.push_back({last.batch_no(), counters});
    store::log_batches(*sessions_.main, context_.run_id, quiet_);
    add(counters);
    missing_.add_standing_gaps(evaluation_);
    report_.missing = missing_.described(evaluation_);
    const bool whole = report_.kind == store::RunKind::full || report_.kind == store::RunKind::incremental;
    if (whole && !stays_behind_) {
      store::move_position(*sessions_.main, choice_.target);
      store::forget_touched_rows(*sessions_.main, choice_.touched.seen);
      report_.caught_up = true;
    }
    store::end_run(*sessions_.main, context_.run_id,
                   {.outcome = outcome_of(report_.held_classes, missing_),
                    .counters = report_.counters,
                    .passed = passed_,
                    .missing = report_.missing,
                    .warnings = report_.warnings,
                    .detail = "",
                    .held_because = report_.held_because,
                    .phases = phases(),
                    .behind_since = report_.caught_up ? choice_.behind_since : std::nullopt});
    if (check_) check_->require_same(part_for(*scope.saved, report_.name));
    last.commit();
    last_changes_.batch_no = last.batch_no();
    tell(last_changes_);
  }

  [[nodiscard]] core::RunPhases phases() const {
    core::RunPhases phases;
    phases.planning = std::chrono::duration_cast<std::chrono::milliseconds>(planned_at_ - began_) - writing_;
    phases.writing = writing_ + elapsed_since(planned_at_);
    if (context_.pull == nullptr) return phases;
    phases.reading = context_.pull->duration;
    phases.records = static_cast<std::int64_t>(context_.pull->records);
    phases.moved = context_.pull->merge.changed;
    return phases;
  }

  void count_guarded() {
    // Nobody who works beside this run counts until it is committed.
    if (store::has_waiting(*sessions_.main, context_.run_id)) store::take_guard(*sessions_.main);
    add_waiting(ledger_, *sessions_.main, context_.run_id);
    decide(ledger_, *sessions_.main, context_.configuration.safety);
    report_.held_classes = ledger_.held();
    report_.held_because = held_because(ledger_, *sessions_.main, context_.configuration.safety);
    report_.wanted = ledger_.wanted();
    for (std::size_t c = 0; c < core::guard_class_count; ++c) {
      if (report_.held_classes[c]) {
        store::hold(*sessions_.main, context_.run_id, static_cast<core::GuardClass>(c));
      }
    }
  }

  core::Counters execute_waiting(store::Batch& last) {
    core::Counters counters;
    core::Guid after;
    for (;;) {
      const auto waiting = store::next_waiting(*sessions_.main, context_.run_id, after, chunk_size);
      if (waiting.empty()) return counters;
      after = waiting.back().object_id;
      std::vector<Task> tasks;
      for (const auto& decision : waiting) {
        if (undecided_.contains(decision.object_id)) continue;
        tasks.push_back(guarded_task(decision.object_id, decision.guard_class, store::standing_of(decision), ledger_,
                                     context_.scope.trigger));
        if (check_ && tasks.back().verdict == Verdict::held) check_->holds(decision.object_id);
      }
      counters += execute_some(last, std::move(tasks), LeftOver::hand_back).counters;
    }
  }

  core::Counters give_stubs_their_role(store::Batch& last) {
    core::Counters counters;
    if (context_.scope.only || context_.scope.approved_only) return counters;
    plan_stubs(evaluation_, *sessions_.main, store::Lock::yes, [&](auto& changes) {
      if (check_) keep_planned(part_for(*context_.scope.saved, report_.name), changes);
      std::vector<store::ListedRejection> rejections;
      std::unordered_set<core::Guid> refused;
      for (const auto& one : last.write(changes, std::vector<std::vector<std::string>>(changes.size()), false)) {
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
        last_changes_.add(change, {});
        if (check_) check_->wrote(change);
      }
      last.list_rejections(rejections);
      for (const auto& rejection : rejections) tell(rejection);
    });
    return counters;
  }

  // All at once: changes that only work together have to be there together.
  core::Counters retry_left_over(store::Batch& last, LeftOver left_over) {
    const auto executed = execute_some(last, std::exchange(left_over_, {}), left_over);
    // The guard has counted: whoever is to be counted after all is looked at again by the next run.
    if (left_over == LeftOver::settle && executed.waiting > 0) stays_behind_ = true;
    return executed.counters;
  }

  void read_again(std::vector<Task>& tasks) {
    std::vector<core::Guid> ids;
    for (const auto& task : tasks) ids.push_back(task.identity.object_id);
    auto identities = store::read_identities(*sessions_.mirror, *evaluation_.view, ids);
    for (std::size_t i = 0; i < tasks.size(); ++i) tasks[i].identity = std::move(identities[i]);
  }

  Executed execute_some(store::Batch& last, std::vector<Task> tasks, LeftOver left_over) {
    if (tasks.empty()) return {};
    read_again(tasks);
    auto executed = execute(
        last, evaluation_.rules, std::move(tasks), mirror_,
        [this](const auto& change, const auto& notes) {
          last_changes_.add(change, notes);
          if (check_) check_->wrote(change);
        },
        left_over);
    for (std::size_t c = 0; c < passed_.size(); ++c) passed_[c] += executed.passed[c];
    last.list_rejections(executed.rejections);
    for (const auto& rejection : executed.rejections) {
      tell(rejection);
      if (check_ && rejection.object_id) check_->could_not_write(*rejection.object_id, rejection.reason);
    }
    for (const auto reason : executed.missing) miss(reason);
    leave_over(executed);
    return executed;
  }

  // Their identities are read again when they are tried again: only who they are is kept.
  void leave_over(const Executed& executed) {
    const std::scoped_lock lock(context_.observer_mutex);
    missing_.add_locked(executed.locked);
    unapplied_.insert(unapplied_.end(), executed.unapplied.begin(), executed.unapplied.end());
    for (const auto& task : executed.left_over) {
      if (left_over_.size() >= most_left_over) {  // the next run begins where this one did
        stays_behind_ = true;
        missing_.add_locked(1);
        report_.counters.count_rejected();
        continue;
      }
      Task again{.identity = {}, .options = task.options, .has_row = true, .verdict = task.verdict};
      again.identity.object_id = task.identity.object_id;
      left_over_.push_back(std::move(again));
    }
  }

  // What was released, or planned and saved: everybody else is none of this run's business.
  [[nodiscard]] bool looks_at_some() const { return context_.scope.approved_only || check_.has_value(); }

  // Records of the directory that could not be used: each is seen and rejected in every environment.
  core::Counters reject_records(store::Batch& last) {
    if (looks_at_some()) return {};
    return sync::reject_records(*sessions_.mirror, context_.scope.only, [&](const auto& rejections) {
      last.list_rejections(rejections);
      for (const auto& rejection : rejections) tell(rejection);
    });
  }

  // Called from writers as well.
  void tell(const CommittedChanges& changes) {
    const std::scoped_lock lock(context_.observer_mutex);
    context_.observer.committed(report_.name, context_.run_id, changes);
  }
  void take(const Executed& executed, const CommittedChanges& changes) {
    tell(changes);
    for (const auto& rejection : executed.rejections) tell(rejection);
    for (const auto reason : executed.missing) miss(reason);
    leave_over(executed);
    add(executed.counters);
  }
  void tell(const store::ListedRejection& rejection) {
    const std::scoped_lock lock(context_.observer_mutex);
    context_.observer.rejected(report_.name, context_.run_id, rejection.object_id, rejection.domainname,
                               rejection.reason, rejection.in_words());
  }
  void add(const core::Counters& counters) {
    const std::scoped_lock lock(context_.observer_mutex);
    report_.counters += counters;
    context_.observer.progress(report_.name, report_.counters);
  }
  void miss(core::Reason reason) {
    const std::scoped_lock lock(context_.observer_mutex);
    missing_.add(reason);
  }

  const RunContext& context_;
  store::Lease& lease_;
  Clock::time_point began_ = Clock::now();
  Clock::time_point planned_at_ = began_;
  std::chrono::milliseconds writing_{0};  // for which planning waited
  RunSessions sessions_;
  EvaluationContext evaluation_;
  IdentityRefresher mirror_;
  store::WriteSettings settings_;
  EnvironmentReport report_;
  RunChoice choice_;
  MissingFacts missing_;
  std::vector<core::Guid> over_;              // a rejection of them, because something else is decided by now
  std::unordered_set<core::Guid> undecided_;  // held by earlier runs, and this one cannot tell whether still wanted
  core::GuardLedger ledger_{evaluation_.guard_limits(), extent_of(context_.scope)};
  std::vector<Task> left_over_;        // for the end of the run
  std::vector<core::Guid> unapplied_;  // approved, and still locked
  std::vector<store::CountedBatch> quiet_;
  CommittedChanges last_changes_;   // of the run's last transaction
  std::optional<PlanCheck> check_;  // of a saved plan
  store::ClassCounts passed_{};
  bool stays_behind_ = false;
  int batch_no_ = 0;
};

}  // namespace

EnvironmentReport run_environment(const RunContext& context, const config::Environment& environment,
                                  store::Lease& lease) {
  return EnvironmentRun(context, environment, lease).run();
}

}  // namespace dvsync::sync
