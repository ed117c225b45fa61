#pragma once
// Groups and roles of one pull, side by side in batches.

#include <array>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "source/graph/group_read.hpp"
#include "source/graph/role_read.hpp"
#include "source/graph/session.hpp"

namespace dvsync::source::graph {

class MembershipRound {
 public:
  MembershipRound(Session& session, const PullRequest& request);

  [[nodiscard]] bool done() const;
  // One batch, added to `page`.
  void read(Page& page, const std::stop_token& stop);

  // Once done: groups, roles, warnings and the cursor of the groups.
  void report(PullEnd& end) const;

 private:
  void continue_from(const Cursor& cursor);
  void read_from_scratch(const std::set<core::Guid>& ids);
  [[nodiscard]] GroupCoverage coverage(const std::string& name, const core::Guid& id) const;

  Session& session_;
  std::vector<std::string> names_;  // as the request has them
  bool nested_groups_;
  std::set<core::Guid> wanted_;  // named, or found nested
  std::set<core::Guid> opened_;  // belongs to one of groups_
  std::deque<GroupRead> groups_;
  std::vector<RoleRead> roles_;
  std::vector<std::string> warnings_;
};

}  // namespace dvsync::source::graph
