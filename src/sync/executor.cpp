#include "executor.hpp"

#include <algorithm>

namespace dvsync::sync {
namespace {

constexpr int most_attempts = 5;  // a key conflict is planned again; more than this is not a conflict but a fault

class Execution {
 public:
  Execution(store::Batch& batch, const core::Environment& environment, IdentityRefresher& mirror,
            const std::vector<std::string>& notes, const OnChange& on_change, const OnPlanned& on_planned)
      : batch_(batch),
        environment_(environment),
        mirror_(mirror),
        notes_(notes),
        on_change_(on_change),
        on_planned_(on_planned) {}

  Executed run(std::vector<Task> tasks) {
    for (int attempt = 1; !tasks.empty(); ++attempt) {
      if (attempt > most_attempts) {
        throw StoreError(StoreError::Kind::unavailable, "rows of " + batch_.connection().place() +
                                                            " change faster than they can be planned: try again");
      }
      tasks = attempt_all(tasks, attempt == 1);
    }
    batch_.remember(remembered_);
    batch_.hold_until_end(pending_);
    return std::move(executed_);
  }

 private:
  // Returns what has to be planned once more.
  std::vector<Task> attempt_all(std::vector<Task>& tasks, bool first) {
    const auto rows = lock(tasks, first);
    if (!rows.empty() || !first) refresh(tasks);
    const auto written = read_written(rows);
    std::vector<core::Change> changes;
    std::vector<std::size_t> owners;  // whose change it is
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      if (auto change = decide(tasks[i], rows, written)) {
        changes.push_back(std::move(*change));
        owners.push_back(i);
      }
    }
    const auto refused = batch_.write(changes, notes_);
    std::vector<Task> again;
    for (std::size_t c = 0; c < changes.size(); ++c) {
      auto& task = tasks[owners[c]];
      const auto refusal = std::find_if(refused.begin(), refused.end(),
                                        [&](const auto& r) { return r.object_id == task.identity.object_id; });
      if (refusal == refused.end()) {
        count(task, changes[c]);
      } else if (refusal->exists_now) {
        again.push_back(std::move(task));
      } else if (!refuse(task, *refusal, again)) {
        executed_.counters.count_rejected();
      }
    }
    return again;
  }

  void refresh(std::vector<Task>& tasks) {
    std::vector<core::Identity*> identities;
    identities.reserve(tasks.size());
    for (auto& task : tasks) identities.push_back(&task.identity);
    mirror_.refresh(identities);
  }

  store::RowsById lock(const std::vector<Task>& tasks, bool first) {
    std::vector<core::Guid> ids;
    for (const auto& task : tasks) {
      if (task.has_row || !first) ids.push_back(task.identity.object_id);
    }
    return ids.empty() ? store::RowsById{} : batch_.lock_rows(ids);
  }

  store::WrittenById read_written(const store::RowsById& rows) {
    if (!remembers_writes(environment_.mapping)) return {};
    std::vector<core::Guid> ids;
    for (const auto& [object_id, row] : rows) ids.push_back(row.systemuserid);
    return store::read_written(batch_.connection(), ids);
  }

  std::optional<core::Change> decide(const Task& task, const store::RowsById& rows, const store::WrittenById& written) {
    const auto found = rows.find(task.identity.object_id);
    const auto* row = found == rows.end() ? nullptr : &found->second;
    auto planned = plan_with(environment_, task.options, task.identity, row, written);
    if (on_planned_) on_planned_(task.identity.object_id, planned, row);
    if (planned.missing) executed_.missing.push_back(*planned.missing);
    if (planned.rejection) executed_.rejections.push_back(listed(task.identity, *planned.rejection));
    if (planned.change && planned.change->guarded && !task.final) {
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
    if (task.held) {
      executed_.counters.count_held();
    } else {
      executed_.counters.count_quiet(planned, row != nullptr);
    }
    return std::nullopt;
  }

  void count(const Task& task, const core::Change& change) {
    if (task.held) {
      executed_.counters.count_held();
    } else {
      executed_.counters.count_change(change.action);
    }
    if (task.final && change.guarded) ++executed_.passed[static_cast<std::size_t>(*change.guarded)];
    const auto written = to_remember_.find(change.object_id);
    if (written != to_remember_.end()) {
      for (auto& column : written->second) remembered_.push_back({change.after.systemuserid, std::move(column)});
    }
    on_change_(change, notes_);
  }

  // The table does not take the row. What a rejection still allows (D9: a disable, azurestate) is tried once more.
  // False: nothing of it could be written.
  bool refuse(Task& task, const store::Refused& refusal, std::vector<Task>& again) {
    to_remember_.erase(task.identity.object_id);
    if (task.identity.defect.empty()) {
      task.identity.defect = refusal.detail;
      task.has_row = true;
      again.push_back(std::move(task));
      return true;
    }
    return false;
  }

  store::Batch& batch_;
  const core::Environment& environment_;
  IdentityRefresher& mirror_;
  const std::vector<std::string>& notes_;
  const OnChange& on_change_;
  const OnPlanned& on_planned_;
  Executed executed_;
  std::vector<store::PendingChange> pending_;
  std::vector<store::Remembered> remembered_;
  std::unordered_map<core::Guid, std::vector<core::WrittenColumn>> to_remember_;
};

}  // namespace

Executed execute(store::Batch& batch, const core::Environment& environment, std::vector<Task> tasks,
                 IdentityRefresher& mirror, const std::vector<std::string>& notes, const OnChange& on_change,
                 const OnPlanned& on_planned) {
  return Execution(batch, environment, mirror, notes, on_change, on_planned).run(std::move(tasks));
}

}  // namespace dvsync::sync
