#pragma once
// Why a user is as it is in one environment: every gate, every fact, every field.

#include <string>

#include "dvsync/config/configuration.hpp"
#include "dvsync/sync/explain_user.hpp"
#include "dvsync/sync/gate_facts.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

// "Basic User, Salesperson through a team"; "none".
[[nodiscard]] std::string roles_in_words(const store::HeldRoles& roles);

[[nodiscard]] std::string explanation_of(const sync::Explanation& explanation, core::Trigger trigger,
                                         const config::Licenses& licenses, const Paint& paint);

using sync::name_of;

}  // namespace dvsync::cli
