// The dry run: the evaluation of a run, told instead of written.

#include "dvsync/store/change_fields.hpp"
#include "dvsync/store/pending.hpp"
#include "dvsync/sync/environment_run.hpp"
#include "guard_count.hpp"
#include "plan_check.hpp"
#include "run_kind.hpp"
#include "run_warnings.hpp"
#include "stored_facts.hpp"
#include "stub_roles.hpp"

namespace dvsync::sync {
namespace {

class DryRun {
 public:
  DryRun(const RunContext& context, const config::Environment& environment)
      : context_(context),
        sessions_(context, environment),
        evaluation_(context.configuration, environment),
        mirror_(*sessions_.mirror, evaluation_),
        ledger_(evaluation_.guard_limits(), extent_of(context.scope)) {
    report_.name = environment.rules.name;
  }

  EnvironmentReport make() {
    const auto& scope = context_.scope;
    evaluation_.read(*sessions_.mirror, *sessions_.main);
    auto choice = choose_run_kind(scope, evaluation_, sessions_);
    choice.waits = store::read_waits(*sessions_.main);
    report_.kind = choice.kind;
    report_.why_full = choice.why_full;
    report_.basis = evaluation_.basis();
    if (scope.saved != nullptr) require_same_basis(part_for(*scope.saved, report_.name), report_.basis);
    const bool everybody = choice.kind == store::RunKind::full && !evaluation_.group_decides();
    context_.observer.environment_begins(report_.name, 0, everybody ? evaluation_.mirror_state.identities : 0);
    evaluate(choice);
    if (!scope.only) plan_the_stubs();
    report_.counters += reject_records(*sessions_.mirror, scope.only, [this](const auto& rejections) {
      for (const auto& rejection : rejections) tell(rejection);
    });
    missing_.add_standing_gaps(evaluation_);
    report_.missing = missing_.described(evaluation_);
    report_.warnings = standing_warnings(*sessions_.main, *sessions_.mirror, *evaluation_.view);
    for (auto& warning : evaluation_.access_warnings()) report_.warnings.push_back(std::move(warning));
    consult_guard();
    report_.outcome = outcome_of(report_.held_classes, missing_);
    return report_;
  }

 private:
  void plan_the_stubs() {
    plan_stubs(evaluation_, *sessions_.main, store::Lock::no, [this](auto& changes) {
      if (context_.scope.saved != nullptr) keep_planned(part_for(*context_.scope.saved, report_.name), changes);
      for (const auto& change : changes) {
        report_.counters.count_change(change.action);
        context_.observer.changed(report_.name, 0, change, {});
      }
    });
  }

  void evaluate(const RunChoice& choice) {
    StoredFacts facts(evaluation_, mirror_, *sessions_.main, choice.is_full(), choice.waits);
    Planner planner(evaluation_.rules, context_.scope.trigger, admissions_of(choice, facts), facts);
    const auto candidates = candidates_of(context_.scope, choice, evaluation_, sessions_);
    std::vector<Candidate> chunk;
    while (candidates->next(chunk)) {
      if (context_.stop.stop_requested()) throw Interrupted();
      planner.evaluate(chunk, [this](const Evaluated& evaluated) { take(evaluated); });
      context_.observer.progress(report_.name, report_.counters);
    }
  }

  void take(const Evaluated& evaluated) {
    const auto& planned = evaluated.planned;
    if (evaluated.guard_class) ledger_.add(*evaluated.guard_class, evaluated.standing);
    if (evaluated.standing == core::GuardStanding::undecided) tell_undecided(evaluated);
    if (evaluated.broken != nullptr) return;  // counted with the records that cannot be used
    if (planned.missing) missing_.add(*planned.missing);
    if (planned.rejection) tell(listed(evaluated.identity, *planned.rejection));
    if (!planned.change) return report_.counters.count_quiet(planned, evaluated.row != nullptr);
    auto notes = store::notes_of(*planned.change);
    const bool guarded = planned.change->guarded.has_value();
    const bool approved = evaluated.standing == core::GuardStanding::approved;
    if (approved) notes.emplace_back("approved");
    auto& counters =
        guarded && !approved ? guarded_[static_cast<std::size_t>(*planned.change->guarded)] : report_.counters;
    counters.count_change(planned.change->action);
    context_.observer.changed(report_.name, 0, *planned.change, notes);
    if (guarded && !approved) tell_guarded(evaluated);
  }

  // What is left of the change if the guard holds it.
  void tell_guarded(const Evaluated& evaluated) {
    auto options = evaluated.options;
    options.withhold_transition = true;
    auto planned = plan_with(evaluation_.rules, options, evaluated.identity, evaluated.row, *evaluated.written);
    context_.observer.may_be_held(report_.name, {.object_id = evaluated.identity.object_id,
                                                 .user = evaluated.planned.change->after[core::Column::domainname],
                                                 .guard_class = *evaluated.guard_class,
                                                 .undecided = false,
                                                 .instead = std::move(planned.change)});
  }
  void tell_undecided(const Evaluated& evaluated) {
    context_.observer.may_be_held(
        report_.name, {.object_id = evaluated.identity.object_id,
                       .user = evaluated.row != nullptr ? (*evaluated.row)[core::Column::domainname] : std::nullopt,
                       .guard_class = *evaluated.guard_class,
                       .undecided = true,
                       .instead = std::nullopt});
  }
  void tell(const store::ListedRejection& rejection) {
    context_.observer.rejected(report_.name, 0, rejection.object_id, rejection.domainname, rejection.reason,
                               rejection.in_words());
  }

  void consult_guard() {
    const auto& scope = context_.scope;
    if (scope.only) ledger_.add_elsewhere(held_for_others({*scope.only}));
    if (scope.saved != nullptr) ledger_.add_elsewhere(held_for_others(users_of(part_for(*scope.saved, report_.name))));
    decide(ledger_, *sessions_.main, context_.configuration.safety);
    report_.held_classes = ledger_.held();
    report_.held_because = held_because(ledger_, *sessions_.main, context_.configuration.safety);
    report_.wanted = ledger_.wanted();
    for (std::size_t c = 0; c < guarded_.size(); ++c) {
      if (report_.held_classes[c]) {
        report_.counters += {.seen = guarded_[c].seen, .held = guarded_[c].seen};
      } else {
        report_.counters += guarded_[c];
      }
    }
  }

  core::GuardCounts held_for_others(const std::vector<core::Guid>& users) {
    auto counts = store::count_waiting(*sessions_.main, 0).elsewhere;
    for (const auto& waiting : store::held_among(*sessions_.main, users)) {
      if (!waiting.approved) --counts[static_cast<std::size_t>(waiting.guard_class)];
    }
    return counts;
  }

  const RunContext& context_;
  RunSessions sessions_;
  EvaluationContext evaluation_;
  IdentityRefresher mirror_;
  core::GuardLedger ledger_;
  EnvironmentReport report_;
  MissingFacts missing_;
  std::array<core::Counters, core::guard_class_count> guarded_{};  // executed or held, which only the end tells
};

}  // namespace

EnvironmentReport plan_environment(const RunContext& context, const config::Environment& environment) {
  return DryRun(context, environment).make();
}

}  // namespace dvsync::sync
