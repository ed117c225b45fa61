#pragma once

#include <stop_token>

#include "dvsync/source/directory_source.hpp"
#include "source/graph/session.hpp"

namespace dvsync::source::graph {

// One user with memberships in the requested groups and those known to be nested in them, and with roles. Throws
// SourceError.
[[nodiscard]] LookUp look_up(Session& session, const UserReference& user, const PullRequest& request,
                             const std::stop_token& stop);

}  // namespace dvsync::source::graph
