#pragma once
// One round of answers: what is known, and what is written in one transaction. Private to sync.

#include <chrono>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "dvsync/store/pending.hpp"
#include "dvsync/store/user_run.hpp"
#include "dvsync/sync/executor.hpp"
#include "dvsync/sync/on_demand.hpp"

namespace dvsync::sync {

// What is known of the mirror and the rules; read again when the mirror's version moves.
struct OnDemand::Sight {
  explicit Sight(const config::Configuration& of) : licenses(of.licenses) {}

  const config::Licenses& licenses;
  std::optional<std::string> security_group;
  core::Environment rules;
  std::int64_t rules_hash = 0;
  store::MirrorState state;
  std::optional<store::GroupKnowledge> group;
  std::unique_ptr<store::IdentityView> view;
  std::unordered_map<core::Guid, std::pair<std::string, std::string>> rejected;  // records the last pull could not use
  std::optional<std::chrono::seconds> age;

  void read(store::Connection& mirror);
};

class OnDemand::Round {
 public:
  Round(const config::Safety& safety, const store::WriteSettings& settings, const Sight& sight,
        store::Connection& mirror, store::Connection& session, const Asking& asking);

  std::vector<Answer> run(const std::vector<Resolved>& asked);

 private:
  void look_at(const std::vector<core::Guid>& users);
  void leave_alone(const core::Identity& identity, const core::SystemUser* row);
  void plan(core::Identity& identity, const core::SystemUser* row, const std::vector<core::WrittenColumn>& written);
  void note(const core::Guid& user, const core::Planned& planned, const core::SystemUser* row);
  void note_written(const core::Change& change);

  void write();
  [[nodiscard]] bool guards_admissions();
  void mark_guarded_admissions();
  void leave_held_rows();
  void execute_some(store::Batch& batch, std::vector<Task> tasks, const std::vector<std::string>& notes, bool counts);
  void consult_guard(store::Batch& batch);
  [[nodiscard]] std::array<bool, core::guard_class_count> count_for_guard();
  void note_refused();
  void log(store::Batch& batch);

  const config::Safety& safety_;
  const store::WriteSettings& settings_;
  const Sight& sight_;
  store::Connection& mirror_;
  store::Connection& session_;
  const Asking& asking_;
  core::Environment rules_;
  Freshness freshness_;
  std::unordered_map<core::Guid, Answer> answers_;
  std::vector<Task> tasks_;
  std::unordered_map<core::Guid, core::GuardClass> guarded_;  // must ask the guard
  std::unordered_set<core::Guid> refused_;                    // planned, and not (yet) written
  std::vector<core::Guid> written_;                           // systemuserids
  store::UserRun run_;
};

}  // namespace dvsync::sync
