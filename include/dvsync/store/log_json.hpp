#pragma once
// The sync log as JSON: what `dvsync log --json` prints and what the archive keeps (docs/commands.md, JSON).

#include <boost/json.hpp>

#include "dvsync/core/counters.hpp"
#include "dvsync/store/log_reader.hpp"

namespace dvsync::store {

[[nodiscard]] boost::json::object json_of(const core::Counters& counters);
[[nodiscard]] boost::json::object json_of(const LoggedRun& run);
[[nodiscard]] boost::json::object json_of(const LoggedChange& change);
[[nodiscard]] boost::json::object json_of(const LoggedHold& hold);
[[nodiscard]] boost::json::object json_of(const LoggedRejection& rejection);
[[nodiscard]] boost::json::object json_of(const LoggedRequest& request);

}  // namespace dvsync::store
