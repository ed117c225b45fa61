#pragma once
// The data behind product_plans.hpp: facts, no logic.

#include <span>
#include <string_view>

namespace dvsync::source::file {

struct NamedPlan {
  std::string_view name;  // Microsoft's service plan name
  std::string_view id;
};

struct Product {
  std::string_view display_name;
  std::string_view plans;  // names of plans, with blanks between them
};

[[nodiscard]] std::span<const NamedPlan> named_plans();
[[nodiscard]] std::span<const Product> products_with_plans();
// Starts of display names.
[[nodiscard]] std::span<const std::string_view> families_without_plans();

}  // namespace dvsync::source::file
