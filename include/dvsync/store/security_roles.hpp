#pragma once
// Security roles in an environment's own tables, role and systemuserroles, as they stand (docs/rules.md D18).

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dvsync/core/plan.hpp"
#include "dvsync/core/security_roles.hpp"
#include "dvsync/store/postgres/connection.hpp"
#include "dvsync/store/system_users.hpp"

namespace dvsync::store {

// What the tables say of the roles that the configuration names.
struct RoleCatalog {
  core::RoleSet exist = 0;      // in any business unit
  core::RoleSet available = 0;  // in that of new rows
  bool on_disabled_users = false;
  bool across_business_units = false;
  bool settings_known = true;  // false: organization.orgdborgsettings is there, and is no XML
};

class RolesOfRows;

// Reads and writes the managed roles of rows. Throws StoreError schema: a table is not there, or not as it must be.
class SecurityRoles {
 public:
  // `names`: those of core::RoleRules, in their order. `business_unit`: of new rows.
  SecurityRoles(Connection& environment, std::vector<std::string> names, std::optional<core::Guid> business_unit);

  [[nodiscard]] const RoleCatalog& catalog() const { return catalog_; }

  // Sets `roles` of these rows.
  void read(Connection& environment, const std::vector<core::SystemUser*>& rows) const;
  // The roles of all rows as they are now, for a run that looks at (nearly) everybody; null: of too many rows.
  [[nodiscard]] std::shared_ptr<const RolesOfRows> read_all(Connection& environment) const;
  // The same as read(), out of what was read at once.
  static void take(const RolesOfRows& all, const std::vector<core::SystemUser*>& rows);
  // Within the caller's transaction: what differs between before and after.
  void write(Connection& environment, const std::vector<core::Change*>& changes) const;

  // Placeholders behind `after` that have no role at all, at most `most` in the order of systemuserid, with `roles`
  // set. With Lock::yes those that nobody else holds.
  [[nodiscard]] std::vector<core::SystemUser> stubs_without_role(Connection& environment, const core::Guid& after,
                                                                 int most, Lock lock) const;

 private:
  [[nodiscard]] std::string managed(Connection& environment) const;
  [[nodiscard]] bool everywhere() const;               // roles of any business unit will do for any row
  [[nodiscard]] core::RowRoles without_roles() const;  // of a row of the business unit of new rows
  [[nodiscard]] std::string held_and_given(Connection& environment, const std::string& where) const;
  [[nodiscard]] std::string in_other_units(Connection& environment) const;
  void give_to_new_rows(Connection& environment, const std::vector<const core::Change*>& creates) const;
  template <class Lines>
  void assign(Connection& environment, const std::vector<const core::Change*>& creates, Lines held) const;
  [[nodiscard]] std::vector<core::Guid> roles_of_new_row(core::RoleSet roles) const;
  void change_roles(Connection& environment, const std::vector<const core::Change*>& changes) const;
  void take_away(Connection& environment) const;

  std::vector<std::string> names_;
  std::optional<core::Guid> business_unit_;                        // of new rows
  std::vector<std::pair<core::RoleSet, core::Guid>> of_new_rows_;  // each bit's role for them
  bool rows_have_units_ = false;                                   // systemuser has businessunitid
  bool has_ids_ = false;       // systemuserroles has an id of its own, which is ours to give: in the order of time
  bool takes_binary_ = false;  // systemuserroles has ids of type uuid throughout
  RoleCatalog catalog_;
};

// The names of a user's roles: direct ones, and those of teams. nullopt: the tables are not there, or may not be read.
struct HeldRoles {
  std::vector<std::string> direct;
  std::vector<std::string> through_teams;
};
[[nodiscard]] std::optional<HeldRoles> held_roles(Connection& environment, const core::Guid& systemuserid);
// A query of the rows (systemuserid) that have the role System Administrator: by its name, or by the template that a
// renamed one keeps.
extern const char* const system_administrators;
// Whether these tables are in the environment's schema, and may be read.
[[nodiscard]] bool may_read(Connection& environment, std::initializer_list<const char*> tables);

}  // namespace dvsync::store
