#include "source/graph_property.hpp"

#include <array>
#include <cstddef>

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
    special("id", GraphKey::id),
    special("@removed", GraphKey::removed),
    special("reason", GraphKey::reason),
    special("members@delta", GraphKey::members),
    special("owners@delta", GraphKey::owners),
    special("members", GraphKey::expanded_members),
    special("owners", GraphKey::expanded_owners),
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

constexpr std::size_t slots = 128;  // a power of two, about four times the names

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

}  // namespace

const GraphProperty* find_graph_property(std::string_view name) {
  if (name.empty()) return &unknown;
  for (std::size_t slot = slot_of(name); table[slot] != 0; slot = (slot + 1) % slots) {
    const GraphProperty& candidate = properties[table[slot] - 1U];
    if (candidate.name == name) return &candidate;
  }
  return &unknown;
}

}  // namespace dvsync::source
