#pragma once
// What each gate looked at, in words (docs/rules.md, The gates).

#include <optional>
#include <string>
#include <string_view>

#include "dvsync/config/configuration.hpp"
#include "dvsync/sync/explain_user.hpp"

namespace dvsync::sync {

// "group 3f6b…: direct member: no, owner: no, nested: no"
[[nodiscard]] std::string facts_of(core::Gate gate, const Explanation& explanation, const config::Licenses& licenses);

// What a service plan entitles to here: "full", "on_demand", or nothing.
[[nodiscard]] std::string_view entitlement_of(const core::Guid& plan, const config::Licenses& licenses);
// Microsoft's name of the plan, or its id.
[[nodiscard]] std::string plan_name(const core::Guid& plan);

[[nodiscard]] std::string_view name_of(core::Gate gate);            // "security group"
[[nodiscard]] std::string_view name_of(core::GateOutcome outcome);  // "passed" … "not asked"
// Who this is: the name in the directory, or else in the row.
[[nodiscard]] std::string name_of(const Explanation& explanation);

}  // namespace dvsync::sync
