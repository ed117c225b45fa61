#include "dvsync/sync/environment_run.hpp"

#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "dvsync/store/pending.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "environment_sight.hpp"
#include "guard_verdict.hpp"
#include "writers.hpp"

namespace dvsync::sync {
namespace {

constexpr std::size_t most_non_interactive = 7;
constexpr std::size_t most_warnings = 100;

class EnvironmentRun {
 public:
  EnvironmentRun(const RunContext& context, const config::Environment& environment, store::Lease& lease)
      : context_(context),
        lease_(lease),
        sight_(context, environment),
        freshness_(*sight_.mirror, sight_.mirror_state.version,
                   {environment.security_group, context.configuration.licenses}),
        settings_{.business_unit = environment.business_unit,
                  .actor = environment.actor,
                  .create_values = environment.create_values} {
    settings_.binary = !context.scope.only && store::takes_binary(*sight_.main, settings_);
    report_.name = environment.rules.name;
  }

  EnvironmentReport run() {
    begin();
    look_at_everybody();
    finish();
    report_.outcome = outcome();
    return report_;
  }

 private:
  void begin() {
    const auto& scope = context_.scope;
    // What kind it is depends on where the environment stands, which only the transaction below tells for sure.
    sight_.judge(store::read_environment_state(*sight_.main));
    report_.kind = scope.only            ? store::RunKind::user
                   : scope.approved_only ? store::RunKind::approve
                   : sight_.full         ? store::RunKind::full
                                         : store::RunKind::incremental;
    const auto begun = store::begin_run(*sight_.main, lease_,
                                        {.run_id = context_.run_id,
                                         .kind = report_.kind,
                                         .trigger = std::string(core::name_of(scope.trigger)),
                                         .requested_by = scope.requested_by,
                                         .mirror_version = sight_.mirror_state.version});
    created_before_ = begun.created_before;
    enabled_before_ = begun.enabled_before;
    if (report_.kind == store::RunKind::full) report_.why_full = sight_.why_full;
    // D12: after a change of rules; the first load of an empty environment has nothing to guard.
    guard_admissions_ = sight_.rules_changed && store::count_touchable_rows(*sight_.main) - created_before_ > 0;
    for (const auto& waiting : store::held_decisions(*sight_.main)) held_.insert(waiting.object_id);
    for (const auto& id : sight_.rejected_records) broken_.insert(id);
    const std::scoped_lock lock(context_.observer_mutex);
    context_.observer.environment_begins(report_.name, context_.run_id,
                                         sight_.full ? sight_.mirror_state.identities : 0);
  }

  void look_at_everybody() {
    Writers writers(sight_, settings_, lease_.fence(), freshness_,
                    [this](const auto& executed, const auto& changes) { take(executed, changes); });
    const auto subjects = sight_.subjects();
    std::vector<Subject> piece;
    Work work;
    while (subjects->next(piece)) {
      if (context_.stop.stop_requested()) throw Interrupted();
      plan_piece(piece, work);
      if (!work.writes()) {
        quiet_.push_back({work.batch_no, work.counters});
        add(std::exchange(work, {}).counters);
      } else if (work.is_enough()) {
        writers.submit(std::exchange(work, {}));
      }
    }
    if (work.writes()) writers.submit(std::move(work));
    writers.finish();
  }

  void plan_piece(std::vector<Subject>& piece, Work& work) {
    if (work.batch_no == 0) work.batch_no = ++batch_no_;
    const auto admissions = held_admissions(piece);
    const auto written = written_of(piece);
    for (auto& subject : piece) {
      const auto& id = subject.identity.object_id;
      if (broken_.contains(id)) {  // its own record is broken: nothing happens to it, and it counts at the end
        leave_held(id);
        continue;
      }
      core::PlanOptions options{.trigger = context_.scope.trigger,
                                .guard_admissions = guard_admissions_ || admissions.contains(id)};
      const auto* row = subject.row ? &*subject.row : nullptr;
      plan_one(work, subject.identity, row, options, written);
    }
  }

  void plan_one(Work& work, core::Identity& identity, const core::SystemUser* row, const core::PlanOptions& options,
                const store::WrittenById& written) {
    static const std::vector<core::WrittenColumn> nothing_written;
    const auto known = row != nullptr ? written.find(row->systemuserid) : written.end();
    auto planned =
        core::plan(sight_.rules, options, identity, row, known == written.end() ? nothing_written : known->second);
    if (planned.change && planned.change->guarded) {
      const auto& change = *planned.change;
      work.pending.push_back(
          {change.object_id, *change.guarded, change.action, change.reason, change.after[core::Column::domainname]});
      return;
    }
    if (planned.change) {
      work.tasks.push_back({.identity = std::move(identity), .options = options, .has_row = row != nullptr});
      return;
    }
    if (planned.missing) {
      miss(*planned.missing);
      leave_held(identity.object_id);
    }
    if (planned.rejection) work.rejections.push_back(listed(identity, *planned.rejection));
    for (auto& column : planned.written) work.remembered.push_back({row->systemuserid, std::move(column)});
    work.counters.count_quiet(planned, row != nullptr);
  }

  // This run cannot tell whether what is held of this user is still wanted: it stays held, and counts (D8).
  void leave_held(const core::Guid& id) {
    if (held_.contains(id)) undecided_.insert(id);
  }

  // Creates and enables that an earlier run holds stay guarded, whether or not the rules changed since.
  std::unordered_set<core::Guid> held_admissions(const std::vector<Subject>& piece) {
    std::unordered_set<core::Guid> found;
    if (held_.empty()) return found;
    std::vector<core::Guid> ids;
    for (const auto& subject : piece) ids.push_back(subject.identity.object_id);
    for (const auto& waiting : store::held_among(*sight_.main, ids)) {
      if (waiting.guard_class == core::GuardClass::admitted) found.insert(waiting.object_id);
    }
    return found;
  }

  store::WrittenById written_of(const std::vector<Subject>& piece) {
    if (!remembers_writes(sight_.rules.mapping)) return {};
    std::vector<core::Guid> ids;
    for (const auto& subject : piece) {
      if (subject.row) ids.push_back(subject.row->systemuserid);
    }
    return store::read_written(*sight_.main, ids);
  }

  // The last transaction: the guard counts, what may be executed is, the position moves.
  void finish() {
    store::Batch last(*sight_.main, settings_, lease_.fence(), context_.run_id, ++batch_no_);
    store::keep_waiting(*sight_.main, context_.run_id, {undecided_.begin(), undecided_.end()});
    count_guarded();
    core::Counters counters = execute_waiting(last);
    counters += reject_records(last);
    warn(report_.counters.changed() + counters.changed() + counters.held);
    const auto& scope = context_.scope;
    store::settle(*sight_.main, context_.run_id, report_.held_classes, {scope.approved_only, scope.only});
    if (!scope.approved_only) {
      store::forget_rejections(*sight_.main, context_.run_id, scope.only ? &*scope.only : nullptr);
    }
    quiet_.push_back({last.batch_no(), counters});
    store::log_batches(*sight_.main, context_.run_id, quiet_);
    add(counters);
    for (const auto gap : sight_.standing_gaps()) missing_.try_emplace(gap, 0);
    for (const auto& [reason, users] : missing_) report_.missing.push_back(sight_.describe(reason, users));
    if (report_.kind == store::RunKind::full || report_.kind == store::RunKind::incremental) {
      store::move_position(*sight_.main, sight_.target);
    }
    store::end_run(*sight_.main, context_.run_id,
                   {.outcome = outcome(),
                    .counters = report_.counters,
                    .passed = passed_,
                    .missing = report_.missing,
                    .warnings = report_.warnings,
                    .detail = ""});
    last.commit();
    last_changes_.batch_no = last.batch_no();
    tell(last_changes_);
  }

  void count_guarded() {
    const auto& scope = context_.scope;
    report_.wanted = store::count_wanted(*sight_.main, context_.run_id, scope.only || scope.approved_only);
    // What others wait for makes the numbers, but only what this run wants itself can be held by it.
    const auto own = store::count_wanted(*sight_.main, context_.run_id, false);
    const auto kept = scope.only ? kept_held(*scope.only) : HeldClasses{};
    const auto& safety = context_.configuration.safety;
    for (const auto wanted : report_.wanted) {
      if (wanted == 0) continue;
      store::take_guard(*sight_.main);  // nobody who works beside this run counts until it is committed
      break;
    }
    const auto passed = store::count_passed(*sight_.main, safety.window);
    std::optional<std::int64_t> rows;
    report_.held_classes = held_by_guard(safety, {own, report_.wanted, passed, kept}, [&](std::int64_t) {
      if (!rows) rows = enabled_rows_before();
      return *rows;
    });
    for (std::size_t c = 0; c < report_.held_classes.size(); ++c) {
      if (report_.held_classes[c]) store::hold(*sight_.main, context_.run_id, static_cast<core::GuardClass>(c));
    }
  }

  // While a decision is held, no single-user run executes it, whatever the numbers say by now.
  HeldClasses kept_held(const core::Guid& user) {
    HeldClasses kept{};
    for (const auto& waiting : store::held_among(*sight_.main, {user})) {
      if (!waiting.approved) kept[static_cast<std::size_t>(waiting.guard_class)] = true;
    }
    return kept;
  }

  // Before the run: neither its own creates and enables count, nor those of runs that were cut off.
  std::int64_t enabled_rows_before() {
    return store::count_enabled_rows(*sight_.main) - report_.counters.created - report_.counters.enabled -
           created_before_ - enabled_before_;
  }

  core::Counters execute_waiting(store::Batch& last) {
    core::Counters counters;
    core::Guid after;
    for (;;) {
      const auto waiting = store::next_waiting(*sight_.main, context_.run_id, after, piece_size);
      if (waiting.empty()) return counters;
      after = waiting.back().object_id;
      std::vector<Task> released;
      std::vector<Task> approved;
      std::vector<Task> held;
      sort_out(waiting, released, approved, held);
      for (const auto& executed :
           {execute_some(last, std::move(released), {}), execute_some(last, std::move(held), {"held"})}) {
        counters += executed.counters;
        for (std::size_t c = 0; c < passed_.size(); ++c) passed_[c] += executed.passed[c];
      }
      counters += execute_some(last, std::move(approved), {"approved"}).counters;
    }
  }

  void sort_out(const std::vector<store::Waiting>& waiting, std::vector<Task>& released, std::vector<Task>& approved,
                std::vector<Task>& held) {
    std::vector<core::Guid> ids;
    for (const auto& decision : waiting) ids.push_back(decision.object_id);
    auto identities = read_identities(*sight_.mirror, *sight_.view, ids);
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (undecided_.contains(waiting[i].object_id)) continue;
      const bool hold = !waiting[i].approved && report_.held_classes[static_cast<std::size_t>(waiting[i].guard_class)];
      Task task{.identity = std::move(identities[i]),
                .options = {.trigger = context_.scope.trigger,
                            .guard_admissions = waiting[i].guard_class == core::GuardClass::admitted,
                            .withhold_transition = hold},
                .has_row = true,
                .final = true,
                .held = hold};
      (hold ? held : waiting[i].approved ? approved : released).push_back(std::move(task));
    }
  }

  Executed execute_some(store::Batch& last, std::vector<Task> tasks, const std::vector<std::string>& notes) {
    if (tasks.empty()) return {};
    auto executed = execute(last, sight_.rules, std::move(tasks), freshness_, notes,
                            [this](const auto& change, const auto& all) { last_changes_.add(change, all); });
    last.list_rejections(executed.rejections);
    for (const auto reason : executed.missing) miss(reason);
    return executed;
  }

  // Records of the directory that could not be used: each is seen and rejected in every environment.
  core::Counters reject_records(store::Batch& last) {
    core::Counters counters;
    if (context_.scope.approved_only) return counters;
    std::string query = "SELECT object_id, place, reason, detail FROM rejected_record";
    if (context_.scope.only) query += " WHERE object_id = '" + core::to_string(*context_.scope.only) + "'";
    store::Pieces pieces(*sight_.mirror, query, piece_size);
    std::unordered_set<core::Guid> counted;
    store::Rows rows;
    while (pieces.next(rows)) {
      std::vector<store::ListedRejection> rejections;
      for (int row = 0; row < rows.size(); ++row) {
        const auto id = store::guid_at(rows, row, 0);
        rejections.push_back({id, std::string(rows.text(row, 1)), std::string(rows.text(row, 2)),
                              std::string(rows.text(row, 3)), std::nullopt});
        if (!id || counted.insert(*id).second) counters.count_rejected();
      }
      last.list_rejections(rejections);
      for (const auto& r : rejections) {
        const std::scoped_lock lock(context_.observer_mutex);
        context_.observer.rejected(report_.name, context_.run_id, std::nullopt, r.reason, r.place + ": " + r.detail);
      }
    }
    return counters;
  }

  void warn(std::int64_t changes) {
    // Few rows through their own indexes: a planner without statistics would rather read the whole table.
    sight_.main->exec("SET LOCAL enable_seqscan = off");
    for (const auto& collision : store::find_collisions(*sight_.main, context_.run_id, changes)) {
      report_.warnings.push_back("user_name_collision: " + collision.domainname + " is the user name of " +
                                 core::to_string(collision.written) + " and of " + core::to_string(collision.other));
    }
    warn_of_rows_left_alone();
    const auto non_interactive = store::count_non_interactive(*sight_.main);
    if (non_interactive > static_cast<std::int64_t>(most_non_interactive)) {
      report_.warnings.push_back(std::to_string(non_interactive) +
                                 " users have access mode 4 (non-interactive); Dataverse allows seven");
    }
    if (report_.warnings.size() > most_warnings) report_.warnings.resize(most_warnings);
    sight_.main->exec("SET LOCAL enable_seqscan = on");
  }

  // Rows that gate 0 ignores although their object id is a living user of the directory.
  void warn_of_rows_left_alone() {
    const auto rows = store::rows_left_alone(*sight_.main);
    if (rows.empty()) return;
    std::vector<core::Guid> ids;
    for (const auto& row : rows) ids.push_back(row.object_id);
    const auto identities = read_identities(*sight_.mirror, *sight_.view, ids);
    const auto locked = store::read_rows(*sight_.main, ids, store::Lock::no);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (identities[i].lifecycle != core::Lifecycle::present) continue;
      const auto row = locked.find(rows[i].object_id);
      const auto reason = row == locked.end() ? std::nullopt : core::row_type_exclusion(row->second);
      if (!reason) continue;
      report_.warnings.push_back("the row " + core::to_string(rows[i].systemuserid) + " (" + rows[i].domainname +
                                 ") is left alone as " + std::string(core::code_of(*reason)) +
                                 ", although its object id is a living user of the directory");
    }
  }

  [[nodiscard]] store::Outcome outcome() const {
    for (const bool held : report_.held_classes) {
      if (held) return store::Outcome::held;
    }
    return missing_.empty() ? store::Outcome::succeeded : store::Outcome::incomplete;
  }

  // Called from writers as well.
  void tell(const CommittedChanges& changes) {
    const std::scoped_lock lock(context_.observer_mutex);
    context_.observer.committed(report_.name, context_.run_id, changes);
  }
  void take(const Executed& executed, const CommittedChanges& changes) {
    tell(changes);
    for (const auto& r : executed.rejections) {
      const std::scoped_lock lock(context_.observer_mutex);
      context_.observer.rejected(report_.name, context_.run_id, r.domainname, r.reason, r.detail);
    }
    for (const auto reason : executed.missing) miss(reason);
    add(executed.counters);
  }
  void add(const core::Counters& counters) {
    const std::scoped_lock lock(context_.observer_mutex);
    report_.counters += counters;
    context_.observer.progress(report_.name, report_.counters);
  }
  void miss(core::Reason reason) {
    const std::scoped_lock lock(context_.observer_mutex);
    ++missing_[reason];
  }

  const RunContext& context_;
  store::Lease& lease_;
  EnvironmentSight sight_;
  Freshness freshness_;
  store::WriteSettings settings_;
  EnvironmentReport report_;
  std::map<core::Reason, std::int64_t> missing_;
  std::unordered_set<core::Guid> broken_;
  std::unordered_set<core::Guid> held_;       // by earlier runs
  std::unordered_set<core::Guid> undecided_;  // of these, those this run knows too little about
  std::vector<store::CountedBatch> quiet_;
  CommittedChanges last_changes_;  // of the run's last transaction
  store::ClassCounts passed_{};
  std::int64_t created_before_ = 0;
  std::int64_t enabled_before_ = 0;
  bool guard_admissions_ = false;
  int batch_no_ = 0;
};

}  // namespace

EnvironmentReport run_environment(const RunContext& context, const config::Environment& environment,
                                  store::Lease& lease) {
  return EnvironmentRun(context, environment, lease).run();
}

}  // namespace dvsync::sync
