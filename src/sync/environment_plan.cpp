// The dry run: the same subjects, the same planning, the same guard; the changes are told and nothing is written.

#include <map>
#include <unordered_set>

#include "dvsync/store/pending.hpp"
#include "dvsync/sync/executor.hpp"
#include "environment_sight.hpp"
#include "guard_verdict.hpp"

namespace dvsync::sync {
namespace {

class EnvironmentPlan {
 public:
  EnvironmentPlan(const RunContext& context, const config::Environment& environment)
      : context_(context), sight_(context, environment) {
    report_.name = environment.rules.name;
  }

  EnvironmentReport make() {
    sight_.judge(store::read_environment_state(*sight_.main));
    report_.kind = context_.scope.only ? store::RunKind::user
                   : sight_.full       ? store::RunKind::full
                                       : store::RunKind::incremental;
    if (report_.kind == store::RunKind::full) report_.why_full = sight_.why_full;
    guard_admissions_ = sight_.rules_changed && store::count_touchable_rows(*sight_.main) > 0;
    for (const auto& waiting : store::held_decisions(*sight_.main)) held_.emplace(waiting.object_id, waiting);
    broken_.insert(sight_.rejected_records.begin(), sight_.rejected_records.end());
    context_.observer.environment_begins(report_.name, 0, sight_.full ? sight_.mirror_state.identities : 0);
    const auto subjects = sight_.subjects();
    std::vector<Subject> piece;
    while (subjects->next(piece)) {
      if (context_.stop.stop_requested()) throw Interrupted();
      const auto written = written_of(piece);
      for (const auto& subject : piece) plan_one(subject, written);
      context_.observer.progress(report_.name, report_.counters);
    }
    for (const auto gap : sight_.standing_gaps()) missing_.try_emplace(gap, 0);
    guard();
    for (const auto& [reason, users] : missing_) report_.missing.push_back(sight_.describe(reason, users));
    return report_;
  }

 private:
  store::WrittenById written_of(const std::vector<Subject>& piece) {
    if (!remembers_writes(sight_.rules.mapping)) return {};
    std::vector<core::Guid> ids;
    for (const auto& subject : piece) {
      if (subject.row) ids.push_back(subject.row->systemuserid);
    }
    return store::read_written(*sight_.main, ids);
  }

  void plan_one(const Subject& subject, const store::WrittenById& written) {
    static const std::vector<core::WrittenColumn> nothing_written;
    const auto& id = subject.identity.object_id;
    if (broken_.contains(id)) return report_.counters.count_rejected();
    const auto waiting = held_.find(id);
    const bool held_admission = waiting != held_.end() && waiting->second.guard_class == core::GuardClass::admitted;
    const auto* row = subject.row ? &*subject.row : nullptr;
    const auto known = row != nullptr ? written.find(row->systemuserid) : written.end();
    const auto planned = core::plan(
        sight_.rules, {.trigger = context_.scope.trigger, .guard_admissions = guard_admissions_ || held_admission},
        subject.identity, row, known == written.end() ? nothing_written : known->second);
    if (planned.missing) ++missing_[*planned.missing];
    if (planned.rejection) {
      const auto rejection = listed(subject.identity, *planned.rejection);
      context_.observer.rejected(report_.name, 0, rejection.domainname, rejection.reason, rejection.detail);
    }
    if (!planned.change) return report_.counters.count_quiet(planned, row != nullptr);
    report_.counters.count_change(planned.change->action);
    const bool approved = waiting != held_.end() && waiting->second.approved;
    if (planned.change->guarded && !approved) ++report_.wanted[static_cast<std::size_t>(*planned.change->guarded)];
    context_.observer.changed(report_.name, 0, *planned.change, store::notes_of(*planned.change));
  }

  void guard() {
    const auto& safety = context_.configuration.safety;
    const auto passed = store::count_passed(*sight_.main, safety.window);
    const auto own = report_.wanted;
    const auto kept = context_.scope.only ? count_others_held(*context_.scope.only) : HeldClasses{};
    std::optional<std::int64_t> rows;
    report_.held_classes = held_by_guard(safety, {own, report_.wanted, passed, kept}, [&](std::int64_t) {
      if (!rows) rows = store::count_enabled_rows(*sight_.main);
      return *rows;
    });
    for (const bool held : report_.held_classes) {
      if (held) report_.outcome = store::Outcome::held;
    }
    if (report_.outcome == store::Outcome::succeeded && !missing_.empty()) report_.outcome = store::Outcome::incomplete;
  }

  // As a run of one user does: what is held counts, and while this user's decision is held it stays so.
  HeldClasses count_others_held(const core::Guid& user) {
    HeldClasses kept{};
    for (const auto& [id, waiting] : held_) {
      const auto guard_class = static_cast<std::size_t>(waiting.guard_class);
      if (waiting.approved) continue;
      if (id == user) {
        kept[guard_class] = true;
      } else {
        ++report_.wanted[guard_class];
      }
    }
    return kept;
  }

  const RunContext& context_;
  EnvironmentSight sight_;
  EnvironmentReport report_;
  std::map<core::Reason, std::int64_t> missing_;
  std::unordered_map<core::Guid, store::Waiting> held_;
  std::unordered_set<core::Guid> broken_;
  bool guard_admissions_ = false;
};

}  // namespace

EnvironmentReport plan_environment(const RunContext& context, const config::Environment& environment) {
  return EnvironmentPlan(context, environment).make();
}

}  // namespace dvsync::sync
