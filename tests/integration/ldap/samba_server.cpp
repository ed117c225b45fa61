#include "samba_server.hpp"

#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "source/base64.hpp"

namespace dvsync::source {
namespace {

void copy_databases(const std::filesystem::path& from, const std::filesystem::path& to,
                    const std::filesystem::path& log) {
  std::filesystem::remove_all(to);
  if (run({"cp", "-a", from.string(), to.string()}, "", log) != 0) throw std::runtime_error(read_file(log));
}

std::string value_behind(const std::string& start, const std::string& text) {
  const auto at = text.find(start);
  return at == std::string::npos ? std::string{}
                                 : text.substr(at + start.size(), text.find('\n', at + 1) - at - start.size());
}

}  // namespace

std::string enter_private_network() {
  if (unshare(CLONE_NEWNET) != 0) return std::string("a network namespace needs root: ") + std::strerror(errno);
  const int handle = socket(AF_INET, SOCK_DGRAM, 0);
  ifreq loopback{};
  std::strcpy(loopback.ifr_name, "lo");
  loopback.ifr_flags = IFF_UP | IFF_RUNNING;
  const int result = ioctl(handle, SIOCSIFFLAGS, &loopback);
  close(handle);
  return result == 0 ? std::string{} : std::string("loopback cannot be started: ") + std::strerror(errno);
}

SambaServer::SambaServer() {
  std::filesystem::create_directory(folder() / "etc");
  const auto log = folder() / "provision.log";
  if (run({"/usr/bin/python3", DVSYNC_PROVISION_DOMAIN, folder().string(), certificates().string()}, "", log) != 0) {
    throw std::runtime_error("no domain: " + read_file(log));
  }
  write_file(folder() / "password", "s3cret Value\n");
  start();
}

void SambaServer::start() {
  process_.start({"samba", "-F", "-M", "single", "--no-process-group", "-s", (folder() / "etc/smb.conf").string()},
                 folder() / "samba.out");
  const bool up = eventually([&] { return accepts_connections(636) || !process_.running(); });
  if (!up || !process_.running()) throw std::runtime_error("samba: " + read_file(folder() / "samba.out"));
}

// A client as an administrator would use it: LDAPNOINIT is the adapter's.
std::vector<std::string> SambaServer::client(const std::string& program) const {
  std::filesystem::remove(log());
  return {"env",        "-u",
          "LDAPNOINIT", "LDAPTLS_CACERT=" + (certificates() / "ca.pem").string(),
          program,      "-x",
          "-H",         "ldaps://127.0.0.1",
          "-D",         "Administrator@dvsync.test",
          "-w",         "Passw0rd!adm"};
}

void SambaServer::apply(const std::string& ldif) {
  auto command = client("ldapmodify");
  command.emplace_back("-a");
  ASSERT_EQ(run(command, ldif, log()), 0) << ldif << read_file(log());
}

void SambaServer::remove_tree(const std::string& dn) {
  auto command = client("ldapmodify");
  command.insert(command.end(), {"-e", "!1.2.840.113556.1.4.805"});  // tree delete
  ASSERT_EQ(run(command, "dn: " + dn + "\nchangetype: delete\n", log()), 0) << read_file(log());
}

void SambaServer::undelete(const std::string& name, const std::string& guid, const std::string& dn) {
  auto command = client("ldapmodify");
  command.insert(command.end(), {"-e", "!1.2.840.113556.1.4.417"});
  const std::string ldif =
      "dn: CN=" + name + "\\0ADEL:" + guid + ",CN=Deleted Objects," + base +
      "\nchangetype: modify\ndelete: isDeleted\n-\nreplace: distinguishedName\ndistinguishedName: " + dn + "\n";
  ASSERT_EQ(run(command, ldif, log()), 0) << ldif << read_file(log());
}

// Everything that ldapsearch prints for a filter.
std::string SambaServer::print(const std::vector<std::string>& options, const std::string& filter,
                               const std::string& attribute) {
  const auto output = folder() / "ldapsearch.out";
  std::filesystem::remove(output);
  auto command = client("ldapsearch");
  command.insert(command.end(), {"-LLL", "-o", "ldif-wrap=no", "-b", base});
  command.insert(command.end(), options.begin(), options.end());
  command.insert(command.end(), {filter, attribute});
  run(command, "", output);
  return "\n" + read_file(output);
}

std::string SambaServer::search(const std::string& filter, const std::string& attribute) {
  return value_behind("\n" + attribute + ": ", print({}, filter, attribute));
}

std::string SambaServer::guid_of(const std::string& account) {
  const auto text = print({"-E", "!1.2.840.113556.1.4.529=::MAMCAQE="}, "(sAMAccountName=" + account + ")", "1.1");
  constexpr std::size_t guid_length = 36;
  return from_base64(value_behind("\ndn:: ", text)).value_or("").substr(std::string("<GUID=").size(), guid_length);
}

void SambaServer::back_up() {
  stop();
  copy_databases(folder() / "private", folder() / "backup", log());
  start();
}

void SambaServer::restore() {
  stop();
  copy_databases(folder() / "backup", folder() / "private", log());
  start();
}

std::filesystem::path SambaServer::make_keytab() {
  auto keytab = folder() / "sync.keytab";
  const auto log = folder() / "keytab.log";
  if (run({"samba-tool", "domain", "exportkeytab", keytab.string(), "--principal=sync@DVSYNC.TEST", "-s",
           (folder() / "etc/smb.conf").string()},
          "", log) != 0) {
    throw std::runtime_error("no keytab: " + read_file(log));
  }
  write_file(folder() / "krb5.conf",
             "[libdefaults]\ndefault_realm = DVSYNC.TEST\ndns_lookup_kdc = false\nrdns = false\n"
             "[realms]\nDVSYNC.TEST = {\n kdc = 127.0.0.1\n}\n[domain_realm]\n127.0.0.1 = DVSYNC.TEST\n");
  setenv("KRB5_CONFIG", (folder() / "krb5.conf").c_str(), 1);
  return keytab;
}

config::LdapDirectory SambaServer::directory(const std::string& account) const {
  config::LdapDirectory directory;
  directory.kind = config::LdapKind::active_directory;
  directory.urls = {"ldaps://127.0.0.1"};
  directory.base = base;
  directory.bind_dn = account + "@dvsync.test";
  directory.password_file = folder() / "password";
  directory.ca_file = certificates() / "ca.pem";
  return directory;
}

}  // namespace dvsync::source
