#pragma once
// The mirror, in memory: folds what an adapter yields as the contract says (source/directory_source.hpp), so that
// rounds of changes can be compared with a fresh full load.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "dvsync/source/directory_source.hpp"

namespace dvsync::source {

class ModelMirror {
 public:
  explicit ModelMirror(PullRequest wishes = {}) : wishes_(std::move(wishes)) {}

  // From scratch, and from the last cursor on.
  PullEnd full(DirectorySource& source);
  PullEnd round(DirectorySource& source);

  // Everything known, as lines: living users with all facts, then who is in which group and role. Two mirrors of one
  // directory are equal as text, whatever way they came.
  [[nodiscard]] std::string text() const;

  [[nodiscard]] std::size_t users() const;
  [[nodiscard]] std::optional<IdentityRecord> user(const std::string& user_principal_name) const;
  // The user principal names of a group's direct members.
  [[nodiscard]] std::set<std::string> members(
      const std::string& group, MembershipRecord::Relation relation = MembershipRecord::Relation::member) const;
  [[nodiscard]] std::set<std::string> holders(RoleName role) const;

  std::vector<RejectedRecord> rejected;  // of the last pull
  std::size_t pages = 0;                 // of the last pull
  std::size_t largest_page = 0;
  Cursor cursor;

 private:
  using Membership = std::tuple<core::Guid, MembershipRecord::Relation, std::string>;

  PullEnd take(DirectorySource& source, const PullRequest& request);
  void fold(const Page& page);
  void fold(const IdentityRecord& record);
  void conclude(const PullEnd& end);
  [[nodiscard]] std::string resolve(const std::string& reference) const;  // to an object id, where it leads to a user

  PullRequest wishes_;
  std::map<core::Guid, IdentityRecord> users_;
  std::map<Membership, bool> memberships_;  // whether the member is a group
  std::set<std::pair<RoleName, std::string>> roles_;
  std::map<std::string, core::Guid> group_ids_;
  std::set<core::Guid> named_;
  std::set<Membership> named_memberships_;
  std::set<std::pair<RoleName, std::string>> named_roles_;
};

}  // namespace dvsync::source
