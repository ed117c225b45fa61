#pragma once
// The JSON Schema of dvsync.yaml, for editors: config/dvsync.schema.json is what it prints.

#include <boost/json.hpp>
#include <string>

#include "dvsync/config/outline.hpp"

namespace dvsync::cli {

// Takes and refuses what the program does, as far as a value stands for itself: keys, words, numbers, ids, lengths of
// time.
[[nodiscard]] boost::json::object schema_of(const config::Outline& configuration);
// In lines, for a file.
[[nodiscard]] std::string schema_text(const config::Outline& configuration);

}  // namespace dvsync::cli
