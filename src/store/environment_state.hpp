#pragma once
// How sync_state is read, of one environment or of many. Private to store.

#include <string>

#include "dvsync/store/run_log.hpp"

namespace dvsync::store::environment_state {

extern const std::string columns;
inline constexpr int fence = 5;
inline constexpr int column_count = 8;

[[nodiscard]] EnvironmentState from(const Rows& rows, int row, int first = 0);

}  // namespace dvsync::store::environment_state
