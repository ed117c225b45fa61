#pragma once

#include <memory>

#include "dvsync/source/directory_source.hpp"
#include "source/graph/session.hpp"

namespace dvsync::source::graph {

// `max_rejects_percent` is enforced on complete listings only: a delta of two users, one of them garbled, must not hold
// back the delta link for good.
[[nodiscard]] std::unique_ptr<Pull> make_pull(Tenant& tenant, const PullRequest& request, double max_rejects_percent);

}  // namespace dvsync::source::graph
