#pragma once
// The log of what is done beside the runs: requests, and administrators' commands on single users. Such a run has ended
// as soon as it is there: its row is written by the transaction that holds its changes, and added to by the next one.

#include <string>
#include <vector>

#include "dvsync/core/counters.hpp"
#include "dvsync/core/environment.hpp"
#include "dvsync/store/run_log.hpp"

namespace dvsync::store {

struct UserRun {
  std::int64_t run_id = 0;
  core::Trigger trigger = core::Trigger::on_demand;
  std::string requested_by;
  std::int64_t mirror_version = 0;
  std::optional<core::Guid> mirror_mark = {};  // of that version
  bool held = false;                           // the guard holds something of it back
  bool incomplete = false;                     // a fact was missing
  core::Counters counters = {};
  ClassCounts passed{};  // went past the guard
  std::vector<std::string> warnings = {};
};

// Within the caller's transaction, which holds the changes.
void log_user_run(Connection& environment, const UserRun& run);

}  // namespace dvsync::store
