#pragma once
// One connection to one server: TLS, login, searches. Not heeded: ldap.conf, LDAP* variables, referrals.

#include <ldap.h>

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "ber.hpp"
#include "dvsync/config/configuration.hpp"
#include "message.hpp"
#include "source/ldap_source.hpp"

namespace dvsync::source::ldap {

struct SearchRequest {
  std::string base;
  int scope = LDAP_SCOPE_SUBTREE;
  std::string filter = "(objectClass=*)";
  std::vector<std::string> attributes;  // {"1.1"}: none
  std::vector<Control> controls;
};

class Connection {
 public:
  // Connects and logs in. Throws SourceError, CertificateError or Interrupted.
  Connection(const config::LdapDirectory& directory, std::string url, const LdapLimits& limits, std::stop_token stop);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] LDAP* handle() const { return handle_; }
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] const LdapLimits& limits() const { return limits_; }

  [[nodiscard]] int send(const SearchRequest& request);
  // The next message of the operation. Throws `unavailable` when the server is silent for too long.
  [[nodiscard]] MessagePtr receive(int operation, const std::stop_token& stop);
  [[nodiscard]] Result result_of(LDAPMessage* message) const;
  void abandon(int operation) { ldap_abandon_ext(handle_, operation, nullptr, nullptr); }

  // Entries of a search that only point to another server.
  void count_reference() { ++references_; }
  [[nodiscard]] std::uint64_t references() const { return references_; }

  // What the library knows about a call of its own that failed.
  [[nodiscard]] Result local_result(int code) const;

 private:
  void set_options(const config::LdapDirectory& directory);
  void start_tls(const config::LdapDirectory& directory);
  void log_in(const config::LdapDirectory& directory, const std::stop_token& stop);
  void log_in_with_password(const std::string& name, const std::string& password, const std::stop_token& stop);
  void log_in_with_keytab(bool encrypted);

  std::string url_;
  LdapLimits limits_;
  LDAP* handle_ = nullptr;
  std::uint64_t references_ = 0;
};

// Tries the servers in order. Passing faults and certificates lead to the next one; refused credentials do not.
[[nodiscard]] std::unique_ptr<Connection> connect(const config::LdapDirectory& directory,
                                                  const std::vector<std::string>& urls, const LdapLimits& limits,
                                                  const std::stop_token& stop);

// What is wrong with the configuration before anything is sent; empty: nothing. Among it: a password over cleartext.
[[nodiscard]] std::string transport_fault(const config::LdapDirectory& directory);

}  // namespace dvsync::source::ldap
