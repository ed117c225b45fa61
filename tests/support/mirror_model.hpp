#pragma once
// What the mirror in PostgreSQL makes of the pages and the end of a pull, in memory: it merges by presence of key,
// replaces what a whole record states, and takes what a complete listing did not name for gone. So rounds of changes
// can be compared with a fresh full load, whatever the directory.

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "dvsync/source/directory_source.hpp"

namespace dvsync::source {

struct ModelUser {
  core::Guid object_id;
  core::Lifecycle lifecycle = core::Lifecycle::present;
  core::Profile profile;
  std::optional<bool> account_enabled;
  std::optional<core::Timestamp> account_expires;
  std::optional<bool> guest;
  std::optional<std::vector<core::Guid>> plans;
  std::optional<std::string> distinguished_name;
  std::optional<std::string> login;
  std::string defect;
  bool operator==(const ModelUser&) const = default;
};

// A group whose members are referred to by object id.
struct ModelGroup {
  bool readable = false;
  std::set<core::Guid> members;
  std::set<core::Guid> nested;
  std::set<core::Guid> owners;
  bool operator==(const ModelGroup&) const = default;
};

class MirrorModel {
 public:
  using Relation = MembershipRecord::Relation;

  explicit MirrorModel(PullRequest wishes = {}) : wishes_(std::move(wishes)) {}

  // A whole pull, from scratch, or on from the last cursor. One that fails leaves nothing behind.
  PullEnd full(DirectorySource& source);
  PullEnd round(DirectorySource& source);

  // The same, for pages that the caller reads.
  void apply(const Page& page);
  void finish(const PullEnd& end);

  // Users who are present; what tombstones remember is not compared.
  [[nodiscard]] std::map<core::Guid, ModelUser> living() const;
  [[nodiscard]] std::size_t users() const { return living().size(); }
  [[nodiscard]] bool knows(const std::string& id) const;
  [[nodiscard]] const ModelUser& identity(const std::string& id) const;
  [[nodiscard]] std::optional<ModelUser> user(const std::string& user_principal_name) const;

  [[nodiscard]] ModelGroup group(const std::string& id) const;
  [[nodiscard]] std::map<core::Guid, ModelGroup> groups() const;
  // The user principal names of a group's direct members; the group as the request named it.
  [[nodiscard]] std::set<std::string> members(const std::string& group, Relation relation = Relation::member) const;

  [[nodiscard]] std::set<core::Guid> role(RoleName role) const;
  [[nodiscard]] std::set<std::string> holders(RoleName role) const;  // user principal names

  // Everything known, as lines: living users with all facts, then who is in which group and role. Two mirrors of one
  // directory are equal as text, whatever way they came.
  [[nodiscard]] std::string text() const;

  Cursor cursor;
  std::vector<RejectedRecord> rejected;  // of the last pull
  std::size_t pages = 0;                 // of the last pull
  std::size_t largest_page = 0;

 private:
  using Membership = std::tuple<core::Guid, Relation, std::string>;  // the group's id, and who

  PullEnd pull(DirectorySource& source, const PullRequest& request);
  void begin();
  void merge(const IdentityRecord& record);
  void take_over(const GroupCompleteness& group);
  void take_over(RoleName role, Completeness completeness);
  // Whom a reference leads to, among those who are present.
  [[nodiscard]] const ModelUser* find(const std::string& reference) const;
  [[nodiscard]] std::string name_of(const std::string& reference) const;

  PullRequest wishes_;
  std::map<core::Guid, ModelUser> users_;
  std::map<Membership, bool> memberships_;  // whether the member is a group
  std::map<core::Guid, bool> readable_;     // groups that are followed
  std::map<std::string, core::Guid> group_ids_;
  std::array<std::set<std::string>, role_name_count> roles_;

  // Of the pull under way:
  bool under_way_ = false;
  std::set<core::Guid> named_;
  std::vector<MembershipRecord> staged_memberships_;
  std::vector<RoleRecord> staged_roles_;
};

}  // namespace dvsync::source
