#pragma once
// Security roles that the sync gives and takes (docs/rules.md D18). Only roles that the environment's configuration
// names are looked at; each is a bit, in the order of RoleRules::names. Pure.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dvsync::core {

using RoleSet = std::uint64_t;
inline constexpr std::size_t most_managed_roles = 64;

// Basic User had another name once: both are one role.
inline constexpr std::string_view basic_user = "basic user";
inline constexpr std::string_view basic_user_before = "common data service user";
// Whether both name one role, whatever their case.
[[nodiscard]] bool same_role(std::string_view one, std::string_view other);

// What an environment gives, and to whom.
struct RoleRules {
  std::vector<std::string> names;
  RoleSet everybody = 0;
  RoleSet administrators = 0;  // to whom gate 4 exempts as an administrator
  RoleSet by_license = 0;      // all that any plan maps to
  RoleSet stub = 0;            // to placeholders without any role
  bool takes = true;           // false: nothing is taken, as where `manage` is off
  // What the environment's own tables say.
  RoleSet available = 0;           // to new rows: roles of their business unit
  bool on_disabled_users = false;  // AllowRoleAssignmentOnDisabledUsers
  bool gives = true;               // false: what the organization allows cannot be read

  [[nodiscard]] bool any() const { return !names.empty(); }
};

// Of one row.
struct RowRoles {
  RoleSet held = 0;
  RoleSet given = 0;      // by the sync: what it remembers, whether or not somebody has taken it since
  RoleSet available = 0;  // roles of the row's business unit
  bool operator==(const RowRoles&) const = default;
};

// What decides about the roles of one row.
struct RoleFacts {
  std::optional<RoleSet> by_plans;    // nullopt: the user's plans are not known
  std::optional<bool> administrator;  // nullopt: a role of the directory could not be read
  bool enabled = false;               // the row, once the change is made
  bool lost_licence = false;          // the row is disabled for that
  bool withheld = false;              // the guard holds the user back: nothing is taken
};

// The row's roles once they are in line. A role that somebody else gave is neither taken nor given again; nor is one
// that somebody took from the user although the sync had given it.
[[nodiscard]] RowRoles roles_in_line(const RoleRules& rules, const RoleFacts& facts, const RowRoles& before);

// In the order of the rules.
[[nodiscard]] std::vector<std::string> names_of(const RoleRules& rules, RoleSet roles);

}  // namespace dvsync::core
