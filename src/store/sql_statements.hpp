#pragma once

#include <string_view>
#include <vector>

namespace dvsync::store {

// The statements of a file of sql/, in order, each without its semicolon. A sharded database takes one at a time.
// Semicolons in texts, names, bodies and comments part nothing.
std::vector<std::string_view> statements_of(std::string_view file);

}  // namespace dvsync::store
