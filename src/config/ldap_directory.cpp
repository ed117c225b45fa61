#include <string>
#include <string_view>

#include "directory.hpp"
#include "files.hpp"
#include "masking.hpp"
#include "values.hpp"

namespace dvsync::config {
namespace {

bool is_encrypted(std::string_view url) { return url.starts_with("ldaps://"); }

// Scheme, host, port: the base has a key of its own, and libldap takes no more (ldap_initialize(3)).
Read<std::string> ldap_url(const YAML::Node& node) {
  auto value = text(node);
  if (!value) return value;
  const auto host = value->find("://");
  if (!value->starts_with("ldap://") && !is_encrypted(*value)) {
    return wrong("must be ldap:// or ldaps:// addresses, not " + in_quotes(*value));
  }
  if (value->ends_with('/')) {
    value->pop_back();
  }
  if (value->size() <= host + 3 || value->find_first_of("/?, \t@", host + 3) != std::string::npos) {
    return wrong("must be a host and perhaps a port, such as ldaps://dc1.contoso.example:636, not " +
                 in_quotes(*value));
  }
  return value;
}

// A search filter (RFC 4515) as far as its parentheses go.
Read<std::string> filter(const YAML::Node& node) {
  auto value = text(node);
  if (!value) return value;
  int depth = 0;
  bool whole = value->starts_with('(') && value->ends_with(')');
  for (std::size_t i = 0; i < value->size(); ++i) {
    depth += (*value)[i] == '(' ? 1 : (*value)[i] == ')' ? -1 : 0;
    whole = whole && (depth > 0 || i + 1 == value->size());
  }
  if (!whole || depth != 0) return wrong("must be an LDAP filter in parentheses, such as (objectClass=inetOrgPerson)");
  return value;
}

// How this server marks a disabled account.
Read<std::string> disabled_mark(const YAML::Node& node) {
  auto value = text(node);
  if (!value || *value == "pwdAccountLockedTime" || *value == "nsAccountLock" || is_distinguished_name(*value)) {
    return value;
  }
  if (value->starts_with('(')) return filter(node);
  return wrong("must be pwdAccountLockedTime, nsAccountLock, a filter in parentheses or a group's DN, not " +
               in_quotes(*value));
}

void check_credentials(Section& section) {
  const bool simple = section.has("bind_dn");
  if (simple && section.has("keytab")) {
    section.reject_key("keytab", "exactly one credential: `keytab` or `bind_dn` (line " +
                                     std::to_string(section.line_of("bind_dn")) + ")");
  } else if (!simple && !section.has("keytab") && !section.has("password_file")) {
    section.reject("missing credential in `directory`: `bind_dn` with `password_file`, or `keytab`");
  }
  if (simple && !section.has("password_file")) {
    section.reject_key("bind_dn", "`bind_dn` needs `password_file`");
  } else if (!simple && section.has("password_file")) {
    section.reject_key("password_file", "`password_file` needs `bind_dn`");
  }
}

// A password must not cross the network in the clear; TLS within TLS does not work.
void check_encryption(Section& section, const LdapDirectory& ldap) {
  for (std::size_t i = 0; i < ldap.urls.size(); ++i) {
    if (is_encrypted(ldap.urls[i]) && ldap.start_tls) {
      section.reject_element("urls", i, "must be ldap:// with `start_tls: true`: ldaps:// is encrypted already");
    } else if (!is_encrypted(ldap.urls[i]) && !ldap.start_tls && section.has("bind_dn")) {
      section.reject_element("urls", i, "would carry the password unencrypted: ldaps://, or `start_tls: true`");
    }
  }
}

void read_mode(LdapKind kind, Section& section, LdapDirectory& ldap) {
  if (kind == LdapKind::active_directory) {
    ldap.mode = "dirsync";
    section.optional("mode", ldap.mode, word_of({"dirsync", "usn"}));
  } else {
    ldap.mode = "syncrepl";
    section.optional("mode", ldap.mode, word_of({"syncrepl", "timestamp"}));
    section.optional("user_filter", ldap.user_filter, filter);
    section.optional("disabled", ldap.disabled, disabled_mark);
  }
}

}  // namespace

LdapDirectory read_ldap_directory(LdapKind kind, Section& section, const std::filesystem::path& folder) {
  LdapDirectory ldap;
  ldap.kind = kind;
  const bool urls_right = section.required_list("urls", ldap.urls, ldap_url);
  section.required("base", ldap.base, distinguished_name);
  section.optional("bind_dn", ldap.bind_dn, text);  // Active Directory also takes user@domain
  section.optional("password_file", ldap.password_file, SecretFile{folder});
  section.optional("keytab", ldap.keytab, SecretFile{folder});
  check_credentials(section);
  section.optional("start_tls", ldap.start_tls, flag);
  if (urls_right && ldap.urls.empty()) {
    section.reject_value("urls", "`urls` must name at least one");
  } else if (urls_right) {
    check_encryption(section, ldap);
  }
  section.optional("ca_file", ldap.ca_file, ReadableFile{folder});
  read_mode(kind, section, ldap);
  ldap.policy = read_ldap_policy(section);
  return ldap;
}

}  // namespace dvsync::config
