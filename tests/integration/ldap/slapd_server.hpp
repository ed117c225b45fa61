#pragma once
// A private slapd: dc=example with ou=people and ou=groups, a synchronizing account, and TLS.

#include <optional>
#include <string>

#include "dvsync/config/configuration.hpp"
#include "server_process.hpp"

namespace dvsync::source {

struct SlapdOptions {
  bool syncprov = true;
  int session_log = 1000;  // 0: none
  std::string limits = "limits dn.exact=\"cn=sync,dc=example\" size=unlimited time=unlimited";
};

// An inetOrgPerson below ou=people; `more` are further attributes.
[[nodiscard]] std::string user_ldif(const std::string& uid, const std::string& more = {});

class SlapdServer {
 public:
  static constexpr const char* password = "s3cret value";

  explicit SlapdServer(const SlapdOptions& options = {});

  void start();
  void stop() { process_.stop(); }
  void restart();
  void reconfigure(const SlapdOptions& options);

  // LDIF, changes or entries to add; fails the test when slapd refuses.
  void apply(const std::string& ldif);
  void add_user(const std::string& uid, const std::string& more = {}) { apply(user_ldif(uid, more)); }

  // When an entry was last changed, as a server would have written it whose clock was wrong.
  void stamp(const std::string& dn, const std::string& modify_timestamp);

  // Another certificate of the authority's for the server; empty: it has no TLS at all.
  void present(const std::string& certificate);

  // The database as it is now, and back to it (a restored backup). slapd is stopped and started.
  void back_up();
  void restore();

  // How the adapter is to connect.
  [[nodiscard]] config::LdapDirectory directory() const;
  [[nodiscard]] std::string ldaps() const { return "ldaps://127.0.0.1:" + std::to_string(tls_port_); }
  [[nodiscard]] std::string ldap() const { return "ldap://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] std::string search(const std::string& base, const std::string& filter, const std::string& attribute);

 private:
  void configure(const SlapdOptions& options);
  [[nodiscard]] std::string tls() const;

  TemporaryFolder folder_;
  int port_ = 0;
  int tls_port_ = 0;
  std::string certificate_ = "server.pem";
  SlapdOptions options_;
  ServerProcess process_;
};

}  // namespace dvsync::source
