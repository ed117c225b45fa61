#include "source/graph_schema.hpp"

#include <algorithm>
#include <cstddef>

#include "dvsync/core/text.hpp"

namespace dvsync::source {
namespace {

using core::Attribute;

constexpr GraphProperty text(std::string_view name, Attribute attribute, bool user_only = true) {
  return {name, GraphKey::attribute, attribute, user_only};
}

constexpr GraphProperty special(std::string_view name, GraphKey key, bool user_only = false) {
  return {name, key, Attribute::user_principal_name, user_only};
}

// displayName, mail and the postal address also belong to groups and other objects.
constexpr std::array properties{
    text("userPrincipalName", Attribute::user_principal_name),
    text("givenName", Attribute::given_name),
    text("surname", Attribute::surname),
    text("displayName", Attribute::display_name, false),
    text("mail", Attribute::mail, false),
    text("jobTitle", Attribute::job_title),
    text("mobilePhone", Attribute::mobile_phone),
    text("homePhone", Attribute::home_phone),
    text("faxNumber", Attribute::fax_number),
    text("streetAddress", Attribute::street_address),
    text("city", Attribute::city, false),
    text("state", Attribute::state, false),
    text("postalCode", Attribute::postal_code, false),
    text("country", Attribute::country, false),
    special("@odata.type", GraphKey::odata_type),
    special("@odata.context", GraphKey::odata_context),
    special("@odata.nextLink", GraphKey::next_link),
    special("@odata.deltaLink", GraphKey::delta_link),
    special("@odata.count", GraphKey::count),
    special("id", GraphKey::id),
    special("@removed", GraphKey::removed),
    special("reason", GraphKey::reason),
    special("members@delta", GraphKey::members),
    special("owners@delta", GraphKey::owners),
    special("members", GraphKey::expanded_members),
    special("owners", GraphKey::expanded_owners),
    special("members@odata.nextLink", GraphKey::members_next_link),
    special("members@delta@odata.nextLink", GraphKey::members_next_link),
    special("members@odata.count", GraphKey::members_count),
    special("owners@odata.nextLink", GraphKey::owners_next_link),
    special("owners@delta@odata.nextLink", GraphKey::owners_next_link),
    special("owners@odata.count", GraphKey::owners_count),
    special("assignedPlans", GraphKey::assigned_plans, true),
    special("servicePlanId", GraphKey::service_plan_id),
    special("capabilityStatus", GraphKey::capability_status),
    special("businessPhones", GraphKey::business_phones, true),
    special("accountEnabled", GraphKey::account_enabled, true),
    special("userType", GraphKey::user_type, true),
    special("deletedDateTime", GraphKey::deleted_date_time),
    special("roleTemplateId", GraphKey::role_template_id),
    special("value", GraphKey::value),
    special("groupTypes", GraphKey::group_only),
    special("securityEnabled", GraphKey::group_only),
};

constexpr std::size_t slots = 128;  // a power of two, about three times the names

constexpr std::size_t slot_of(std::string_view name) {
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(name[i])); };
  return (name.size() * 11 + byte(0) * 5 + byte(name.size() - 1) * 3) % slots;
}

// Open addressing, filled when compiled: one comparison finds nearly every name.
constexpr auto table = [] {
  std::array<std::uint8_t, slots> indices{};
  for (std::size_t i = 0; i < properties.size(); ++i) {
    std::size_t slot = slot_of(properties[i].name);
    while (indices[slot] != 0) slot = (slot + 1) % slots;
    indices[slot] = static_cast<std::uint8_t>(i + 1);
  }
  return indices;
}();

constexpr GraphProperty unknown{};

constexpr std::string_view type_prefix = "microsoft.graph.";

struct NamedType {
  std::string_view name;
  GraphType type;
};

// What stands in lists of users, members and owners.
constexpr std::array types{
    NamedType{"user", {ObjectKind::user}},
    NamedType{"agentUser", {ObjectKind::user, true}},
    NamedType{"group", {ObjectKind::group}},
    NamedType{"directoryRole", {ObjectKind::role}},
    NamedType{"administrativeUnit", {ObjectKind::other}},
    NamedType{"agentIdentity", {ObjectKind::other}},
    NamedType{"agentIdentityBlueprint", {ObjectKind::other}},
    NamedType{"agentIdentityBlueprintPrincipal", {ObjectKind::other}},
    NamedType{"application", {ObjectKind::other}},
    NamedType{"contact", {ObjectKind::other}},
    NamedType{"device", {ObjectKind::other}},
    NamedType{"directoryRoleTemplate", {ObjectKind::other}},
    NamedType{"orgContact", {ObjectKind::other}},
    NamedType{"organization", {ObjectKind::other}},
    NamedType{"servicePrincipal", {ObjectKind::other}},
    NamedType{"subscribedSku", {ObjectKind::other}},
};

}  // namespace

const GraphProperty* find_graph_property(std::string_view name) {
  if (name.empty()) return &unknown;
  for (std::size_t slot = slot_of(name); table[slot] != 0; slot = (slot + 1) % slots) {
    const GraphProperty& candidate = properties[table[slot] - 1U];
    if (candidate.name == name) return &candidate;
  }
  return &unknown;
}

GraphType graph_type(std::string_view odata_type) {
  if (odata_type.empty()) return {};
  if (odata_type.starts_with('#')) odata_type.remove_prefix(1);
  if (odata_type == "microsoft.graph.user") return {ObjectKind::user};  // nearly all are
  if (odata_type.size() > type_prefix.size() &&
      core::equal_ignoring_ascii_case(odata_type.substr(0, type_prefix.size()), type_prefix)) {
    const std::string_view name = odata_type.substr(type_prefix.size());
    const auto* const found = std::ranges::find_if(
        types, [&](const NamedType& type) { return core::equal_ignoring_ascii_case(type.name, name); });
    if (found != types.end()) return found->type;
  }
  return {ObjectKind::unknown};
}

ObjectKind object_kind_of_context(std::string_view odata_context) {
  constexpr std::string_view mark = "$metadata#";
  const std::size_t at = odata_context.find(mark);
  if (at == std::string_view::npos) return ObjectKind::unstated;
  std::string_view set = odata_context.substr(at + mark.size());
  set = set.substr(0, set.find_first_of("(/"));
  if (set == "users") return ObjectKind::user;
  if (set == "groups") return ObjectKind::group;
  if (set == "directoryRoles") return ObjectKind::role;
  return ObjectKind::unstated;
}

std::optional<RoleName> administrator_role(const core::Guid& template_id) {
  for (const AdministratorRole& role : administrator_roles) {
    if (core::parse_guid(role.template_id) == template_id) return role.name;
  }
  return std::nullopt;
}

}  // namespace dvsync::source
