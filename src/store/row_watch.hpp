#pragma once
// How it is asked whether rows are watched, alone or beside other things. Private to store.

#include <string>

#include "dvsync/store/touched_rows.hpp"

namespace dvsync::store::row_watch {

[[nodiscard]] std::string columns(const Connection& environment);
inline constexpr int column_count = 2;

[[nodiscard]] RowWatch from(const Rows& rows, int first = 0);

}  // namespace dvsync::store::row_watch
