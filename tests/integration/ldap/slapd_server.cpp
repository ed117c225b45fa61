#include "slapd_server.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>

namespace dvsync::source {
namespace {

constexpr const char* tree = R"(dn: dc=example
objectClass: dcObject
objectClass: organization
o: example
dc: example

dn: ou=people,dc=example
objectClass: organizationalUnit
ou: people

dn: ou=leavers,dc=example
objectClass: organizationalUnit
ou: leavers

dn: ou=groups,dc=example
objectClass: organizationalUnit
ou: groups

dn: cn=sync,dc=example
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: sync
userPassword: s3cret value
)";

}  // namespace

std::string user_ldif(const std::string& uid, const std::string& more) {
  return "dn: uid=" + uid + ",ou=people,dc=example\nobjectClass: inetOrgPerson\nuid: " + uid + "\ncn: " + uid +
         " Li\nsn: Li\ngivenName: " + uid + "\nmail: " + uid + "@example.org\n" + more + "\n";
}

SlapdServer::SlapdServer(const SlapdOptions& options) : port_(free_port()), tls_port_(free_port()) {
  write_file(folder() / "password", std::string(password) + "\n");
  std::filesystem::create_directory(folder() / "db");
  configure(options);
  start();
  apply(tree);
}

void SlapdServer::configure(const SlapdOptions& options) {
  options_ = options;
  std::ostringstream conf;
  for (const char* schema : {"core", "cosine", "inetorgperson", "nis"}) {
    conf << "include /etc/ldap/schema/" << schema << ".schema\n";
  }
  const std::string f = folder().string();
  conf << "modulepath /usr/lib/ldap\nmoduleload back_mdb\nmoduleload syncprov\nmoduleload ppolicy\n"
       << "pidfile " << f << "/slapd.pid\n"
       << tls() << "database mdb\nsuffix dc=example\nrootdn cn=admin,dc=example\nrootpw secret\ndirectory " << f
       << "/db\n"
       << "maxsize 1073741824\ndbnosync\nindex objectClass,entryUUID,entryCSN,uid eq\n"
       << options.limits << "\noverlay ppolicy\n";
  if (options.syncprov) {
    conf << "overlay syncprov\n";
    if (options.session_log > 0) conf << "syncprov-sessionlog " << options.session_log << "\n";
  }
  write_file(folder() / "slapd.conf", conf.str());
}

std::string SlapdServer::tls() const {
  if (certificate_.empty()) return "";
  const std::string c = certificates().string();
  return "TLSCACertificateFile " + c + "/ca.pem\nTLSCertificateFile " + c + "/" + certificate_ +
         "\nTLSCertificateKeyFile " + c + "/server.key\n";
}

void SlapdServer::start() {
  process_.start({"slapd", "-f", (folder() / "slapd.conf").string(), "-h",
                  "ldap://127.0.0.1:" + std::to_string(port_) +
                      (certificate_.empty() ? "" : " ldaps://127.0.0.1:" + std::to_string(tls_port_)),
                  "-d", "0"},
                 folder() / "slapd.log");
  const bool up = eventually([&] { return accepts_connections(port_) || !process_.running(); });
  if (!up || !process_.running()) throw std::runtime_error("slapd: " + read_file(folder() / "slapd.log"));
}

void SlapdServer::restart() {
  stop();
  start();
}

void SlapdServer::reconfigure(const SlapdOptions& options) {
  stop();
  configure(options);
  start();
}

void SlapdServer::apply(const std::string& ldif) {
  const auto log = folder() / "ldapmodify.log";
  ASSERT_EQ(run({"ldapmodify", "-a", "-x", "-H", "ldap://127.0.0.1:" + std::to_string(port_), "-D",
                 "cn=admin,dc=example", "-w", "secret"},
                ldif, log),
            0)
      << ldif << read_file(log);
}

void SlapdServer::stamp(const std::string& dn, const std::string& modify_timestamp) {
  const auto log = folder() / "stamp.log";
  ASSERT_EQ(
      run({"ldapmodify", "-e", "!relax", "-x", "-H", "ldap://127.0.0.1:" + std::to_string(port_), "-D",
           "cn=admin,dc=example", "-w", "secret"},
          "dn: " + dn + "\nchangetype: modify\nreplace: modifyTimestamp\nmodifyTimestamp: " + modify_timestamp + "\n",
          log),
      0)
      << read_file(log);
}

void SlapdServer::present(const std::string& certificate) {
  certificate_ = certificate;
  reconfigure(SlapdOptions(options_));
}

void SlapdServer::back_up() {
  stop();
  std::filesystem::remove_all(folder() / "backup");
  std::filesystem::copy(folder() / "db", folder() / "backup");
  start();
}

void SlapdServer::restore() {
  stop();
  std::filesystem::remove_all(folder() / "db");
  std::filesystem::copy(folder() / "backup", folder() / "db");
  start();
}

config::LdapDirectory SlapdServer::directory() const {
  config::LdapDirectory directory;
  directory.kind = config::LdapKind::openldap;
  directory.urls = {ldaps()};
  directory.base = "dc=example";
  directory.bind_dn = "cn=sync,dc=example";
  directory.password_file = folder() / "password";
  directory.ca_file = certificates() / "ca.pem";
  return directory;
}

std::string SlapdServer::search(const std::string& base, const std::string& filter, const std::string& attribute) {
  const auto output = folder() / "ldapsearch.out";
  std::filesystem::remove(output);
  run({"ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-x", "-H", "ldap://127.0.0.1:" + std::to_string(port_), "-D",
       "cn=admin,dc=example", "-w", "secret", "-b", base, filter, attribute},
      "", output);
  const std::string text = read_file(output);
  const std::string start = "\n" + attribute + ": ";
  const auto at = text.find(start);
  if (at == std::string::npos) return {};
  return text.substr(at + start.size(), text.find('\n', at + 1) - at - start.size());
}

}  // namespace dvsync::source
