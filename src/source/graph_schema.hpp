#pragma once
// What the sync knows of Microsoft Graph's model: names of properties, types of objects and the administrator roles.
// The same for a tenant that is asked and for a saved answer; everything else is passed over.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/source/directory_source.hpp"

namespace dvsync::source {

enum class GraphKey : std::uint8_t {
  other,
  attribute,  // a text of the profile
  odata_type,
  odata_context,
  next_link,   // @odata.nextLink: the list goes on elsewhere
  delta_link,  // @odata.deltaLink: the list ends here
  count,       // @odata.count: how many items the whole list has
  id,
  removed,
  reason,
  members,
  owners,
  expanded_members,  // as $expand writes them
  expanded_owners,
  members_next_link,
  owners_next_link,
  members_count,
  owners_count,
  assigned_plans,
  service_plan_id,
  capability_status,
  business_phones,
  account_enabled,
  user_type,
  deleted_date_time,
  role_template_id,
  value,
  group_only,  // says nothing to the sync, but only groups have it
};

struct GraphProperty {
  std::string_view name;
  GraphKey key = GraphKey::other;
  core::Attribute attribute = core::Attribute::user_principal_name;  // for GraphKey::attribute
  bool user_only = false;                                            // only users have it
};

// Never null: what is not known is GraphKey::other.
[[nodiscard]] const GraphProperty* find_graph_property(std::string_view name);

enum class ObjectKind : std::uint8_t {
  unstated,
  user,
  group,
  role,
  other,    // certainly none of these: devices, applications, contacts
  unknown,  // of a type that is not in our list: it may be derived from user (docs/rules.md D17)
};

struct GraphType {
  ObjectKind kind = ObjectKind::unstated;
  bool agent = false;  // of a user: an agent user
};

// By "#microsoft.graph.user"; the "#" may be missing. Empty: unstated.
[[nodiscard]] GraphType graph_type(std::string_view odata_type);

// By "https://graph.microsoft.com/v1.0/$metadata#users(id)/$delta": what the objects of this answer are.
[[nodiscard]] ObjectKind object_kind_of_context(std::string_view odata_context);

struct AdministratorRole {
  RoleName name;
  std::string_view template_id;
  std::string_view title;
};

// Microsoft Entra built-in roles; their template ids are the same in every tenant:
// https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
inline constexpr std::array administrator_roles{
    AdministratorRole{RoleName::global_administrator, "62e90394-69f5-4237-9190-012177145e10", "Global Administrator"},
    AdministratorRole{RoleName::power_platform_administrator, "11648597-926c-4cf3-9c36-bcebb0ba8dcc",
                      "Power Platform Administrator"},
    AdministratorRole{RoleName::dynamics365_administrator, "44367163-eba1-44c3-98af-f5787879f96a",
                      "Dynamics 365 Administrator"},
};

[[nodiscard]] std::optional<RoleName> administrator_role(const core::Guid& template_id);

}  // namespace dvsync::source
