#pragma once
// Who administers and who is licensed in a directory that knows neither: the members of configured groups.

#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/source/directory_source.hpp"

namespace dvsync::source {

struct RoleGroup {
  RoleName role = RoleName::global_administrator;
  std::string name;  // a DN, as configured
};
[[nodiscard]] std::vector<RoleGroup> role_groups(const config::LdapPolicy& policy);

// Roles and licences before any group was read: what is configured, and what this kind of directory cannot tell.
void initial_roles(const config::LdapPolicy& policy, PullEnd& end);

}  // namespace dvsync::source
