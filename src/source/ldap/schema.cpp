#include "schema.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "message.hpp"
#include "source/ascii.hpp"
#include "source/distinguished_name.hpp"
#include "source/ldap_values.hpp"

namespace dvsync::source::ldap {
namespace {

// objectCategory is stripped from tombstones, hence not used; computers are users to Active Directory.
constexpr std::string_view active_directory_users = "(&(objectClass=user)(!(objectClass=computer)))";
constexpr std::string_view openldap_users = "(objectClass=inetOrgPerson)";

std::string filter_of(const config::LdapDirectory& directory) {
  const bool active_directory = directory.kind == config::LdapKind::active_directory;
  if (!directory.user_filter) return std::string(active_directory ? active_directory_users : openldap_users);
  std::string filter = *directory.user_filter;
  if (!filter.starts_with('(')) filter = "(" + filter + ")";
  return active_directory ? fmt::format("(&{}{})", active_directory_users, filter) : filter;
}

std::optional<std::vector<std::string>> locks_of(const DisabledRule& rule) {
  if (rule.kind == DisabledRule::Kind::usual) return std::nullopt;
  if (rule.kind == DisabledRule::Kind::attribute) return std::vector{rule.text};
  return std::vector<std::string>();
}

}  // namespace

DisabledRule disabled_rule(const config::LdapDirectory& directory) {
  using Kind = DisabledRule::Kind;
  if (!directory.disabled) return {};
  const std::string& text = *directory.disabled;
  if (text.empty()) return {.kind = Kind::never, .text = {}};
  if (text.starts_with('(')) return {.kind = Kind::filter, .text = text};
  if (text.find('=') != std::string::npos) return {.kind = Kind::group, .text = text};
  return {.kind = Kind::attribute, .text = text};
}

Schema schema_of(const config::LdapDirectory& directory) {
  const DisabledRule disabled = disabled_rule(directory);
  LdapAttributes attributes(directory.policy, locks_of(disabled));
  auto requested = attributes.requested(directory.kind);
  return {.kind = directory.kind,
          .base = directory.base,
          .user_filter = filter_of(directory),
          .disabled = disabled,
          .attributes = std::move(attributes),
          .user_attributes = std::move(requested)};
}

std::string fingerprint(const Schema& schema, Mode mode) {
  std::uint64_t hash = hash_of(fold_distinguished_name(schema.base));
  const auto add = [&hash](std::string_view text) { hash = hash_of(text, hash_of("\n", hash)); };
  add(std::to_string(static_cast<int>(mode)));
  add(schema.user_filter);
  add(std::to_string(static_cast<int>(schema.disabled.kind)));
  add(schema.disabled.text);
  for (const std::string& name : schema.user_attributes) add(name);
  for (std::size_t i = 0; i < core::attribute_count; ++i) {
    add(schema.attributes.name(schema.attributes.of(static_cast<core::Attribute>(i), schema.kind).front()));
  }
  return fmt::format("{:016x}", hash);
}

}  // namespace dvsync::source::ldap
