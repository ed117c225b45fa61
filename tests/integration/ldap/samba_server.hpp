#pragma once
// A private Active Directory domain: Samba as its controller, in a network namespace of the test's own because its
// ports are fixed.

#include <string>

#include "dvsync/config/configuration.hpp"
#include "server_process.hpp"

namespace dvsync::source {

// Moves this process into a network of its own, where only loopback exists. Empty: done; else why it cannot be.
[[nodiscard]] std::string enter_private_network();

class SambaServer {
 public:
  static constexpr const char* base = "DC=dvsync,DC=test";

  // Provisions the domain (about ten seconds of computing) and starts it.
  SambaServer();

  void start();
  void stop() { process_.stop(); }

  // LDIF, changes or entries to add, as Administrator; fails the test when the controller refuses.
  void apply(const std::string& ldif);
  void remove_tree(const std::string& dn);
  // Brings a deleted account back.
  void undelete(const std::string& name, const std::string& guid, const std::string& dn);
  [[nodiscard]] std::string search(const std::string& filter, const std::string& attribute);
  // As the controller itself writes it.
  [[nodiscard]] std::string guid_of(const std::string& account);

  void back_up();
  void restore();

  // A keytab for the account `sync`, and Kerberos configured for this process.
  [[nodiscard]] std::filesystem::path make_keytab();

  // How the adapter is to connect: as `sync`, which may replicate, or as `plain`, which may not.
  [[nodiscard]] config::LdapDirectory directory(const std::string& account = "sync") const;
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  [[nodiscard]] std::filesystem::path log() const { return folder() / "client.log"; }
  [[nodiscard]] std::vector<std::string> client(const std::string& program) const;
  [[nodiscard]] std::string print(const std::vector<std::string>& options, const std::string& filter,
                                  const std::string& attribute);

  TemporaryFolder folder_;
  ServerProcess process_;
};

}  // namespace dvsync::source
