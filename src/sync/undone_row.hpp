#pragma once
// What an undo makes of one row: it goes back to what the log says, if it is as the run left it. Pure. Private to sync.

#include <optional>
#include <string>

#include "dvsync/core/plan.hpp"
#include "dvsync/store/undo_log.hpp"
#include "dvsync/sync/undo.hpp"

namespace dvsync::sync {

struct BackOrNot {
  std::optional<core::Change> change = {};
  std::string why_not = {};
};
[[nodiscard]] BackOrNot bring_back(const store::PastLine& line, const core::SystemUser& row);

// `again`: what the rules would do to the row once it is brought back. Kept if it takes anything of that back.
void foresee(UndoneRow& row, std::optional<core::Change> again);

}  // namespace dvsync::sync
