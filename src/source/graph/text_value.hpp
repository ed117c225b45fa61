#pragma once
// Values that no text column can take (RULES.md D9).

#include <string_view>

namespace dvsync::source::graph {

// "holds NUL", "is not valid UTF-8", or empty: nothing is wrong.
[[nodiscard]] std::string_view defect_of(std::string_view text);

}  // namespace dvsync::source::graph
