#pragma once
// What a directory answered about one user, brought into the mirror beside the pulls.

#include <optional>

#include "dvsync/core/guid.hpp"
#include "dvsync/source/directory_source.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

// Merges the one identity of `answer`, its memberships in the groups that the answer covers, and its roles, within the
// caller's transaction on the mirror's session; the mirror's version moves if anything of it did. Nothing is learnt
// about other users, nor about what the mirror does not know as a whole (an unreadable group stays one).
//
// `asked_at` is the mirror's version before the directory was asked. False, and nothing is written: the mirror heard of
// this user since, so that the answer may be the older one; ask again.
[[nodiscard]] bool merge_look_up(Connection& mirror, const source::LookUp& answer, const MirrorState& state,
                                 std::int64_t asked_at);

}  // namespace dvsync::store
