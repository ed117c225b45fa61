#pragma once
// Items of members and owners collections.

#include <boost/json.hpp>
#include <optional>

#include "dvsync/core/guid.hpp"

namespace dvsync::source::graph {

struct DirectoryReference {
  enum class Kind : std::uint8_t { user, group, other };  // other: devices, applications, contacts
  core::Guid id;
  Kind kind = Kind::user;
  bool removed = false;
};

// nullopt: the item does not say whom it means, so that nothing can be said about the whole collection.
[[nodiscard]] std::optional<DirectoryReference> read_reference(const boost::json::value& item);

}  // namespace dvsync::source::graph
