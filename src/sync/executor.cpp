#include "executor.hpp"

#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace dvsync::sync {
namespace {

constexpr int most_attempts = 5;  // a key conflict is planned again; more than this is not a conflict but a fault

class Execution {
 public:
  Execution(store::RowWriter& table, const core::Environment& environment, FreshIdentities& mirror,
            const OnChange& on_change, LeftOver left_over, const OnPlanned& on_planned)
      : table_(table),
        environment_(environment),
        mirror_(mirror),
        on_change_(on_change),
        left_over_(left_over),
        on_planned_(on_planned) {}

  Executed run(std::vector<Task> tasks) {
    for (int attempt = 1; !tasks.empty(); ++attempt) {
      if (attempt > most_attempts) {
        throw StoreError(StoreError::Kind::unavailable,
                         "rows of " + table_.place() + " change faster than they can be planned: try again");
      }
      tasks = attempt_all(tasks, attempt == 1);
    }
    table_.remember(remembered_);
    table_.hold_until_end(pending_);
    executed_.waiting = static_cast<std::int64_t>(pending_.size());
    return std::move(executed_);
  }

 private:
  // Returns what has to be planned once more.
  std::vector<Task> attempt_all(std::vector<Task>& tasks, bool first) {
    const auto [rows, left] = lock(tasks, first);
    if (!left.empty()) leave(tasks, {left.begin(), left.end()});
    if (!rows.empty() || !first) refresh(tasks);
    const auto written = read_written(rows);
    std::vector<core::Change> changes;
    std::vector<std::size_t> owners;  // whose change it is
    std::vector<std::vector<std::string>> notes;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      if (auto change = decide(tasks[i], rows, written)) {
        changes.push_back(std::move(*change));
        owners.push_back(i);
        notes.push_back(notes_of(tasks[i]));
      }
    }
    std::unordered_map<core::Guid, store::RefusedChange> refused;
    for (auto& one : table_.write(changes, notes, left_over_ == LeftOver::settle)) {
      refused.emplace(one.object_id, std::move(one));
    }
    std::vector<Task> again;
    for (std::size_t c = 0; c < changes.size(); ++c) {
      auto& task = tasks[owners[c]];
      const auto refusal = refused.find(task.identity.object_id);
      if (refusal == refused.end()) {
        count(task, changes[c], notes[c]);
      } else {
        refuse(task, refusal->second, again);
      }
    }
    return again;
  }

  // Rows of others.
  void leave(std::vector<Task>& tasks, const std::unordered_set<core::Guid>& left) {
    for (auto& task : tasks) {
      if (left.contains(task.identity.object_id)) leave(task);
    }
    std::erase_if(tasks, [&](const Task& task) { return left.contains(task.identity.object_id); });
  }
  void leave(Task& task) {
    if (left_over_ == LeftOver::hand_back) {
      executed_.left_over.push_back(std::move(task));
      return;
    }
    ++executed_.locked;
    if (task.verdict == Verdict::approved) executed_.unapplied.push_back(task.identity.object_id);
    executed_.rejections.push_back(
        {.object_id = task.identity.object_id,
         .place = "",
         .reason = row_locked,
         .detail = "somebody else held the row until the end of the run: the next run tries again",
         .domainname = task.identity.profile[core::Attribute::user_principal_name]});
    task.verdict == Verdict::held ? executed_.counters.count_held() : executed_.counters.count_rejected();
  }

  static std::vector<std::string> notes_of(const Task& task) {
    switch (task.verdict) {
      case Verdict::held:
        return {"held"};
      case Verdict::approved:
        return {"approved"};
      case Verdict::open:
      case Verdict::released:
        break;
    }
    return {};
  }

  void refresh(std::vector<Task>& tasks) {
    std::vector<core::Identity*> identities;
    identities.reserve(tasks.size());
    for (auto& task : tasks) identities.push_back(&task.identity);
    mirror_.refresh(identities);
  }

  store::LockedRows lock(const std::vector<Task>& tasks, bool first) {
    std::vector<core::Guid> ids;
    for (const auto& task : tasks) {
      if (task.has_row || !first) ids.push_back(task.identity.object_id);
    }
    return ids.empty() ? store::LockedRows{} : table_.lock_rows(ids);
  }

  store::WrittenById read_written(const store::RowsById& rows) {
    if (!remembers_writes(environment_.mapping)) return {};
    std::vector<core::Guid> ids;
    for (const auto& [object_id, row] : rows) ids.push_back(row.systemuserid);
    return table_.read_written(ids);
  }

  std::optional<core::Change> decide(const Task& task, const store::RowsById& rows, const store::WrittenById& written) {
    const auto found = rows.find(task.identity.object_id);
    const auto* row = found == rows.end() ? nullptr : &found->second;
    auto planned = plan_with(environment_, task.options, task.identity, row, written);
    if (on_planned_) on_planned_(task.identity.object_id, planned, row);
    if (planned.missing) executed_.missing.push_back(*planned.missing);
    if (planned.rejection) executed_.rejections.push_back(listed(task.identity, *planned.rejection));
    if (planned.change && planned.change->guarded && task.verdict == Verdict::open) {
      const auto& change = *planned.change;
      pending_.push_back(
          {change.object_id, *change.guarded, change.action, change.reason, change.after[core::Column::domainname]});
      return std::nullopt;  // counted at the end of the run
    }
    if (planned.change) {
      if (!planned.written.empty()) to_remember_.emplace(task.identity.object_id, std::move(planned.written));
      return std::move(planned.change);
    }
    for (auto& column : planned.written) remembered_.push_back({row->systemuserid, std::move(column)});
    if (task.verdict == Verdict::held) {
      executed_.counters.count_held();
    } else {
      executed_.counters.count_quiet(planned, row != nullptr);
    }
    return std::nullopt;
  }

  void count(const Task& task, const core::Change& change, const std::vector<std::string>& notes) {
    if (task.verdict == Verdict::held) {
      executed_.counters.count_held();
    } else {
      executed_.counters.count_change(change.action);
    }
    if (task.verdict == Verdict::released && change.guarded) {
      ++executed_.passed[static_cast<std::size_t>(*change.guarded)];
    }
    if (change.action == core::Decision::create || change.columns.contains(core::Column::domainname)) {
      executed_.renamed.push_back(change.after.systemuserid);
    }
    const auto written = to_remember_.find(change.object_id);
    if (written != to_remember_.end()) {
      for (auto& column : written->second) remembered_.push_back({change.after.systemuserid, std::move(column)});
    }
    on_change_(change, notes);
  }

  // The table does not take the row.
  void refuse(Task& task, const store::RefusedChange& refusal, std::vector<Task>& again) {
    using Why = store::RefusedChange::Why;
    to_remember_.erase(task.identity.object_id);
    if (refusal.why == Why::blocked || (refusal.why == Why::taken && left_over_ == LeftOver::hand_back)) {
      leave(task);
    } else if (refusal.why == Why::exists_now) {
      again.push_back(std::move(task));
    } else if (task.identity.defect.empty()) {
      // What a rejection still allows (D9: a disable, azurestate) is tried once more.
      task.identity.defect = refusal.detail;
      task.has_row = true;
      again.push_back(std::move(task));
    } else {
      executed_.counters.count_rejected();  // nothing of it can be written
    }
  }

  store::RowWriter& table_;
  const core::Environment& environment_;
  FreshIdentities& mirror_;
  const OnChange& on_change_;
  LeftOver left_over_;
  const OnPlanned& on_planned_;
  Executed executed_;
  std::vector<store::PendingChange> pending_;
  std::vector<store::Remembered> remembered_;
  std::unordered_map<core::Guid, std::vector<core::WrittenColumn>> to_remember_;
};

}  // namespace

Task guarded_task(const core::Guid& object_id, core::GuardClass guard_class, core::GuardStanding standing,
                  const core::GuardLedger& ledger, core::Trigger trigger) {
  const bool hold = ledger.holds(guard_class, standing);
  Task task{.identity = {},
            .options = {.trigger = trigger,
                        .guard_admissions = guard_class == core::GuardClass::admitted,
                        .withhold_transition = hold},
            .has_row = true,
            .verdict = standing == core::GuardStanding::approved ? Verdict::approved
                       : hold                                    ? Verdict::held
                                                                 : Verdict::released};
  task.identity.object_id = object_id;
  return task;
}

Executed execute(store::RowWriter& table, const core::Environment& environment, std::vector<Task> tasks,
                 FreshIdentities& mirror, const OnChange& on_change, LeftOver left_over, const OnPlanned& on_planned) {
  return Execution(table, environment, mirror, on_change, left_over, on_planned).run(std::move(tasks));
}

}  // namespace dvsync::sync
