#include "dvsync/sync/environment_run.hpp"

#include <functional>
#include <utility>

#include "last_transaction.hpp"
#include "pull.hpp"

namespace dvsync::sync {
namespace {

class EnvironmentRun {
 public:
  EnvironmentRun(const RunContext& context, const config::Environment& environment, store::Lease& lease)
      : context_(context), run_(context, environment, lease), account_(context, environment.rules.name) {}

  EnvironmentReport make() {
    begin();
    context_.scope.saved == nullptr ? run_in_batches() : carry_out(part_for(*context_.scope.saved, environment()));
    auto& report = account_.report;
    report.outcome = outcome_of(report.held_classes, account_.missing);
    return std::move(report);
  }

 private:
  void begin() {
    choose();
    const auto& scope = context_.scope;
    const auto& state = run_.evaluation.mirror_state;
    const auto& report = account_.report;
    const auto begun = store::begin_run(*run_.sessions.main, run_.lease,
                                        {.run_id = context_.run_id,
                                         .kind = report.kind,
                                         .trigger = std::string(core::name_of(scope.trigger)),
                                         .requested_by = scope.requested_by,
                                         .mirror_version = state.version,
                                         .mirror_mark = state.mark,
                                         .answers = scope.answers,
                                         .comment = scope.comment,
                                         .plan = scope.saved == nullptr ? "" : scope.saved->hash,
                                         .why_full = report.why_full});
    run_.fence = begun.fence;
    run_.choice.waits = begun.waits;
    const bool everybody = report.kind == store::RunKind::full && !run_.evaluation.group_decides();
    const std::scoped_lock lock(context_.observer_mutex);
    context_.observer.environment_begins(environment(), context_.run_id, everybody ? state.identities : 0);
  }

  void choose() {
    auto& choice = run_.choice;
    auto& report = account_.report;
    choice = choose_run_kind(context_.scope, run_.evaluation, run_.sessions);
    report.kind = choice.kind;
    report.why_full = choice.why_full;
    const auto* pull = context_.pull;
    if (pull == nullptr) return;
    report.was_behind = choice.since && choice.since->watermark < pull->version_before;
    choice.target.read_at = began_at(*pull, run_.evaluation.mirror_state);
  }

  void run_in_batches() {
    Writers writers(run_.sessions,
                    {.rules = run_.evaluation.rules,
                     .settings = run_.settings,
                     .fence = run_.fence,
                     .run_id = context_.run_id,
                     .most_threads = context_.writers},
                    run_.mirror,
                    [this](const auto& executed, const auto& changes) { account_.take(executed, changes); });
    auto rest = evaluate([&](Work work) { writers.submit(std::move(work)); });
    const bool of_few = run_.sessions.serves_few() || context_.scope.only;
    const bool goes_last = of_few && rest.may_go_last() && !run_.choice.waits.held;
    if (rest.writes() && !goes_last) writers.submit(std::exchange(rest, {}));
    writers.finish();
    if (!rest.writes()) ++batch_no_;
    LastTransaction last(run_, account_, batch_no_);
    last.take(std::move(rest));
    last.finish();
  }

  // Exactly what a saved plan says, in one transaction: what is written is compared before it is committed.
  void carry_out(const SavedEnvironment& plan) {
    LastTransaction all(run_, account_, ++batch_no_);
    require_same_basis(plan, run_.evaluation.basis());
    run_.check.emplace();
    all.take(evaluate([&](Work work) { all.take(std::move(work)); }));
    all.finish();
  }

  // `write` gets parts of the work as soon as they are planned. Returns the rest.
  Work evaluate(const std::function<void(Work)>& write) {
    auto& clock = account_.clock;
    const auto submit = [&](Work some) { clock.waits_for([&] { write(std::move(some)); }); };
    StoredFacts facts(run_.evaluation, run_.mirror, *run_.sessions.main, run_.choice.is_full(), run_.choice.waits);
    Planner planner(run_.evaluation.rules, context_.scope.trigger, admissions_of(run_.choice, facts), facts);
    const auto candidates = candidates_of(context_.scope, run_.choice, run_.evaluation, run_.sessions);
    std::vector<Candidate> chunk;
    Work work;
    while (candidates->next(chunk)) {
      if (context_.stop.stop_requested()) throw Interrupted();
      if (work.batch_no == 0) work.batch_no = ++batch_no_;
      planner.evaluate(chunk, [&](Evaluated& evaluated) { plan_work(evaluated, work); });
      if (!work.writes()) {
        account_.after_planning.quiet.push_back({work.batch_no, work.counters});
        account_.add(std::exchange(work, {}).counters);
      } else if (work.is_enough()) {
        submit(std::exchange(work, {}));
      }
    }
    clock.planned();
    return work;
  }

  void plan_work(Evaluated& evaluated, Work& work) {
    auto& planned = evaluated.planned;
    auto& identity = evaluated.identity;
    if (evaluated.standing == core::GuardStanding::undecided) {
      account_.after_planning.undecided.insert(identity.object_id);
    }
    if (evaluated.no_longer_declined) account_.after_planning.over.push_back(identity.object_id);
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
    if (planned.missing) account_.miss(*planned.missing);
    if (planned.rejection) work.rejections.push_back(listed(identity, *planned.rejection));
    for (auto& column : planned.written) {
      work.remembered.push_back({evaluated.row->systemuserid, std::move(column)});
    }
    work.counters.count_quiet(planned, has_row);
  }

  [[nodiscard]] const std::string& environment() const { return account_.report.name; }

  const RunContext& context_;
  OpenRun run_;
  RunAccount account_;
  int batch_no_ = 0;
};

}  // namespace

EnvironmentReport run_environment(const RunContext& context, const config::Environment& environment,
                                  store::Lease& lease) {
  return EnvironmentRun(context, environment, lease).make();
}

}  // namespace dvsync::sync
