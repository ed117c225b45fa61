#include <string>
#include <string_view>
#include <vector>

#include "directory.hpp"
#include "dvsync/core/identity.hpp"
#include "masking.hpp"
#include "values.hpp"

namespace dvsync::config {
namespace {

constexpr auto letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr auto attribute_characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.;-";

Read<std::string> licensed(const YAML::Node& node) {
  auto value = text(node);
  if (value && *value != "everyone" && !is_distinguished_name(*value)) {
    return wrong("must be everyone, or the DN of a group whose members are licensed, not " + in_quotes(*value));
  }
  return value;
}

// An attribute description (RFC 4512, section 2.5): a name or an OID, perhaps with options.
Read<std::string> ldap_attribute(const YAML::Node& node) {
  auto value = text(node);
  if (value && (value->find_first_not_of(attribute_characters) != std::string::npos || value->starts_with(';') ||
                value->starts_with('-') || value->starts_with('.'))) {
    return wrong("must be the name of an LDAP attribute, not " + in_quotes(*value));
  }
  return value;
}

std::vector<std::string_view> profile_attributes() {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < core::attribute_count; ++i) {
    names.push_back(core::name_of(static_cast<core::Attribute>(i)));
  }
  return names;
}

void read_admin_groups(Section section, LdapPolicy& policy) {
  for (const auto* role : {"global", "power_platform", "dynamics365"}) {
    std::string group;
    if (section.optional(role, group, distinguished_name)) {
      policy.admin_groups.emplace(role, std::move(group));
    }
  }
  section.close();
}

void read_attributes(Section section, LdapPolicy& policy) {
  for (const auto name : profile_attributes()) {
    std::string attribute;
    if (section.optional(name, attribute, ldap_attribute)) {
      policy.attributes.emplace(name, std::move(attribute));
    }
  }
  section.close();
}

}  // namespace

bool is_distinguished_name(std::string_view text) {
  const auto equals = text.find('=');
  return equals != std::string_view::npos && equals > 0 && text.find_first_of(letters) == 0 && text.size() > equals + 1;
}

Read<std::string> distinguished_name(const YAML::Node& node) {
  auto value = text(node);
  if (value && !is_distinguished_name(*value)) {
    return wrong("must be a distinguished name such as DC=contoso,DC=example, not " + in_quotes(*value));
  }
  return value;
}

LdapPolicy read_ldap_policy(Section& section) {
  LdapPolicy policy;
  section.optional("licensed", policy.licensed, licensed);
  read_admin_groups(section.child("admin_groups"), policy);
  read_attributes(section.child("attributes"), policy);
  return policy;
}

}  // namespace dvsync::config
