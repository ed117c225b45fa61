#include "dvsync/sync/undo.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <mutex>
#include <utility>

#include "dvsync/store/batch.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/pending.hpp"
#include "dvsync/store/undo_log.hpp"
#include "dvsync/sync/in_words.hpp"
#include "engine_steps.hpp"
#include "planner.hpp"
#include "run_failure.hpp"
#include "run_sessions.hpp"
#include "stored_facts.hpp"
#include "undone_row.hpp"

namespace dvsync::sync {
namespace {

constexpr int rows_a_transaction = 4000;

std::vector<std::string> actions_of(UndoRequest::Only only) {
  switch (only) {
    case UndoRequest::Only::disables:
      return {"disable"};
    case UndoRequest::Only::updates:
      return {"update"};
    case UndoRequest::Only::everything:
      break;
  }
  return {};
}

bool can_be_undone(const std::string& kind) {
  constexpr std::array kinds{core::RunKind::incremental, core::RunKind::full, core::RunKind::approve,
                             core::RunKind::apply, core::RunKind::undo};
  return std::any_of(kinds.begin(), kinds.end(), [&](auto one) { return core::name_of(one) == kind; });
}

// One environment.
class EnvironmentUndo {
 public:
  EnvironmentUndo(const RunContext& context, const config::Environment& environment, const UndoRequest& request,
                  UndoObserver& observer)
      : context_(context),
        request_(request),
        observer_(observer),
        sessions_(context, environment),
        evaluation_(context.configuration, environment),
        settings_{.business_unit = {}, .actor = environment.actor, .create_values = {}} {
    evaluation_.read(*sessions_.mirror, *sessions_.main);
    report_.name = environment.rules.name;
  }

  UndoEnvironment plan() {
    each_piece([this](const std::vector<store::PastLine>& lines) {
      const auto rows =
          judge(lines, {.rows = store::read_rows(*sessions_.main, ids_of(lines), store::Lock::no), .left = {}});
      for (const auto& row : rows) tell(row);
    });
    return finished();
  }

  UndoEnvironment carry_out(store::Lease& lease) {
    fence_ = store::begin_run(*sessions_.main, lease,
                              {.run_id = context_.run_id,
                               .kind = store::RunKind::undo,
                               .trigger = std::string(core::name_of(context_.scope.trigger)),
                               .requested_by = request_.requested_by,
                               .mirror_version = evaluation_.mirror_state.version,
                               .answers = request_.run_id,
                               .comment = request_.comment})
                 .fence;
    each_piece([&](const std::vector<store::PastLine>& lines) { write(lines); });
    store::Batch last(*sessions_.main, settings_, fence_, context_.run_id, ++batch_no_);
    auto report = finished();
    store::end_run(*sessions_.main, context_.run_id, {.counters = report.counters});
    last.commit();
    return report;
  }

 private:
  void each_piece(const std::function<void(const std::vector<store::PastLine>&)>& work) {
    const auto reading = sessions_.reading();
    store::Chunks chunks(reading.environment, store::lines_of_run(request_.run_id, actions_of(request_.only)),
                         rows_a_transaction);
    store::Rows rows;
    while (chunks.next(rows)) {
      if (context_.stop.stop_requested()) throw Interrupted();
      std::vector<store::PastLine> lines;
      for (int row = 0; row < rows.size(); ++row) lines.push_back(store::past_line_from(rows, row));
      work(lines);
    }
  }

  static std::vector<core::Guid> ids_of(const std::vector<store::PastLine>& lines) {
    std::vector<core::Guid> ids;
    for (const auto& line : lines) ids.push_back(line.object_id);
    return ids;
  }

  // What becomes of these rows, as they are now.
  std::vector<UndoneRow> judge(const std::vector<store::PastLine>& lines, const store::LockedRows& rows) {
    std::vector<UndoneRow> back;
    for (const auto& line : lines) {
      if (line.undone) {
        ++report_.undone;
        continue;
      }
      const auto found = rows.rows.find(line.object_id);
      if (found == rows.rows.end()) {
        const bool locked = std::find(rows.left.begin(), rows.left.end(), line.object_id) != rows.left.end();
        leave(line, locked ? "somebody else holds the row" : "the row is gone");
        continue;
      }
      auto row = bring_back(line, found->second);
      row.change ? back.push_back({.change = std::move(*row.change)}) : leave(line, row.why_not);
    }
    foresee_all(back);
    return back;
  }

  // What the rules would do to the rows as they are then, as far as it takes back what is brought back.
  void foresee_all(std::vector<UndoneRow>& back) {
    if (back.empty()) return;
    std::vector<Candidate> candidates;
    std::vector<core::Guid> ids;
    for (const auto& row : back) ids.push_back(row.change.object_id);
    auto identities = store::read_identities(*sessions_.mirror, *evaluation_.view, ids);
    for (std::size_t i = 0; i < back.size(); ++i) {
      candidates.push_back({std::move(identities[i]), back[i].change.after});
    }
    IdentityRefresher mirror(*sessions_.mirror, evaluation_);
    StoredFacts facts(evaluation_, mirror, *sessions_.main);
    Planner planner(evaluation_.rules, core::Trigger::background, Admissions::free, facts);
    std::size_t at = 0;
    planner.evaluate(candidates,
                     [&](Evaluated& evaluated) { foresee(back[at++], std::move(evaluated.planned.change)); });
  }

  void write(const std::vector<store::PastLine>& lines) {
    store::Batch batch(*sessions_.main, settings_, fence_, context_.run_id, ++batch_no_);
    auto rows = judge(lines, batch.lock_rows(ids_of(lines)));
    std::vector<core::Change> changes;
    for (const auto& row : rows) changes.push_back(row.change);
    for (const auto& refused : batch.write(changes, std::vector<std::vector<std::string>>(changes.size()), true)) {
      const auto row = std::find_if(rows.begin(), rows.end(),
                                    [&](const auto& one) { return one.change.object_id == refused.object_id; });
      leave({.object_id = refused.object_id,
             .user = row->change.before[core::Column::domainname],
             .why = refused.detail});
      rows.erase(row);
    }
    put_on_hold(batch, rows);
    core::Counters counters;
    for (const auto& row : rows) counters.count_change(row.change.action);
    batch.log_batch(counters);
    batch.commit();
    for (const auto& row : rows) tell(row);
  }

  void put_on_hold(store::Batch& batch, const std::vector<UndoneRow>& rows) {
    std::vector<store::PendingChange> pending;
    for (const auto& row : rows) {
      if (!row.on_hold) continue;
      pending.push_back({row.again->object_id, *row.again->guarded, row.again->action, row.again->reason,
                         row.again->after[core::Column::domainname]});
    }
    if (pending.empty()) return;
    store::take_guard(*sessions_.main);
    batch.hold_until_end(pending);
    for (std::size_t c = 0; c < core::guard_class_count; ++c) {
      store::hold(*sessions_.main, context_.run_id, static_cast<core::GuardClass>(c));
    }
    store::decline_own(*sessions_.main, {context_.run_id, request_.requested_by, request_.comment, {}});
  }

  void tell(const UndoneRow& row) {
    report_.counters.count_change(row.change.action);
    report_.again += row.again ? 1 : 0;
    report_.on_hold += row.on_hold ? 1 : 0;
    observer_.brings_back(report_.name, row);
  }
  void leave(const store::PastLine& line, const std::string& why) {
    leave({.object_id = line.object_id, .user = line.domainname, .why = why});
  }
  void leave(const LeftRow& row) {
    ++report_.counters.seen;
    ++report_.counters.ignored;
    observer_.leaves(report_.name, row);
  }

  UndoEnvironment finished() {
    const auto run = store::find_run(*sessions_.main, request_.run_id);
    report_.knows_run = true;
    if (run && request_.only == UndoRequest::Only::everything) report_.created = run->created;
    return report_;
  }

  const RunContext& context_;
  const UndoRequest& request_;
  UndoObserver& observer_;
  RunSessions sessions_;
  EvaluationContext evaluation_;
  store::WriteSettings settings_;
  UndoEnvironment report_;
  std::int64_t fence_ = 0;
  int batch_no_ = 0;
};

// Tells whoever waits for us what a run would tell.
class WaitingForLease : public Observer {
 public:
  explicit WaitingForLease(UndoObserver& observer) : observer_(observer) {}
  void waiting_for(const std::string& holder) override { observer_.waiting_for(holder); }

 private:
  UndoObserver& observer_;
};

class Undo {
 public:
  Undo(const config::Configuration& configuration, const UndoRequest& request, UndoObserver& observer,
       std::stop_token stop)
      : configuration_(configuration),
        request_(request),
        observer_(observer),
        nobody_(observer),
        context_{.configuration = configuration,
                 .scope = {.undoes = true,
                           .trigger = core::Trigger::on_demand,
                           .requested_by = request.requested_by,
                           .answers = request.run_id,
                           .comment = request.comment},
                 .observer = nobody_,
                 .observer_mutex = observer_mutex_,
                 .stop = std::move(stop)} {}

  UndoReport plan() {
    for (const auto* environment : find_run()) {
      each(*environment, [&] { return EnvironmentUndo(context_, *environment, request_, observer_).plan(); });
    }
    return report_;
  }

  UndoReport carry_out() {
    const auto mirror = store::open_mirror(configuration_, {.stop = context_.stop});
    const auto lease = acquire_lease(
        configuration_, {.wait = request_.wait, .command = "dvsync undo", .requested_by = request_.requested_by},
        nobody_, context_.stop);
    const auto environments = find_run();
    context_.run_id = unused_run_id(configuration_, environments, *mirror, context_.stop);
    context_.worker = lease->worker_name();
    report_.run_id = context_.run_id;
    for (const auto* environment : environments) {
      each(*environment,
           [&] { return EnvironmentUndo(context_, *environment, request_, observer_).carry_out(*lease); });
    }
    return report_;
  }

 private:
  // The environments whose logs have it.
  std::vector<const config::Environment*> find_run() {
    std::vector<const config::Environment*> found;
    const auto run = std::to_string(request_.run_id);
    for (const auto* environment : chosen(configuration_, request_.environments)) {
      if (environment->rules.type == core::EnvironmentType::none) continue;
      try {
        const auto session = store::open_environment(configuration_, *environment, {.stop = context_.stop});
        const auto past = store::find_run(*session, request_.run_id);
        if (!past) continue;
        if (!can_be_undone(past->kind)) {
          throw UsageError("run " + run + " is of the kind " + past->kind +
                           ": an act on single users, or an operator's word, is taken back by its own command");
        }
        found.push_back(environment);
      } catch (const StoreError&) {
        add_failure(*environment);
      }
    }
    if (found.empty() && report_.environments.empty()) {
      throw UsageError("no log has a run " + run + "; `dvsync log` lists the runs");
    }
    return found;
  }

  template <class Work>
  void each(const config::Environment& environment, const Work& work) {
    if (context_.stop.stop_requested()) return;
    try {
      report_.environments.push_back(work());
      observer_.ends(report_.environments.back());
    } catch (const StoreError&) {
      add_failure(environment);
    } catch (const Interrupted&) {
      add_failure(environment);
    }
  }
  // Within the catch.
  void add_failure(const config::Environment& environment) {
    const auto failure = failure_of(std::current_exception(), configuration_, &environment);
    auto failed = failed_report(environment.rules.name, failure);
    store::OutOfReach out_of_reach(configuration_);
    store::EnvironmentSessions sessions(configuration_, {}, out_of_reach);
    if (context_.run_id != 0 && !failure.fenced) record_failure(context_, environment, sessions, failed);
    UndoEnvironment report;
    report.name = failed.name;
    report.counters = failed.counters;
    report.error = failed.error;
    report.cause = failed.cause;
    report_.environments.push_back(report);
    observer_.ends(report);
  }

  const config::Configuration& configuration_;
  const UndoRequest& request_;
  UndoObserver& observer_;
  WaitingForLease nobody_;
  std::mutex observer_mutex_;
  RunContext context_;
  UndoReport report_;
};

}  // namespace

UndoReport plan_undo(const config::Configuration& configuration, const UndoRequest& request, UndoObserver& observer,
                     std::stop_token stop) {
  return explained(configuration, [&] { return Undo(configuration, request, observer, std::move(stop)).plan(); });
}

UndoReport undo(const config::Configuration& configuration, const UndoRequest& request, UndoObserver& observer,
                std::stop_token stop) {
  return explained(configuration, [&] { return Undo(configuration, request, observer, std::move(stop)).carry_out(); });
}

}  // namespace dvsync::sync
