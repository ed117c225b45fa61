#pragma once
// What is asked of a directory: attribute names and filters, from the server kind's defaults and the configuration.

#include <string>
#include <string_view>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "source/ldap_entry.hpp"

namespace dvsync::source::ldap {

enum class Mode : std::uint8_t { dirsync, usn, syncrepl, timestamp };

// How an OpenLDAP directory says that an account is disabled.
struct DisabledRule {
  enum class Kind : std::uint8_t { usual, never, attribute, filter, group };
  Kind kind = Kind::usual;  // by the attributes that say so in the directories we know
  std::string text;         // the attribute, filter or DN
};
[[nodiscard]] DisabledRule disabled_rule(const config::LdapDirectory& directory);

struct Schema {
  config::LdapKind kind = config::LdapKind::active_directory;
  std::string base;
  std::string user_filter;  // which entries are users
  DisabledRule disabled;
  LdapAttributes attributes;
  std::vector<std::string> user_attributes;  // all that is requested of a user

  [[nodiscard]] bool active_directory() const { return kind == config::LdapKind::active_directory; }
};

[[nodiscard]] Schema schema_of(const config::LdapDirectory& directory);

// Changes when something changes that a cursor does not survive: another filter, base or attribute.
[[nodiscard]] std::string fingerprint(const Schema& schema, Mode mode);

}  // namespace dvsync::source::ldap
