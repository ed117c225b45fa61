#include "schema.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dvsync/source/distinguished_name.hpp"
#include "message.hpp"
#include "source/ascii.hpp"
#include "values.hpp"

namespace dvsync::source::ldap {
namespace {

// In the order of core::Attribute.
const AttributeNames active_directory_names{{{"userPrincipalName"},
                                             {"givenName"},
                                             {"sn"},
                                             {"displayName"},
                                             {"mail"},
                                             {"title"},
                                             {"telephoneNumber"},
                                             {"mobile"},
                                             {"homePhone"},
                                             {"facsimileTelephoneNumber"},
                                             {"streetAddress"},
                                             {"l"},
                                             {"st"},
                                             {"postalCode"},
                                             {"co"}}};

// inetOrgPerson and its parents. The same choices as for LDIF files, so that an export and the server agree.
const AttributeNames openldap_names{{{"mail", "uid"},
                                     {"givenName"},
                                     {"sn"},
                                     {"displayName", "cn"},
                                     {"mail"},
                                     {"title"},
                                     {"telephoneNumber"},
                                     {"mobile"},
                                     {"homePhone"},
                                     {"facsimileTelephoneNumber"},
                                     {"street", "postalAddress"},
                                     {"l"},
                                     {"st"},
                                     {"postalCode"},
                                     {"co", "c"}}};

// objectCategory is stripped from tombstones, hence not used; computers are users to Active Directory.
constexpr std::string_view active_directory_users = "(&(objectClass=user)(!(objectClass=computer)))";
constexpr std::string_view openldap_users = "(objectClass=inetOrgPerson)";

AttributeNames names_of(const config::LdapDirectory& directory) {
  const bool active_directory = directory.kind == config::LdapKind::active_directory;
  AttributeNames names = active_directory ? active_directory_names : openldap_names;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto found = directory.policy.attributes.find(std::string(core::name_of(static_cast<core::Attribute>(i))));
    if (found != directory.policy.attributes.end()) names[i] = {found->second};
  }
  return names;
}

std::string filter_of(const config::LdapDirectory& directory) {
  const bool active_directory = directory.kind == config::LdapKind::active_directory;
  if (!directory.user_filter) return std::string(active_directory ? active_directory_users : openldap_users);
  std::string filter = *directory.user_filter;
  if (!filter.starts_with('(')) filter = "(" + filter + ")";
  return active_directory ? fmt::format("(&{}{})", active_directory_users, filter) : filter;
}

void add_once(std::vector<std::string>& attributes, const std::string& name) {
  const bool known =
      std::ranges::any_of(attributes, [&](const auto& other) { return equals_ignoring_case(other, name); });
  if (!known && !name.empty()) attributes.push_back(name);
}

std::vector<std::string> attributes_of(const Schema& schema) {
  std::vector<std::string> attributes =
      schema.active_directory()
          ? std::vector<std::string>{"objectGUID", "userAccountControl", "accountExpires", "isDeleted"}
          : std::vector<std::string>{"entryUUID", "nsUniqueId", "uid"};
  for (const auto& names : schema.names) {
    for (const std::string& name : names) add_once(attributes, name);
  }
  if (schema.disabled.kind == DisabledRule::Kind::attribute) add_once(attributes, schema.disabled.text);
  return attributes;
}

}  // namespace

DisabledRule disabled_rule(const config::LdapDirectory& directory) {
  using Kind = DisabledRule::Kind;
  if (!directory.disabled || directory.disabled->empty()) return {};
  const std::string& text = *directory.disabled;
  if (text.starts_with('(')) return {.kind = Kind::filter, .text = text};
  if (text.find('=') != std::string::npos) return {.kind = Kind::group, .text = text};
  return {.kind = Kind::attribute, .text = text};
}

Schema schema_of(const config::LdapDirectory& directory) {
  Schema schema;
  schema.kind = directory.kind;
  schema.base = directory.base;
  schema.user_filter = filter_of(directory);
  schema.names = names_of(directory);
  if (!schema.active_directory()) schema.disabled = disabled_rule(directory);
  schema.user_attributes = attributes_of(schema);
  return schema;
}

std::string fingerprint(const Schema& schema, Mode mode) {
  std::uint64_t hash = hash_of(fold_distinguished_name(schema.base));
  const auto add = [&hash](std::string_view text) { hash = hash_of(text, hash_of("\n", hash)); };
  add(std::to_string(static_cast<int>(mode)));
  add(schema.user_filter);
  add(std::to_string(static_cast<int>(schema.disabled.kind)));
  add(schema.disabled.text);
  for (const std::string& name : schema.user_attributes) add(name);
  for (const auto& names : schema.names) add(names.front());
  return fmt::format("{:016x}", hash);
}

}  // namespace dvsync::source::ldap
