#pragma once
// Service plans and products, as far as dvsync knows them by name. The tables are data/service_plans.csv and
// data/products*; they are built into the program. Which plans entitle to Dataverse is published nowhere as a list: the
// first column of service_plans.csv follows docs/rules.md, Licences.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "dvsync/core/guid.hpp"

namespace dvsync::config {

enum class Entitlement : std::uint8_t { full, on_demand, none };

struct ServicePlan {
  core::Guid id;
  std::string_view name;  // Microsoft's
  Entitlement entitlement = Entitlement::none;
};

[[nodiscard]] std::span<const ServicePlan> service_plans();

// The plans that a product brings, by the display name that the admin centre shows, ignoring case. Empty: a known
// product without a plan of Dataverse, Dynamics 365 or Power Platform; nullopt: the tables do not know the product.
[[nodiscard]] std::optional<std::vector<core::Guid>> plans_of_product(std::string_view display_name);

// Every product with its plans, for tests: display names as Microsoft writes them.
[[nodiscard]] std::vector<std::string_view> products_with_plans();

}  // namespace dvsync::config
