#pragma once
// What one run's log says it did to rows, and whether anything was done to them since: for whoever brings them back.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

struct PastRun {
  std::string kind;
  bool ended = false;
  std::int64_t created = 0;
  std::int64_t logged = 0;  // lines it should have: those that retention forgot are fewer
};
[[nodiscard]] std::optional<PastRun> find_run(Connection& environment, std::int64_t run_id);

struct PastLine {
  core::Guid systemuserid;
  core::Guid object_id;
  core::Text domainname;
  std::string action;
  std::string fields;
  std::optional<std::int64_t> later_run = {};  // the last one that changed one of the same fields
  bool undone = false;                         // and that one brought them back
};
// For Chunks: the lines of users, but for creates; of these actions, or of all.
[[nodiscard]] std::string lines_of_run(std::int64_t run_id, const std::vector<std::string>& actions);
[[nodiscard]] PastLine past_line_from(const Rows& rows, int row);

}  // namespace dvsync::store
