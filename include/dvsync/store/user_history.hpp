#pragma once
// What an environment's log knows of one user.

#include <optional>
#include <string>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

struct PastChange {
  std::int64_t run_id = 0;
  core::Timestamp at;
  std::string action;
  std::string reason;
  std::string fields;  // JSON, empty on a create
};
// The latest few, newest first.
[[nodiscard]] std::vector<PastChange> read_history(Connection& environment, const core::Guid& object_id);

struct HeldDecision {
  std::int64_t run_id = 0;
  core::Timestamp since;
  std::string guard_class;
  bool approved = false;
  std::string declined_by = {};  // who rejected it; empty: nobody
};
[[nodiscard]] std::optional<HeldDecision> read_held_decision(Connection& environment, const core::Guid& object_id);

// "reason: detail" of a listed rejection; empty: there is none.
[[nodiscard]] std::string read_rejection(Connection& environment, const core::Guid& object_id);

}  // namespace dvsync::store
