#pragma once
// The groups and administrator roles of one pull.

#include <array>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "source/graph/delta.hpp"
#include "source/graph/groups.hpp"
#include "source/graph/queries.hpp"
#include "source/graph/session.hpp"

namespace dvsync::source::graph {

// The members of one administrator role. Read anew by every run: roles have no delta worth its price.
class RoleReader {
 public:
  RoleReader(const Origin& origin, const Queries& queries, const AdministratorRole& role);

  [[nodiscard]] bool done() const { return done_ || listing_.done(); }
  [[nodiscard]] const std::string& next() const { return listing_.next(); }

  // Takes the answer to next() and adds the role's members to `page`. Throws SourceError.
  void accept(const GraphAnswer& answer, Page& page, std::vector<std::string>& warnings);

  [[nodiscard]] RoleName name() const { return role_->name; }
  [[nodiscard]] Completeness coverage() const { return coverage_; }

 private:
  void take_member(const boost::json::value& item, Page& page, std::vector<std::string>& warnings);

  const AdministratorRole* role_;
  ListingReader listing_;
  bool done_ = false;
  Completeness coverage_ = Completeness::complete;
};

// Groups and roles of one pull, side by side in batches.
class MembershipReader {
 public:
  MembershipReader(Session& session, const PullRequest& request);

  [[nodiscard]] bool done() const;
  // One batch, added to `page`.
  void read(Page& page, const std::stop_token& stop);

  // Once done: groups, roles, warnings and the cursor of the groups.
  void report(PullEnd& end) const;

 private:
  void continue_from(const Cursor& cursor);
  void read_from_scratch(const std::set<core::Guid>& ids);
  void split_refused();
  [[nodiscard]] GroupCompleteness coverage(const std::string& name, const core::Guid& id) const;

  Session& session_;
  std::vector<std::string> names_;  // as the request has them
  bool nested_groups_;
  bool may_drop_links_;
  std::set<core::Guid> wanted_;  // named, or found nested
  std::set<core::Guid> opened_;  // belongs to one of groups_
  std::deque<GroupReader> groups_;
  std::vector<RoleReader> roles_;
  std::vector<std::string> warnings_;
};

}  // namespace dvsync::source::graph
