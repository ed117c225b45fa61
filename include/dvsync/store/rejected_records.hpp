#pragma once
// Records of the directory that the last pull could not use. The mirror lists them; every environment rejects them.

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/source/directory_source.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

[[nodiscard]] bool has_rejected_records(Connection& mirror);

// Those of these identities; of several of one identity, any.
using RejectedById = std::unordered_map<core::Guid, source::RejectedRecord>;
[[nodiscard]] RejectedById rejected_among(Connection& mirror, const std::vector<core::Guid>& object_ids);

// All of them, or those of one identity; one identity's stand together. In pieces, in a transaction of its own.
void read_rejected_records(Connection& mirror, const std::optional<core::Guid>& only,
                           const std::function<void(const std::vector<source::RejectedRecord>&)>& on_piece);

}  // namespace dvsync::store
