#pragma once
// What a row's user may reach, in tables beside systemuser: security roles and group teams (docs/rules.md, Access:
// roles, teams and records). Either is null where the environment does not have dvsync look after it: then it is
// neither read nor written.

#include <memory>
#include <vector>

#include "dvsync/store/group_teams.hpp"
#include "dvsync/store/security_roles.hpp"

namespace dvsync::store {

struct Access {
  std::shared_ptr<const SecurityRoles> roles = {};
  std::shared_ptr<const GroupTeams> teams = {};

  void read(Connection& environment, const std::vector<core::SystemUser*>& rows) const {
    if (roles) roles->read(environment, rows);
    if (teams) teams->read(environment, rows);
  }
  // Within the caller's transaction.
  void write(Connection& environment, const std::vector<core::Change*>& changes) const {
    if (roles) roles->write(environment, changes);
    if (teams) teams->write(environment, changes);
  }
};

}  // namespace dvsync::store
