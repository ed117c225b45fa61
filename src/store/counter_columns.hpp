#pragma once
// The counters of sync_run and sync_batch: their columns are named as core::named_counters are, in that order.

#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/counters.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store::counter_columns {

// `form` for each counter, with its name for every `{}`: "seen, created, …" for "{}".
[[nodiscard]] std::string list(std::string_view form = "{}");

// The same, but the first becomes "name = $first::bigint", the next "name = $(first + 1)::bigint", ….
[[nodiscard]] std::string assignments(std::size_t first_parameter);

[[nodiscard]] core::Counters read(const Rows& rows, int row, int first_column);

void append(std::vector<Parameter>& parameters, const core::Counters& counters);

}  // namespace dvsync::store::counter_columns
