#include "source/graph/queries.hpp"

#include "source/graph/origin.hpp"

namespace dvsync::source::graph {
namespace {

constexpr std::string_view user_properties =
    "id,userPrincipalName,givenName,surname,displayName,jobTitle,mail,businessPhones,mobilePhone,faxNumber,"
    "streetAddress,city,state,postalCode,country,accountEnabled,userType,assignedLicenses,assignedPlans,"
    "onPremisesImmutableId";

}  // namespace

std::string Queries::users_delta() const { return root_ + "/users/delta?$select=" + std::string(user_properties); }

std::string Queries::account_states() const {
  return root_ + "/users?$select=id,accountEnabled,userType,assignedLicenses,assignedPlans&$top=999";
}

std::string Queries::groups_delta(const std::vector<core::Guid>& ids) const {
  std::string url = root_ + "/groups/delta?$select=members,owners&$filter=";
  std::string_view between;
  for (const core::Guid& id : ids) {
    url += std::string(between) + "id%20eq%20'" + core::to_string(id) + "'";
    between = "%20or%20";
  }
  return url;
}

std::string Queries::role_members(const AdministratorRole& role) const {
  return root_ + "/directoryRoles(roleTemplateId='" + std::string(role.template_id) + "')/members?$select=id";
}

std::string Queries::user(std::string_view name_or_id) const {
  return root_ + "/users/" + percent_encoded(name_or_id) + "?$select=" + std::string(user_properties);
}

std::string Queries::deleted_user(const core::Guid& id) const {
  return root_ + "/directory/deletedItems/" + core::to_string(id) + "?$select=id,deletedDateTime";
}

std::string Queries::check_member_groups(const core::Guid& user) const {
  return root_ + "/users/" + core::to_string(user) + "/checkMemberGroups";
}

std::string Queries::direct_groups(const core::Guid& user) const {
  return root_ + "/users/" + core::to_string(user) + "/memberOf?$select=id&$top=999";
}

std::string Queries::group_owners(const core::Guid& group) const {
  return root_ + "/groups/" + core::to_string(group) + "/owners?$select=id&$top=999";
}

std::string Queries::group_kind(const core::Guid& group) const {
  return root_ + "/groups/" + core::to_string(group) +
         "?$select=id,displayName,groupTypes,securityEnabled,mailEnabled,onPremisesSyncEnabled";
}

std::string Queries::subscriptions() const { return root_ + "/subscribedSkus?$select=skuId,capabilityStatus"; }

std::string Queries::from_now_on(const std::string& delta_query) { return delta_query + "&$deltatoken=latest"; }

}  // namespace dvsync::source::graph
