#pragma once
// YAML text to its one document. What is not YAML, or not one mapping, is reported with its position.

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string_view>

#include "report.hpp"

namespace dvsync::config {

[[nodiscard]] Position position_of(const YAML::Mark& mark);

// nullopt: nothing can be read from it, and the report says why.
[[nodiscard]] std::optional<YAML::Node> read_document(std::string_view text, Report& report);

}  // namespace dvsync::config
