#pragma once
// Small values as JSON, the same in every command.

#include "dvsync/store/json_values.hpp"
#include "dvsync/store/log_json.hpp"
#include "words.hpp"

namespace dvsync::cli {

using store::json_of;  // of runs, changes, counters: as the log has them
using store::json_or_null;
using store::json_text;
using store::json_value;

}  // namespace dvsync::cli
