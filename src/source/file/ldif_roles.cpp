#include "source/file/ldif_roles.hpp"

#include <algorithm>
#include <utility>

#include "dvsync/source/distinguished_name.hpp"

namespace dvsync::source::file {
namespace {

constexpr std::array configured_roles{
    std::pair{std::string_view("global"), RoleName::global_administrator},
    std::pair{std::string_view("power_platform"), RoleName::power_platform_administrator},
    std::pair{std::string_view("dynamics365"), RoleName::dynamics365_administrator},
};

}  // namespace

LdifRoles::LdifRoles(const config::LdapPolicy& policy)
    : everybody_licensed_(policy.licensed == "everyone"), names_administrators_(!policy.admin_groups.empty()) {
  const auto add = [&](RoleName role, const std::string& dn) {
    groups_.push_back({.role = role, .dn = fold_distinguished_name(dn), .written = dn, .trouble = {}});
  };
  for (const auto& [name, role] : configured_roles) {
    const auto configured = policy.admin_groups.find(std::string(name));
    if (configured != policy.admin_groups.end()) add(role, configured->second);
  }
  if (!everybody_licensed_) add(RoleName::licensed, policy.licensed);
}

bool LdifRoles::has(std::string_view dn) const {
  return std::ranges::find(groups_, dn, &RoleGroup::dn) != groups_.end();
}

void LdifRoles::saw(std::string_view dn) {
  for (RoleGroup& group : groups_) group.seen = group.seen || group.dn == dn;
}

void LdifRoles::distrust(std::string_view dn, const std::string& why) {
  for (RoleGroup& group : groups_) {
    if (group.dn == dn && group.trouble.empty()) group.trouble = why;
  }
}

void LdifRoles::distrust_all(const std::string& why) {
  for (RoleGroup& group : groups_) {
    if (group.trouble.empty()) group.trouble = why;
  }
}

void LdifRoles::deliver(std::string_view dn, const MemberRef& member, Page& page) const {
  for (const RoleGroup& group : groups_) {
    if (group.dn == dn) page.roles.push_back({.role = group.role, .member = member});
  }
}

void LdifRoles::conclude(PullEnd& end, bool snapshot) const {
  // With one administrator group named, the roles without a group are held by nobody: that is a fact.
  end.roles.fill(names_administrators_ ? Completeness::complete : Completeness::not_carried);
  end.roles[static_cast<std::size_t>(RoleName::licensed)] = Completeness::not_carried;
  end.everybody_licensed = everybody_licensed_;
  for (const RoleGroup& group : groups_) {
    Completeness& coverage = end.roles[static_cast<std::size_t>(group.role)];
    const Completeness of_unseen = snapshot ? Completeness::unreadable : Completeness::changes;
    coverage = group.seen ? Completeness::complete : of_unseen;
    if (!group.trouble.empty()) {
      coverage = Completeness::unreadable;
      end.warnings.push_back("the members of " + group.written + " are unknown: " + group.trouble);
    } else if (coverage == Completeness::unreadable) {
      end.warnings.push_back("the export has no group " + group.written +
                             ": export it too, or correct the configuration");
    }
  }
}

}  // namespace dvsync::source::file
