#pragma once
// What a row's user may reach, in tables beside systemuser: security roles and group teams (docs/rules.md, Access:
// roles, teams and records). Either is null where the environment does not have dvsync look after it: then it is
// neither read nor written.

#include <memory>
#include <vector>

#include "dvsync/store/group_teams.hpp"
#include "dvsync/store/security_roles.hpp"

namespace dvsync::store {

// What was read for all rows at once, for a run that looks at (nearly) everybody. Either is null where it was not.
struct AccessOfAll {
  std::shared_ptr<const RolesOfRows> roles = {};
  std::shared_ptr<const TeamsOfRows> teams = {};
};

struct Access {
  std::shared_ptr<const SecurityRoles> roles = {};
  std::shared_ptr<const GroupTeams> teams = {};

  [[nodiscard]] AccessOfAll read_all(Connection& environment) const {
    return {.roles = roles ? roles->read_all(environment) : nullptr,
            .teams = teams ? teams->read_all(environment) : nullptr};
  }
  void read(Connection& environment, const std::vector<core::SystemUser*>& rows, const AccessOfAll& of_all = {}) const {
    if (of_all.roles) {
      SecurityRoles::take(*of_all.roles, rows);
    } else if (roles) {
      roles->read(environment, rows);
    }
    if (of_all.teams) {
      GroupTeams::take(*of_all.teams, rows);
    } else if (teams) {
      teams->read(environment, rows);
    }
  }
  // Within the caller's transaction.
  void write(Connection& environment, const std::vector<core::Change*>& changes) const {
    if (roles) roles->write(environment, changes);
    if (teams) teams->write(environment, changes);
  }
};

}  // namespace dvsync::store
