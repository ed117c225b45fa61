#pragma once
// Which service plans a product brings, by the display name that the admin centre's export shows.

#include <optional>
#include <string_view>
#include <vector>

#include "dvsync/core/guid.hpp"

namespace dvsync::source::file {

// Ignoring case. Empty: a known product that brings no plan of Dataverse, Dynamics 365 or Power Platform; nullopt: not
// known here. Source: Microsoft's "Product names and service plan identifiers for licensing", January 2026.
[[nodiscard]] std::optional<std::vector<core::Guid>> plans_of_product(std::string_view display_name);

}  // namespace dvsync::source::file
