#pragma once
// What is asked of a directory: attribute names and filters, from the server kind's defaults and the configuration.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/identity.hpp"

namespace dvsync::source::ldap {

enum class Mode : std::uint8_t { dirsync, usn, syncrepl, timestamp };

// How an OpenLDAP directory says that an account is disabled.
struct DisabledRule {
  enum class Kind : std::uint8_t { never, attribute, filter, group };
  Kind kind = Kind::never;
  std::string text;  // the attribute, filter or DN
};
[[nodiscard]] DisabledRule disabled_rule(const config::LdapDirectory& directory);

// For each attribute of the profile the LDAP attributes that may hold it, the preferred one first.
using AttributeNames = std::array<std::vector<std::string>, core::attribute_count>;

struct Schema {
  config::LdapKind kind = config::LdapKind::active_directory;
  std::string base;
  std::string user_filter;  // which entries are users
  AttributeNames names;
  DisabledRule disabled;
  std::vector<std::string> user_attributes;  // all that is requested of a user

  [[nodiscard]] bool active_directory() const { return kind == config::LdapKind::active_directory; }
};

[[nodiscard]] Schema schema_of(const config::LdapDirectory& directory);

// Changes when something changes that a cursor does not survive: another filter, base or attribute.
[[nodiscard]] std::string fingerprint(const Schema& schema, Mode mode);

}  // namespace dvsync::source::ldap
