#pragma once
// The service plans that dvsync knows by name, and what they entitle to unless the configuration says otherwise.
// Ids and names are Microsoft's ("Product names and service plan identifiers for licensing", copy of January 2026).
// Which plans entitle to Dataverse is published nowhere as a list; what is decided here follows docs/rules.md,
// Licences.

#include <cstdint>
#include <span>
#include <string_view>

namespace dvsync::config {

enum class Entitlement : std::uint8_t { full, on_demand, none };

struct ServicePlan {
  std::string_view id;
  std::string_view name;
  Entitlement entitlement;
};

[[nodiscard]] std::span<const ServicePlan> service_plans();

}  // namespace dvsync::config
