#pragma once
// How the delta links of group queries lie in the cursor. The key says which groups the mirror knows up to this link;
// a group that is not in a key is read from scratch. So a group that vanished or is no longer named leaves the key,
// while the link, which cannot be split, stays for the others.

#include <string>
#include <utility>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/source/directory_source.hpp"

namespace dvsync::source::graph {

struct GroupCursor {
  std::vector<core::Guid> ids;
  std::string link;     // empty: known to be nested in another, but never read yet
  bool nested = false;  // read with the groups in it
};

[[nodiscard]] std::vector<GroupCursor> group_cursors(const Cursor& cursor);
[[nodiscard]] std::pair<std::string, std::string> cursor_entry(const GroupCursor& group_cursor);

}  // namespace dvsync::source::graph
