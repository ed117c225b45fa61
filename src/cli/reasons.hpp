#pragma once
// The reason codes (docs/rules.md) in sentences.

#include <string_view>

#include "dvsync/core/eligibility.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/core/reason.hpp"

namespace dvsync::cli {

// "the account is disabled in the directory": goes behind "because".
[[nodiscard]] std::string_view sentence_of(core::Reason reason);

[[nodiscard]] std::string_view name_of(core::Gate gate);            // "security group"
[[nodiscard]] std::string_view name_of(core::GateOutcome outcome);  // "passed" … "not asked"

}  // namespace dvsync::cli
