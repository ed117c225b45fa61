#pragma once
// How a line of sync_run is read, alone or beside other things. Private to store.

#include <string>

#include "dvsync/store/log_reader.hpp"

namespace dvsync::store::logged_run {

extern const std::string columns;

[[nodiscard]] LoggedRun from(const Rows& rows, int row, const std::string& environment, int first = 0);

}  // namespace dvsync::store::logged_run
