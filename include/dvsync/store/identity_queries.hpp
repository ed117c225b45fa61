#pragma once
// Identities and rows for an evaluation: queries to be read in pieces, and look-ups by id.

#include <optional>
#include <string>
#include <vector>

#include "dvsync/core/identity.hpp"
#include "dvsync/store/mirror.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

// Where an environment was evaluated last.
struct Watermark {
  std::int64_t watermark = 0;
  core::Timestamp evaluated_at;
};

// For Chunks on the mirror. Into an empty environment the order does not matter, and sorting is most of the work.
[[nodiscard]] std::string all_identities(const IdentityView& view, bool by_object_id);
// Those that changed behind the watermark, or whose account expired since.
[[nodiscard]] std::string changed_identities(const IdentityView& view, const Watermark& since);
// For Chunks on the environment: the rows with an object id, in its order.
[[nodiscard]] std::string linked_rows();
[[nodiscard]] bool has_linked_rows(Connection& environment);
// The object ids of all these rows; of all identities; of those that changed_identities() reads, or, where there are
// more than `most`, of one more than these. Sixteen bytes each.
[[nodiscard]] std::vector<core::Guid> linked_ids(Connection& environment);
[[nodiscard]] std::vector<core::Guid> all_ids(Connection& mirror);
[[nodiscard]] std::vector<core::Guid> changed_ids(Connection& mirror, const Watermark& since,
                                                  std::optional<int> most = std::nullopt);

// Whom an environment with this security group looks at although it may have no row of theirs: members and owners,
// and those through other groups too if `nested`, some of them twice; among them groups, and objects that the mirror
// does not know. Then those whom every such environment looks at (docs/schema.md, identity_apart).
[[nodiscard]] std::vector<core::Guid> ids_around_group(Connection& mirror, const core::Guid& group, bool nested);
[[nodiscard]] std::vector<core::Guid> ids_apart(Connection& mirror);

// Of these, those that changed_identities() does not deliver; in order.
[[nodiscard]] std::vector<core::Guid> unchanged_among(Connection& mirror, const Watermark& since,
                                                      const std::vector<core::Guid>& object_ids);

// Identities by id, as they are now, in the order of the ids. One that the mirror does not know is a stranger; those
// of `only_if_known`, which is sorted, are left out instead.
[[nodiscard]] std::vector<core::Identity> read_identities(Connection& mirror, const IdentityView& view,
                                                          const std::vector<core::Guid>& object_ids,
                                                          const std::vector<core::Guid>& only_if_known = {});

[[nodiscard]] bool knows_identity(Connection& mirror, const core::Guid& object_id);
// The service plans that the directory states of the identity.
[[nodiscard]] std::vector<core::Guid> read_plans(Connection& mirror, const core::Guid& object_id);

// Whoever has an administrator role of the directory; nullopt: it does not tell, or not all.
[[nodiscard]] std::optional<std::vector<core::Guid>> administrators(Connection& mirror);

}  // namespace dvsync::store
