#include "dvsync/core/identity.hpp"

namespace dvsync::core {

std::string_view name_of(Attribute attribute) {
  using enum Attribute;
  switch (attribute) {
    case user_principal_name:
      return "userPrincipalName";
    case given_name:
      return "givenName";
    case surname:
      return "surname";
    case display_name:
      return "displayName";
    case mail:
      return "mail";
    case job_title:
      return "jobTitle";
    case business_phone:
      return "businessPhones";
    case mobile_phone:
      return "mobilePhone";
    case home_phone:
      return "homePhone";
    case fax_number:
      return "faxNumber";
    case street_address:
      return "streetAddress";
    case city:
      return "city";
    case state:
      return "state";
    case postal_code:
      return "postalCode";
    case country:
      return "country";
  }
  return {};
}

std::string_view name_of(Role role) {
  using enum Role;
  switch (role) {
    case global_administrator:
      return "global_administrator";
    case power_platform_administrator:
      return "power_platform_administrator";
    case dynamics365_administrator:
      return "dynamics365_administrator";
  }
  return {};
}

}  // namespace dvsync::core
