#pragma once
// Managed identity of an Azure machine, from the instance metadata service (IMDS).

#include <memory>
#include <string>

#include "source/graph/credential.hpp"

namespace dvsync::source::graph {

// `client_id` names a user-assigned identity; empty: the machine's own.
[[nodiscard]] std::unique_ptr<Credential> make_managed_identity(const std::string& imds_root,
                                                                const std::string& graph_root,
                                                                const std::string& client_id);

}  // namespace dvsync::source::graph
