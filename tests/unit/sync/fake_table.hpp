#pragma once
// An environment's table in memory: rows, a unique index on the user name, rows that somebody else holds, values that
// are refused. It can fail at any call, and forgets then what its transaction did.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "dvsync/error.hpp"
#include "dvsync/store/batch.hpp"
#include "support/builders.hpp"

namespace dvsync::test {

class FakeTable : public store::RowWriter {
 public:
  using Rows = std::map<core::Guid, core::SystemUser>;  // by object id

  Rows rows;
  bool unique_names = false;
  std::set<core::Guid> locked;         // object ids of rows that somebody else holds
  std::set<std::string> refused_jobs;  // job titles that a constraint refuses
  std::map<core::Guid, store::PendingChange> pending;
  std::vector<std::pair<core::Guid, std::vector<std::string>>> log;
  int fails_at = 0;  // the call that fails; 0: none
  int calls = 0;

  store::LockedRows lock_rows(const std::vector<core::Guid>& object_ids) override {
    call();
    store::LockedRows found;
    for (const auto& id : object_ids) {
      if (locked.contains(id)) {
        found.left.push_back(id);
      } else if (const auto row = rows.find(id); row != rows.end()) {
        found.rows.emplace(id, row->second);
      }
    }
    return found;
  }
  store::WrittenById read_written(const std::vector<core::Guid>&) override {
    call();
    return {};
  }
  std::vector<store::RefusedChange> write(std::vector<core::Change>& changes,
                                          const std::vector<std::vector<std::string>>& notes, bool exchange) override {
    call();
    std::vector<store::RefusedChange> refused;
    const auto before = rows;
    if (exchange) {  // nobody's name is in another's way while all are written
      for (const auto& change : changes) {
        const auto row = rows.find(change.object_id);
        if (row != rows.end()) row->second[core::Column::domainname] = core::to_string(row->first);
      }
    }
    for (std::size_t i = 0; i < changes.size(); ++i) {
      auto& change = changes[i];
      if (const auto why = refusal_of(change)) {
        refused.push_back({change.object_id, *why, "refused"});
        if (const auto row = before.find(change.object_id); row != before.end()) rows[change.object_id] = row->second;
        continue;
      }
      if (change.action == core::Decision::create) change.after.systemuserid = guid(5'000'000 + rows.size());
      rows[change.object_id] = change.after;
      log.emplace_back(change.object_id, notes[i]);
    }
    return refused;
  }
  void remember(const std::vector<store::Remembered>&) override { call(); }
  void hold_until_end(const std::vector<store::PendingChange>& changes) override {
    call();
    for (const auto& change : changes) pending[change.object_id] = change;
  }
  const std::string& place() const override { return place_; }

 private:
  void call() {
    if (++calls == fails_at) throw StoreError(StoreError::Kind::unavailable, "the server is gone");
  }
  std::optional<store::RefusedChange::Why> refusal_of(const core::Change& change) const {
    if (change.action == core::Decision::create && rows.contains(change.object_id)) {
      return store::RefusedChange::Why::exists_now;
    }
    const auto& job = change.after[core::Column::jobtitle];
    if (change.columns.contains(core::Column::jobtitle) && job && refused_jobs.contains(*job)) {
      return store::RefusedChange::Why::refused;
    }
    if (!unique_names) return std::nullopt;
    const bool taken = std::any_of(rows.begin(), rows.end(), [&](const auto& other) {
      return other.first != change.object_id &&
             other.second[core::Column::domainname] == change.after[core::Column::domainname];
    });
    return taken ? std::optional(store::RefusedChange::Why::taken) : std::nullopt;
  }

  std::string place_ = "the table in memory";
};

}  // namespace dvsync::test
