#pragma once
// One delta query over up to fifty groups: their members and owners.

#include <array>
#include <set>
#include <string>
#include <vector>

#include "source/graph/delta_query.hpp"
#include "source/graph/group_cursor.hpp"
#include "source/graph/named.hpp"
#include "source/graph/queries.hpp"

namespace dvsync::source::graph {

// What a pull learnt about one group.
struct GroupKnowledge {
  Coverage coverage = Coverage::unreadable;
  std::string detail = "it was not read";
  bool try_again = false;  // it may well be there
};

class GroupRead {
 public:
  // `cursor.link` empty: from scratch.
  GroupRead(const Origin& origin, const Queries& queries, GroupCursor cursor);

  [[nodiscard]] bool done() const { return refused_ || query_.done(); }
  [[nodiscard]] const std::string& next() const { return query_.next(); }

  // Takes the answer to next(); adds memberships to `page` and groups found nested to `nested`. Throws SourceError.
  void accept(const Answer& answer, Page& page, std::set<core::Guid>& nested);

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
  DeltaQuery query_;
  bool refused_ = false;
  std::string refusal_;
  std::set<core::Guid> found_;
  std::set<core::Guid> gone_;
  std::set<core::Guid> garbled_;
  Named<Membership> named_;
};

}  // namespace dvsync::source::graph
