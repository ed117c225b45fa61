#pragma once
// Who belongs to a group that a person names. Private to sync.

#include <stop_token>
#include <string>
#include <vector>

#include "dvsync/source/directory_source.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::sync {

// The direct members: of the mirror if it carries the group, else the directory is read for it alone. Throws UsageError
// (no such group), SourceError, StoreError, Interrupted.
[[nodiscard]] std::vector<source::UserReference> members_of(const std::string& group, store::Connection& mirror,
                                                            source::DirectorySource& source,
                                                            const std::stop_token& stop);

}  // namespace dvsync::sync
