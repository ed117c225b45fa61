#pragma once
// What a run warns about, though nothing stops it. Private to sync.

#include <string>
#include <vector>

#include "dvsync/store/mirror.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::sync {

// Within the run's last transaction. `renamed`: rows to which it gave a user name; nullptr: too many to be listed.
[[nodiscard]] std::vector<std::string> run_warnings(store::Connection& environment, store::Connection& mirror,
                                                    const store::IdentityView& view, std::int64_t run_id,
                                                    const std::vector<core::Guid>* renamed);

// Of these, what does not come of the run's own changes.
[[nodiscard]] std::vector<std::string> standing_warnings(store::Connection& environment, store::Connection& mirror,
                                                         const store::IdentityView& view);

// Two rows have one user name (D10).
[[nodiscard]] std::string collision_warning(const std::string& domainname, const core::Guid& written,
                                            const core::Guid& other);

}  // namespace dvsync::sync
