#include "source/graph/queries.hpp"

#include <algorithm>
#include <boost/url.hpp>
#include <utility>

#include "dvsync/core/text.hpp"
#include "dvsync/error.hpp"

namespace dvsync::source::graph {
namespace {

std::string port_of(const boost::urls::url_view& url) { return url.has_port() ? std::string(url.port()) : "443"; }

bool is_https(const boost::urls::url_view& url) {
  return core::equal_ignoring_ascii_case({url.scheme().data(), url.scheme().size()}, "https");
}

std::string host_of(const boost::urls::url_view& url) { return core::ascii_lower(url.host()); }

constexpr std::string_view user_properties =
    "id,userPrincipalName,givenName,surname,displayName,jobTitle,mail,businessPhones,mobilePhone,faxNumber,"
    "streetAddress,city,state,postalCode,country,accountEnabled,userType,assignedLicenses,assignedPlans,"
    "onPremisesImmutableId";

}  // namespace

Origin::Origin(std::string root) : root_(std::move(root)) {
  while (!root_.empty() && root_.back() == '/') {
    root_.pop_back();
  }
  const auto url = boost::urls::parse_uri(root_);
  if (!url || !is_https(*url) || url->has_userinfo() || url->host().empty()) {
    throw SourceError(SourceError::Kind::malformed, "directory.graph_root is not an https URL");
  }
  host_ = host_of(*url);
  port_ = port_of(*url);
}

bool Origin::owns(std::string_view link) const {
  const auto url = boost::urls::parse_uri({link.data(), link.size()});
  return url && is_https(*url) && !url->has_userinfo() && host_of(*url) == host_ && port_of(*url) == port_;
}

void Origin::demand(std::string_view link, const std::string& where) const {
  if (!owns(link)) {
    throw SourceError(SourceError::Kind::malformed,
                      where + ": security: Microsoft Graph sent a link to somewhere other than " + host_ +
                          "; it was not followed and no token was sent there. Find out who answers for " + host_ +
                          " here (proxy, DNS) before the next run");
  }
}

bool has_query_option(std::string_view link, std::string_view option) {
  const auto url = boost::urls::parse_uri({link.data(), link.size()});
  if (!url) return false;
  const auto options = url->params();
  return std::any_of(options.begin(), options.end(),
                     [&](const auto& each) { return core::equal_ignoring_ascii_case(each.key, option); });
}

std::string percent_encoded(std::string_view text) {
  return boost::urls::encode({text.data(), text.size()}, boost::urls::unreserved_chars);
}

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
