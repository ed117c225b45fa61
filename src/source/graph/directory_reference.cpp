#include "source/graph/directory_reference.hpp"

#include "source/graph/json_document.hpp"

namespace dvsync::source::graph {
namespace {

// A collection of one type only may come without @odata.type: then it is a user.
DirectoryReference::Kind kind_of(std::string_view type) {
  if (type.empty() || type == "#microsoft.graph.user") {
    return DirectoryReference::Kind::user;
  }
  return type == "#microsoft.graph.group" ? DirectoryReference::Kind::group : DirectoryReference::Kind::other;
}

}  // namespace

std::optional<DirectoryReference> read_reference(const boost::json::value& item) {
  const DirectoryReference::Kind kind = kind_of(text_at(item, "@odata.type"));
  const auto id = core::parse_guid(text_at(item, "id"));
  if (!id && kind != DirectoryReference::Kind::other) {
    return std::nullopt;
  }
  return DirectoryReference{
      .id = id.value_or(core::Guid{}), .kind = kind, .removed = find(item, "@removed") != nullptr};
}

}  // namespace dvsync::source::graph
