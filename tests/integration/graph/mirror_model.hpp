#pragma once
// What the mirror in PostgreSQL makes of pages and of the end of a pull, in memory: merge by presence of key, replace
// where a record is whole, and take what a complete listing did not name for gone.

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "dvsync/source/directory_source.hpp"

namespace dvsync::source::graph::testing {

struct ModelUser {
  core::Lifecycle lifecycle = core::Lifecycle::present;
  core::Profile profile;
  std::optional<bool> account_enabled;
  std::optional<bool> guest;
  std::optional<std::vector<core::Guid>> plans;
  std::string defect;
  bool operator==(const ModelUser&) const = default;
};

struct ModelGroup {
  bool readable = false;
  std::set<core::Guid> members;
  std::set<core::Guid> nested;
  std::set<core::Guid> owners;
  bool operator==(const ModelGroup&) const = default;
};

class MirrorModel {
 public:
  void apply(const Page& page);
  void finish(const PullEnd& end);

  // Users who are present; what tombstones remember is not compared.
  [[nodiscard]] std::map<core::Guid, ModelUser> living() const;
  [[nodiscard]] const ModelUser& user(const std::string& id) const;
  [[nodiscard]] bool knows(const std::string& id) const;
  [[nodiscard]] const ModelGroup& group(const std::string& id) const;
  [[nodiscard]] const std::map<core::Guid, ModelGroup>& groups() const { return groups_; }
  [[nodiscard]] const std::set<core::Guid>& role(RoleName role) const { return roles_[static_cast<std::size_t>(role)]; }
  [[nodiscard]] const Cursor& cursor() const { return cursor_; }

 private:
  using Reference = std::tuple<MembershipRecord::Relation, bool, core::Guid>;
  void merge(const IdentityRecord& record);
  void take_over(ModelGroup& group, Completeness coverage, const std::map<Reference, bool>& staged);

  std::map<core::Guid, ModelUser> users_;
  std::map<core::Guid, ModelGroup> groups_;
  std::array<std::set<core::Guid>, role_name_count> roles_;
  Cursor cursor_;

  // Of the pull under way:
  std::set<core::Guid> named_;
  std::map<core::Guid, std::map<Reference, bool>> memberships_;
  std::array<std::set<core::Guid>, role_name_count> staged_roles_;
  bool anonymous_reject_ = false;
};

}  // namespace dvsync::source::graph::testing
