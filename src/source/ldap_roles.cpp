#include "source/ldap_roles.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace dvsync::source {
namespace {

constexpr std::string_view everyone = "everyone";

// The keys of `directory.admin_groups`.
constexpr std::array<std::pair<std::string_view, RoleName>, 3> administrators{{
    {"global", RoleName::global_administrator},
    {"power_platform", RoleName::power_platform_administrator},
    {"dynamics365", RoleName::dynamics365_administrator},
}};

}  // namespace

std::vector<RoleGroup> role_groups(const config::LdapPolicy& policy) {
  std::vector<RoleGroup> groups;
  for (const auto& [key, role] : administrators) {
    const auto configured = policy.admin_groups.find(std::string(key));
    if (configured != policy.admin_groups.end()) groups.push_back({.role = role, .name = configured->second});
  }
  if (policy.licensed != everyone) groups.push_back({.role = RoleName::licensed, .name = policy.licensed});
  return groups;
}

void initial_roles(const config::LdapPolicy& policy, PullEnd& end) {
  end.everybody_licensed = policy.licensed == everyone;
  // With one administrator group named, the roles without a group are held by nobody: that is a fact.
  end.roles.fill(policy.admin_groups.empty() ? Completeness::not_carried : Completeness::complete);
  end.roles[static_cast<std::size_t>(RoleName::licensed)] = Completeness::not_carried;
}

}  // namespace dvsync::source
