#pragma once
// Microsoft Entra ID, read through Microsoft Graph v1.0: delta queries for users and groups, role members each run.
// docs/entra.md says how to register the application.

#include <memory>

#include "dvsync/config/configuration.hpp"
#include "dvsync/source/directory_source.hpp"

namespace dvsync::source {

// Connects on first use; every pull has a connection of its own, so look_up() and check() may be called from other
// threads while a pull is under way. The cursor holds one delta link a query. A delta link that Graph no longer takes
// leads to one full round within the same pull. Throttling and passing faults are waited out within a budget a pull;
// beyond it, and for missing rights or a broken protocol, Pull::next() throws SourceError and the cursor of the request
// remains the one to use.
// A wrong secret, certificate or tenant shows in check() and in the first pull. Throws SourceError here only when
// directory.graph_root is not an https URL.
[[nodiscard]] std::unique_ptr<DirectorySource> make_graph_source(const config::GraphDirectory& directory,
                                                                 double max_rejects_percent);

}  // namespace dvsync::source
