#pragma once
// Security groups as the mirror has them, for questions about them.

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

// A group that an environment names, or that is nested in one: by its configured name, object id or DN, ignoring case.
[[nodiscard]] std::optional<core::Guid> find_group(Connection& mirror, const std::string& word);
// The groups that environments name, as they are configured.
[[nodiscard]] std::vector<std::string> group_names(Connection& mirror);

// Whoever is in `group` through other groups, but for the ways that lead through `without`.
[[nodiscard]] std::unordered_set<core::Guid> nested_members(Connection& mirror, const core::Guid& group,
                                                            const std::vector<core::Guid>& without);

}  // namespace dvsync::store
