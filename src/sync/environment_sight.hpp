#pragma once
// What a run knows of its environment before it looks at anybody: sessions, standing, view. Private to sync.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/store/run_log.hpp"
#include "dvsync/store/system_users.hpp"
#include "dvsync/sync/environment_run.hpp"
#include "dvsync/sync/rules.hpp"
#include "dvsync/sync/subjects.hpp"

namespace dvsync::sync {

class EnvironmentSight {
 public:
  // Connects to the mirror and the environment, or takes spare sessions of the context, and checks both versions.
  EnvironmentSight(const RunContext& context, const config::Environment& environment);

  [[nodiscard]] std::unique_ptr<store::Connection> connect() const;  // to the environment
  [[nodiscard]] std::unique_ptr<store::Connection> connect_mirror() const;

  // Decides what kind of run this must be, once it is known where the environment stands.
  void judge(const store::EnvironmentState& state);
  [[nodiscard]] std::unique_ptr<Subjects> subjects();

  // What the directory as a whole cannot say: worth telling in runs, too, that looked at nobody it matters for (D7).
  [[nodiscard]] std::vector<core::Reason> standing_gaps() const;

  // Words for facts that are missing, each with the number of users it left undecided.
  [[nodiscard]] std::string describe(core::Reason missing, std::int64_t users) const;

  // Facts of the standing; set by judge().
  bool full = false;
  std::string why_full;
  bool rules_changed = false;
  store::Position target;  // where a whole run moves the environment

  const RunContext& context;
  const config::Environment& environment;
  core::Environment rules;                    // with the tenant's properties
  std::unique_ptr<store::Connection> mirror;  // short queries
  std::unique_ptr<store::Connection> main;    // short queries, the run's first and last transaction
  store::MirrorState mirror_state;
  std::optional<store::GroupKnowledge> group;
  std::unique_ptr<store::IdentityView> view;
  std::vector<core::Guid> rejected_records;  // identities whose own record could not be used in the last pull

 private:
  [[nodiscard]] std::unique_ptr<store::Connection> spare_session(const config::Environment* of) const;
  void open_sessions();
  ReadingSessions reading_sessions();

  std::optional<Since> since_;
  std::unique_ptr<store::Connection> mirror_reading_;
  std::unique_ptr<store::Connection> reading_;
};

}  // namespace dvsync::sync
