#pragma once
// Teams that follow a group of the directory, in an environment's own tables, team and teammembership, as they stand
// (docs/rules.md D19). Other teams are out of reach.

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "dvsync/core/plan.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

struct GroupTeam {
  core::Guid teamid;
  std::string name;
  core::Guid group;  // its object id in the directory
  core::TeamMembers members = core::TeamMembers::members_and_guests;
};

class TeamsOfRows;

// Reads and writes the memberships of rows in these teams.
class GroupTeams {
 public:
  // Throws StoreError schema: the tables are not there, or not as they must be.
  explicit GroupTeams(Connection& environment);

  // In one order as long as nobody adds or deletes one; core::TeamSet holds places in here.
  [[nodiscard]] const std::vector<GroupTeam>& teams() const { return teams_; }
  [[nodiscard]] std::vector<std::string> names() const;

  // Sets `teams` of these rows.
  void read(Connection& environment, const std::vector<core::SystemUser*>& rows) const;
  // The teams of all rows as they are now, for a run that looks at (nearly) everybody; null: of too many rows.
  [[nodiscard]] std::shared_ptr<const TeamsOfRows> read_all(Connection& environment) const;
  // The same as read(), out of what was read at once.
  static void take(const TeamsOfRows& all, const std::vector<core::SystemUser*>& rows);
  // Within the caller's transaction: what differs between before and after.
  void write(Connection& environment, const std::vector<core::Change*>& changes) const;

 private:
  [[nodiscard]] std::string memberships(Connection& environment) const;

  std::vector<GroupTeam> teams_;
  std::unordered_map<core::Guid, std::uint32_t> places_;  // by teamid
  bool needs_ids_ = false;                                // teammembership has an id of its own, without a default
};

}  // namespace dvsync::store
