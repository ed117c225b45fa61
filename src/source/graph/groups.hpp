#pragma once
// The groups of a pull: their members and owners.

#include <array>
#include <boost/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/source/directory_source.hpp"
#include "source/graph/delta.hpp"
#include "source/graph/queries.hpp"
#include "source/graph_schema.hpp"

namespace dvsync::source::graph {

// An item of a list of members or owners.
struct DirectoryReference {
  core::Guid id;
  ObjectKind kind = ObjectKind::user;
  bool removed = false;

  [[nodiscard]] bool may_be_user() const { return kind == ObjectKind::user || kind == ObjectKind::unknown; }
};

// nullopt: the item does not say whom it means, so that nothing can be said about the whole collection.
[[nodiscard]] std::optional<DirectoryReference> read_reference(const boost::json::value& item);

// How the delta links of group queries lie in the cursor. The key says which groups the mirror knows up to this link;
// a group that is not in a key is read from scratch. So a group that vanished or is no longer named leaves the key,
// while the link, which cannot be split, stays for the others.
struct GroupCursor {
  std::vector<core::Guid> ids;
  std::string link;     // empty: known to be nested in another, but never read yet
  bool nested = false;  // read with the groups in it
};

[[nodiscard]] std::vector<GroupCursor> group_cursors(const Cursor& cursor);
[[nodiscard]] std::pair<std::string, std::string> cursor_entry(const GroupCursor& group_cursor);

// What a pull learnt about one group.
struct GroupKnowledge {
  Completeness coverage = Completeness::unreadable;
  std::string detail = "it was not read";
  bool try_again = false;  // it may well be there
  bool gone = false;       // it is certainly not
};

// One delta query over up to fifty groups: their members and owners.
class GroupReader {
 public:
  // `cursor.link` empty: from scratch.
  GroupReader(const Origin& origin, const Queries& queries, GroupCursor cursor, bool may_drop_link);

  [[nodiscard]] bool done() const { return refused() || query_.done(); }
  [[nodiscard]] bool refused() const { return !refusal_.empty(); }
  // Refused as a whole, although only one of its groups may be the cause.
  [[nodiscard]] bool worth_splitting() const { return refused() && !denied_ && cursor_.ids.size() > 1; }
  [[nodiscard]] const std::string& next() const { return query_.next(); }

  // Takes the answer to next(); adds memberships to `page` and groups found nested to `nested`. Throws SourceError.
  void accept(const GraphAnswer& answer, Page& page, std::set<core::Guid>& nested);

  // Once done: what is known about each of its groups now, and where the next pull goes on with the readable ones
  // (`ids` may be empty: nowhere).
  [[nodiscard]] const std::vector<core::Guid>& ids() const { return cursor_.ids; }
  [[nodiscard]] GroupKnowledge knowledge(const core::Guid& id) const;
  [[nodiscard]] GroupCursor cursor() const;
  // Nested groups that the next pull must try again, because no other group will mention them.
  [[nodiscard]] GroupCursor unread() const;

 private:
  using Membership = std::array<std::uint8_t, 18>;  // place in ids, relation and kind, member: a million must fit

  void take_group(const boost::json::value& group, Page& page, std::set<core::Guid>& nested);
  void take_members(std::size_t place, MembershipRecord::Relation relation, const boost::json::value& list, Page& page,
                    std::set<core::Guid>& nested);
  void report_vanished(Page& page);

  GroupCursor cursor_;
  DeltaReader query_;
  std::string refusal_;  // why nothing is known about any of them
  bool denied_ = false;
  std::set<core::Guid> found_;
  std::set<core::Guid> gone_;
  std::set<core::Guid> garbled_;
  SeenSet<Membership> seen_;
};

}  // namespace dvsync::source::graph
