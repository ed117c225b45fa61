// How a Connection logs in: a password over an encrypted connection, or Kerberos with a keytab.

#include <fmt/format.h>
#include <sasl/sasl.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "connection.hpp"
#include "failure.hpp"

namespace dvsync::source::ldap {
namespace {

// The file's text without the line end that editors add. Empty is refused: LDAP takes a name without a password for
// an anonymous login and calls it a success (RFC 4513, 5.1.2).
std::string read_password(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (!stream || text.empty()) {
    throw SourceError(SourceError::Kind::denied,
                      fmt::format("{} cannot be read, or is empty; it must hold the password", file.string()));
  }
  return text;
}

// GSSAPI asks nothing that the keytab does not answer.
int answer_nothing(LDAP*, unsigned, void*, void* interactions) {
  for (auto* question = static_cast<sasl_interact_t*>(interactions); question->id != SASL_CB_LIST_END; ++question) {
    question->result = question->defresult == nullptr ? "" : question->defresult;
    question->len = static_cast<unsigned>(std::string_view(static_cast<const char*>(question->result)).size());
  }
  return LDAP_SUCCESS;
}

}  // namespace

std::string transport_fault(const config::LdapDirectory& directory) {
  if (directory.urls.empty()) return "no address: write one or more into `urls`";
  if (directory.bind_dn && !directory.keytab && !directory.password_file) {
    return "bind_dn is given, but neither password_file nor keytab";
  }
  const auto clear = std::ranges::find_if(directory.urls, [](const auto& url) { return !url.starts_with("ldaps:"); });
  const bool with_password = directory.bind_dn && !directory.keytab;
  if (with_password && !directory.start_tls && clear != directory.urls.end()) {
    return fmt::format(
        "the password would cross the network in the clear: use ldaps:// instead of {}, or start_tls: true", *clear);
  }
  if (directory.start_tls && clear == directory.urls.end()) {
    return "start_tls is for ldap:// addresses; ldaps:// is encrypted from the start: remove start_tls";
  }
  return {};
}

void Connection::log_in(const config::LdapDirectory& directory, const std::stop_token& stop) {
  if (directory.keytab) {
    log_in_with_keytab(directory.start_tls || url_.starts_with("ldaps:"));
  } else if (directory.bind_dn) {
    log_in_with_password(*directory.bind_dn, read_password(*directory.password_file), stop);
  }
}

void Connection::log_in_with_password(const std::string& name, const std::string& password,
                                      const std::stop_token& stop) {
  berval credentials = as_berval(password);
  int operation = 0;
  const int code = ldap_sasl_bind(handle_, name.c_str(), LDAP_SASL_SIMPLE, &credentials, nullptr, nullptr, &operation);
  if (code != LDAP_SUCCESS) throw failure(local_result(code), fmt::format("logging in to {}", url_));
  const Result result = result_of(receive(operation, stop).get());
  if (result.code != LDAP_SUCCESS) throw bind_failure(result, name);
}

void Connection::log_in_with_keytab(bool encrypted) {
  // Under TLS a domain controller refuses a second layer of encryption; without TLS Kerberos must encrypt.
  const char* properties = encrypted ? "maxssf=0" : "minssf=56";
  ldap_set_option(handle_, LDAP_OPT_X_SASL_SECPROPS, properties);
  ldap_set_option(handle_, LDAP_OPT_X_SASL_NOCANON, LDAP_OPT_ON);
  if (encrypted) {
    const int binding = LDAP_OPT_X_SASL_CBINDING_TLS_ENDPOINT;
    ldap_set_option(handle_, LDAP_OPT_X_SASL_CBINDING, &binding);
  }
  const int code = ldap_sasl_interactive_bind_s(handle_, nullptr, "GSSAPI", nullptr, nullptr, LDAP_SASL_QUIET,
                                                answer_nothing, nullptr);
  if (code == LDAP_SUCCESS) return;
  const Result result = local_result(code);
  if (code == LDAP_SERVER_DOWN) throw failure(result, fmt::format("logging in to {}", url_));
  // Windows refuses Kerberos' own encryption inside TLS; Samba, by default, refuses Kerberos without it.
  const std::string_view advice =
      code == LDAP_STRONG_AUTH_REQUIRED && encrypted
          ? "this server takes Kerberos only with Kerberos' own encryption: write ldap:// into `urls`, without "
            "start_tls"
          : "check the keytab, the clock, /etc/krb5.conf, and that the address holds the server's full name (package "
            "libsasl2-modules-gssapi-mit)";
  throw SourceError(SourceError::Kind::denied, fmt::format("Kerberos login at {} failed: {} {}; {}", url_,
                                                           ldap_err2string(code), result.diagnostic, advice));
}

}  // namespace dvsync::source::ldap
