#pragma once

#include <vector>

#include "dvsync/source/directory_source.hpp"
#include "source/graph/session.hpp"

namespace dvsync::source::graph {

// Credential, permissions, security groups: everything a pull needs, without reading the directory. Never throws
// SourceError.
[[nodiscard]] std::vector<Finding> check_tenant(Session& session, const PullRequest& request);

}  // namespace dvsync::source::graph
