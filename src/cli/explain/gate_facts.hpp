#pragma once
// What each gate looked at, in words (docs/rules.md, The gates).

#include <optional>
#include <string>
#include <string_view>

#include "dvsync/config/configuration.hpp"
#include "dvsync/sync/explain_user.hpp"

namespace dvsync::cli {

// "group 3f6b…: direct member: no, owner: no, nested: no"
[[nodiscard]] std::string facts_of(core::Gate gate, const sync::Explanation& explanation,
                                   const config::Licenses& licenses);

// What a service plan entitles to here: "full", "on_demand", or nothing.
[[nodiscard]] std::string_view entitlement_of(const core::Guid& plan, const config::Licenses& licenses);
// Microsoft's name of the plan, or its id.
[[nodiscard]] std::string plan_name(const core::Guid& plan);

}  // namespace dvsync::cli
