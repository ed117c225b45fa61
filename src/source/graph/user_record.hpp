#pragma once
// A Graph user object as an identity record (docs/sources.md, Delta queries): an absent key is not stated, null is
// stated and without value. Unknown keys and annotations are ignored.

#include <boost/json.hpp>
#include <string>
#include <variant>

#include "dvsync/source/directory_source.hpp"

namespace dvsync::source::graph {

using UserRecord = std::variant<IdentityRecord, RejectedRecord>;

// `whole`: the object comes from a listing of everything, so that what it does not state is empty. A removed one
// ("@removed", or a deletedDateTime) never is.
[[nodiscard]] UserRecord read_user(const boost::json::value& object, bool whole);

}  // namespace dvsync::source::graph
