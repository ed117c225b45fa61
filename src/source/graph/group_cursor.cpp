#include "source/graph/group_cursor.hpp"

#include <string_view>

namespace dvsync::source::graph {
namespace {

constexpr std::string_view plain_prefix = "groups:";
constexpr std::string_view nested_prefix = "nested-groups:";
constexpr std::size_t id_length = 36;

std::vector<core::Guid> ids_in(std::string_view list) {
  std::vector<core::Guid> ids;
  while (list.size() >= id_length) {
    if (const auto id = core::parse_guid(list.substr(0, id_length))) {
      ids.push_back(*id);
    }
    list.remove_prefix(std::min(list.size(), id_length + 1));
  }
  return ids;
}

}  // namespace

std::vector<GroupCursor> group_cursors(const Cursor& cursor) {
  std::vector<GroupCursor> found;
  for (const auto& [key, link] : cursor) {
    const std::string_view name(key);
    const bool nested = name.starts_with(nested_prefix);
    if (nested || name.starts_with(plain_prefix)) {
      const std::size_t prefix = nested ? nested_prefix.size() : plain_prefix.size();
      found.push_back({.ids = ids_in(name.substr(prefix)), .link = link, .nested = nested});
    }
  }
  return found;
}

std::pair<std::string, std::string> cursor_entry(const GroupCursor& group_cursor) {
  std::string key(group_cursor.nested ? nested_prefix : plain_prefix);
  for (const core::Guid& id : group_cursor.ids) {
    key += core::to_string(id) + ",";
  }
  key.pop_back();
  return {std::move(key), group_cursor.link};
}

}  // namespace dvsync::source::graph
