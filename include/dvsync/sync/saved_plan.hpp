#pragma once
// A saved plan: changes that somebody has looked at, to be carried out exactly so, or not at all. It holds what tells
// whether anything moved since; who decides, and who writes, is a run's own planner, guard and executor.

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/sync/engine.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::sync {

// What is planned for one user.
struct SavedChange {
  core::Guid object_id;
  std::string user;  // for messages
  core::Decision action = core::Decision::update;
  core::Reason reason = core::Reason::entitled;
  bool held = false;                         // by the guard: only the rest of the change is written, if there is any
  std::optional<std::uint64_t> row = {};     // digest of the row as it was; nullopt: there was none
  std::optional<std::uint64_t> change = {};  // digest of what is written; nullopt: nothing is
};

struct SavedEnvironment {
  std::string name;
  PlanBasis basis = {};
  std::vector<SavedChange> changes = {};
};

struct SavedPlan {
  std::string hash;  // of its content: under this the log knows it
  std::vector<SavedEnvironment> environments = {};
};

// Of everything that the rules read or write in a row, and of what a change writes.
[[nodiscard]] std::uint64_t digest_of(const core::SystemUser& row);
[[nodiscard]] std::uint64_t digest_of(const core::Change& change);

// The mirror, the configuration, a row or a decision is not as the plan has it: nothing was written.
class PlanRefused : public Error {
 public:
  using Error::Error;
};

// Carries the plan out, each environment in one transaction, after all of them were looked at. Environments in which
// this plan was carried out before are left alone, and the report's note says so. `request`: who asks, whether to wait.
// Throws PlanRefused, Busy, StoreError of the mirror, and Interrupted before it began; what fails after the first
// environment was written is in the report.
[[nodiscard]] RunReport apply(const config::Configuration& configuration, const SavedPlan& plan,
                              const RunRequest& request, Observer& observer, std::stop_token stop);

}  // namespace dvsync::sync
