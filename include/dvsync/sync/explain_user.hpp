#pragma once
// One user in one environment, looked at without touching anything: what `explain` tells.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/store/security_roles.hpp"
#include "dvsync/store/user_history.hpp"
#include "dvsync/sync/on_demand.hpp"
#include "dvsync/sync/resolution.hpp"
#include "dvsync/sync/spare_sessions.hpp"

namespace dvsync::sync {

struct Explanation {
  std::string environment;
  core::Environment rules;
  std::optional<std::string> security_group;
  std::string group_detail;  // why the group cannot be read
  core::Identity identity;
  bool in_mirror = false;
  std::optional<core::SystemUser> row;
  std::optional<store::HeldRoles> held_roles;  // nullopt: no row, or roles cannot be read
  core::Planned planned;
  std::optional<store::HeldDecision> held;
  std::string rejected;                    // why the identity's own record, or its row, cannot be used
  std::vector<store::PastChange> history;  // the latest few, newest first
  std::optional<core::Timestamp> pulled_at;
  // A run in between does not look at this user: neither the identity nor the row moved as far as anybody noted.
  std::optional<std::chrono::seconds> waits_for_full;  // how often everybody is looked at
  std::vector<core::Guid> plans;                       // service plans the directory states
};

// From the mirror and the row as they are, with spare sessions where there are; the mirror's is given back. Throws
// StoreError.
[[nodiscard]] Explanation explain(const config::Configuration& configuration, const config::Environment& environment,
                                  const core::Guid& object_id, core::Trigger trigger, SpareSessions& spare);

// The same after asking the directory about this user, where it can be asked; nothing is written, not even to the
// mirror. `refused`: whom nobody could be found for. Throws StoreError, SourceError.
struct Diagnosis {
  bool asked = false;  // the directory itself answered
  Resolved refused;    // of a user who is nobody: why
  std::optional<Explanation> explanation;
  std::optional<RequestOutcome> placeholder;  // whom the word means instead, where the directory has nobody
};
[[nodiscard]] Diagnosis examine_afresh(const config::Configuration& configuration,
                                       const config::Environment& environment, source::DirectorySource& source,
                                       const source::UserReference& user, core::Trigger trigger,
                                       const std::stop_token& stop);

}  // namespace dvsync::sync
