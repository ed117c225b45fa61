#pragma once
// Users by their ids: for servers that tell who has changed, but not everything about them.

#include <memory>
#include <vector>

#include "disabled_accounts.hpp"
#include "pull_phase.hpp"

namespace dvsync::source::ldap {

// Who is no longer found is passed over: that is a change after the one that was told, and will be told too.
[[nodiscard]] std::unique_ptr<PullPhase> changed_entries_phase(PullContext& context, std::vector<core::Guid> ids,
                                                               const DisabledAccounts& disabled);

}  // namespace dvsync::source::ldap
