#include "dvsync/core/identity.hpp"

#include <array>
#include <cstdio>

namespace dvsync::core {

std::string utc_time(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  std::array<char, 64> text{};
  const auto length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", int(date.year()),
                                    unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                                    int(clock.minutes().count()), int(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

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
