#pragma once
// An identity: one user as the directory describes it, with exactly the facts the rules ask for.
// Every fact that can be missing is an optional: nullopt means "not known", never "no" (docs/rules.md D7).

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/group_teams.hpp"
#include "dvsync/core/guid.hpp"
#include "dvsync/core/security_roles.hpp"
#include "dvsync/core/timestamp.hpp"

namespace dvsync::core {

using Text = std::optional<std::string>;  // nullopt: no value

// The profile of a user, in Microsoft Graph's names.
enum class Attribute : std::uint8_t {
  user_principal_name,
  given_name,
  surname,
  display_name,
  mail,
  job_title,
  business_phone,  // the first of businessPhones
  mobile_phone,
  home_phone,
  fax_number,
  street_address,
  city,
  state,
  postal_code,
  country,
};
inline constexpr std::size_t attribute_count = 15;

// "userPrincipalName", "givenName" …
[[nodiscard]] std::string_view name_of(Attribute attribute);

struct Profile {
  std::array<Text, attribute_count> values;

  Text& operator[](Attribute attribute) { return values[static_cast<std::size_t>(attribute)]; }
  const Text& operator[](Attribute attribute) const { return values[static_cast<std::size_t>(attribute)]; }
  bool operator==(const Profile&) const = default;
};

enum class Lifecycle : std::uint8_t {
  present,
  soft_deleted,  // restorable
  gone,          // permanently deleted, or absent from a complete listing or a direct look-up
};

// The administrator roles that the rules know (docs/rules.md, Exemptions).
enum class Role : std::uint8_t { global_administrator, power_platform_administrator, dynamics365_administrator };
inline constexpr std::size_t role_count = 3;
[[nodiscard]] std::string_view name_of(Role role);

// Whether the user holds each role; nullopt: the role's members could not be read. `carried` is false where this kind
// of directory (a CSV or LDIF file without named groups) has no roles at all. Then a row that shows the mark of an
// administrator (setupuser) has unknown roles, and nobody else is an administrator.
struct Roles {
  std::array<std::optional<bool>, role_count> holds{false, false, false};
  bool carried = true;

  [[nodiscard]] std::optional<bool> has(Role role) const { return holds[static_cast<std::size_t>(role)]; }
  bool operator==(const Roles&) const = default;
};

// What the user's service plans are worth by the configured lists (docs/rules.md, Licences).
struct Licence {
  bool full = false;       // holds a plan of the `full` list
  bool on_demand = false;  // holds a plan of the `on_demand` list (free Dataverse plans, per-app plans)
  bool operator==(const Licence&) const = default;
};

// The user's membership in the security group of the environment at hand. Meaningless without such a group.
struct GroupMembership {
  std::optional<bool> direct = false;
  std::optional<bool> owner = false;
  std::optional<bool> nested = false;
  bool operator==(const GroupMembership&) const = default;
};

struct Identity {
  Guid object_id;
  std::optional<Lifecycle> lifecycle = Lifecycle::present;  // nullopt: not in the mirror, and no complete listing
  std::optional<Timestamp> deleted_at;                      // of a soft delete
  std::optional<bool> account_enabled;                      // expiry already folded in; nullopt: never delivered
  bool guest = false;
  bool agent = false;                     // an agent user, not a person (D17)
  std::optional<Licence> licence;         // nullopt: the directory said nothing about plans
  std::optional<RoleSet> plan_roles = 0;  // security roles that the plans map to; nullopt: the plans are not known
  Roles roles;
  GroupMembership group;
  TeamFacts teams;
  Profile profile;
  // A value that no text column can take (NUL, invalid UTF-8), in words and without the value itself (D9); empty: none.
  std::string defect;
};

}  // namespace dvsync::core
