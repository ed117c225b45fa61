#pragma once
// Ids of new rows. Private to store.

#include "dvsync/core/guid.hpp"

namespace dvsync::store {

// Random, and ordered by time (UUID version 7, RFC 9562), so that a bulk load fills a key from left to right. Throws
// std::system_error: the system gives no random numbers.
[[nodiscard]] core::Guid new_guid();

}  // namespace dvsync::store
