#include <gmock/gmock.h>

#include "config_support.hpp"

namespace dvsync::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

// Some keys name files: these are there, and private.
class Directories : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const auto* name : {"secret", "key.pem", "cert.pem", "token", "ca.pem", "password", "dvsync.keytab"}) {
      folder_.write(name, "x");
    }
  }

  [[nodiscard]] Loaded parse_keys(std::string_view keys) const {
    return parse(with_directory(keys), folder_.path() / "t.yaml");
  }
  [[nodiscard]] Directory valid_directory(std::string_view keys) const { return valid(parse_keys(keys)).directory; }
  template <class Kind>
  [[nodiscard]] Kind valid_kind(std::string_view keys) const {
    const auto directory = valid_directory(keys);
    const auto* kind = std::get_if<Kind>(&directory.kind);
    EXPECT_NE(kind, nullptr);
    return kind == nullptr ? Kind{} : *kind;
  }
  // Without the folder, which differs from run to run.
  [[nodiscard]] std::vector<std::string> told(std::string_view keys) const {
    auto lines = mistakes_in(parse_keys(keys));
    for (auto& line : lines) {
      line.erase(0, folder_.path().string().size() + 1);
    }
    return lines;
  }
  [[nodiscard]] std::filesystem::path file(const char* name) const { return folder_.path() / name; }

  Folder folder_;
};

using FileDirectories = Directories;
using GraphDirectories = Directories;
using LdapDirectories = Directories;

TEST_F(FileDirectories, HaveTheDocumentedDefaults) {
  const auto directory = valid_directory("  type: file\n  path: sub/../tenant.jsonl\n");
  EXPECT_FALSE(directory.marketing_license);
  EXPECT_EQ(directory.max_rejects_percent, 5);
  const auto& of_file = std::get<FileDirectory>(directory.kind);
  EXPECT_EQ(of_file.path, file("tenant.jsonl"));
  EXPECT_EQ(of_file.format, FileFormat::automatic);
  EXPECT_EQ(of_file.mode, FileMode::snapshot);
  EXPECT_EQ(of_file.ldap.licensed, "everyone");
  EXPECT_THAT(of_file.ldap.admin_groups, IsEmpty());
  EXPECT_THAT(of_file.ldap.attributes, IsEmpty());
}

TEST_F(FileDirectories, CanBeSetInFull) {
  const auto directory = valid_directory(
      "  type: file\n  path: /srv/export.ldif\n  format: ldif\n  mode: delta\n  marketing_license: true\n"
      "  max_rejects_percent: 0.5\n  licensed: cn=licensed,dc=x\n  admin_groups: {global: \"cn=admins,dc=x\"}\n"
      "  attributes: {businessPhones: telephoneNumber, mail: rfc822Mailbox;lang-en}\n");
  EXPECT_TRUE(directory.marketing_license);
  EXPECT_EQ(directory.max_rejects_percent, 0.5);
  const auto& of_file = std::get<FileDirectory>(directory.kind);
  EXPECT_EQ(of_file.path, "/srv/export.ldif");
  EXPECT_EQ(of_file.format, FileFormat::ldif);
  EXPECT_EQ(of_file.mode, FileMode::delta);
  EXPECT_EQ(of_file.ldap.licensed, "cn=licensed,dc=x");
  EXPECT_THAT(of_file.ldap.admin_groups, ElementsAre(Pair("global", "cn=admins,dc=x")));
  EXPECT_THAT(of_file.ldap.attributes,
              ElementsAre(Pair("businessPhones", "telephoneNumber"), Pair("mail", "rfc822Mailbox;lang-en")));
}

TEST_F(FileDirectories, MistakesAreToldWithTheirPosition) {
  EXPECT_THAT(told("  type: file\n"), ElementsAre("t.yaml:3:1: missing key `path` in `directory`"));
  EXPECT_THAT(told("  path: x\n"), ElementsAre("t.yaml:3:1: missing key `type` in `directory`"));
  EXPECT_THAT(told("  type: fil\n  path: x\n"),
              ElementsAre("t.yaml:4:9: `type` must be file, graph, active_directory or openldap, not `fil`: did you "
                          "mean `file`?"));
  EXPECT_THAT(told("  type: file\n  path: x\n  format: csv\n"),
              ElementsAre("t.yaml:6:11: `format` must be auto, graph-jsonl, m365-csv or ldif, not `csv`"));
  EXPECT_THAT(told("  type: file\n  path: x\n  format: m365-csv\n  licensed: everyone\n"),
              ElementsAre("t.yaml:7:3: `licensed` is for `format: ldif` only: this format states it itself"));
  EXPECT_THAT(told("  type: file\n  path: x\n  tenant: contoso.example\n"),
              ElementsAre("t.yaml:6:3: unknown key `tenant` in `directory`"));
}

TEST_F(FileDirectories, OfAnUnknownTypeStillHaveTheirUnknownKeysTold) {
  EXPECT_THAT(told("  type: grpah\n  tenant: contoso.example\n  clientid: x\n  admin_groups: {globl: x}\n"),
              ElementsAre("t.yaml:4:9: `type` must be file, graph, active_directory or openldap, not `grpah`: did you "
                          "mean `graph`?",
                          "t.yaml:6:3: unknown key `clientid` in `directory`: did you mean `client_id`?"));
}

constexpr auto graph =
    "  type: graph\n"
    "  tenant: contoso.example\n"
    "  client_id: 5D0F9D4E-0000-4000-8000-000000000006\n";

TEST_F(GraphDirectories, HaveTheDocumentedDefaults) {
  const auto directory = valid_kind<GraphDirectory>(graph + std::string("  client_secret_file: secret\n"));
  EXPECT_EQ(directory.tenant, "contoso.example");
  EXPECT_EQ(directory.client_id, "5d0f9d4e-0000-4000-8000-000000000006");
  EXPECT_EQ(directory.client_secret_file, file("secret"));
  EXPECT_EQ(directory.authority, "https://login.microsoftonline.com");
  EXPECT_EQ(directory.graph_root, "https://graph.microsoft.com");
  EXPECT_EQ(directory.throttle_priority, "normal");
  EXPECT_FALSE(directory.managed_identity);
}

TEST_F(GraphDirectories, TakeOneOfFourCredentials) {
  const auto certificate =
      valid_kind<GraphDirectory>(graph + std::string("  certificate_file: cert.pem\n  private_key_file: key.pem\n"));
  EXPECT_EQ(certificate.certificate_file, file("cert.pem"));
  EXPECT_EQ(certificate.private_key_file, file("key.pem"));
  const auto federated = valid_kind<GraphDirectory>(graph + std::string("  federated_token_file: token\n"));
  EXPECT_EQ(federated.federated_token_file, file("token"));
  EXPECT_TRUE(valid_kind<GraphDirectory>(graph + std::string("  managed_identity: true\n")).managed_identity);
  const auto own = valid_kind<GraphDirectory>("  type: graph\n  tenant: contoso.example\n  managed_identity: true\n");
  EXPECT_EQ(own.client_id, "");
}

TEST_F(GraphDirectories, KnowTheNationalClouds) {
  struct Cloud {
    std::string name;
    std::string authority;
    std::string graph_root;
  };
  for (const auto& cloud :
       {Cloud{"global", "https://login.microsoftonline.com", "https://graph.microsoft.com"},
        Cloud{"usgov", "https://login.microsoftonline.us", "https://graph.microsoft.us"},
        Cloud{"dod", "https://login.microsoftonline.us", "https://dod-graph.microsoft.us"},
        Cloud{"china", "https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"}}) {
    const auto directory =
        valid_kind<GraphDirectory>(graph + std::string("  managed_identity: true\n  cloud: ") + cloud.name);
    EXPECT_EQ(directory.authority, cloud.authority);
    EXPECT_EQ(directory.graph_root, cloud.graph_root);
  }
  const auto own = valid_kind<GraphDirectory>(
      graph + std::string("  managed_identity: true\n  authority: https://127.0.0.1:8080/login/\n"
                          "  graph_root: https://graph.contoso.example/\n  ca_file: ca.pem\n"
                          "  proxy: http://proxy:8080\n  throttle_priority: low\n"));
  EXPECT_EQ(own.authority, "https://127.0.0.1:8080/login");
  EXPECT_EQ(own.graph_root, "https://graph.contoso.example");
  EXPECT_EQ(own.ca_file, file("ca.pem"));
  EXPECT_EQ(own.proxy, "http://proxy:8080");
  EXPECT_EQ(own.throttle_priority, "low");
}

struct Mistake {
  std::string keys;
  std::vector<std::string> told;
};

TEST_F(GraphDirectories, MistakesAreToldWithTheirPosition) {
  const std::string machine = graph + std::string("  managed_identity: true\n");
  const std::vector<Mistake> table{
      {graph,
       {"t.yaml:3:1: missing credential in `directory`: one of client_secret_file, certificate_file, "
        "federated_token_file or managed_identity"}},
      {graph + std::string("  managed_identity: false\n"),
       {"t.yaml:3:1: missing credential in `directory`: one of client_secret_file, certificate_file, "
        "federated_token_file or managed_identity"}},
      {graph + std::string("  client_secret: hunter2\n  managed_identity: true\n"),
       {"t.yaml:7:3: unknown key `client_secret` in `directory`: did you mean `client_secret_file`?"}},
      {graph + std::string("  client_secret_file: secret\n  certificate_file: cert.pem\n  private_key_file: key.pem\n"),
       {"t.yaml:8:3: exactly one credential: `certificate_file` or `client_secret_file` (line 7)"}},
      {machine + "  federated_token_file: token\n",
       {"t.yaml:7:3: exactly one credential: `managed_identity` or `federated_token_file` (line 8)"}},
      {graph + std::string("  certificate_file: cert.pem\n"),
       {"t.yaml:7:3: `certificate_file` needs `private_key_file`"}},
      {graph + std::string("  client_secret_file: secret\n  private_key_file: key.pem\n"),
       {"t.yaml:8:3: `private_key_file` needs `certificate_file`"}},
      {"  type: graph\n  managed_identity: true\n", {"t.yaml:3:1: missing key `tenant` in `directory`"}},
      {"  type: graph\n  tenant: common\n  managed_identity: true\n",
       {"t.yaml:5:11: `tenant` must be the tenant's id or one of its domains, not `common`"}},
      {"  type: graph\n  tenant: contoso.example\n  client_secret_file: secret\n",
       {"t.yaml:3:1: missing key `client_id` in `directory`"}},
      {machine + "  cloud: germany\n", {"t.yaml:8:10: `cloud` must be global, usgov, dod or china, not `germany`"}},
      {machine + "  authority: https://login.contoso.example\n",
       {"t.yaml:8:3: `authority` and `graph_root` go together: give both, or `cloud`"}},
      {machine + "  authority: https://a.example\n  graph_root: https://b.example\n  cloud: dod\n",
       {"t.yaml:10:3: `cloud` sets `authority` and `graph_root`: give either `cloud` or these two"}},
      {machine + "  authority: https://a.example\n  graph_root: https://b.example/v1.0\n",
       {"t.yaml:9:15: `graph_root` must not name a version: `https://b.example`"}},
      {machine + "  authority: http://a.example\n  graph_root: http://localhost:8080\n",
       {"t.yaml:8:14: `authority` must be an https:// address without user, query or fragment",
        "t.yaml:9:15: `graph_root` must be an https:// address without user, query or fragment"}},
      {machine + "  proxy: http://ana:hunter2@proxy\n",
       {"t.yaml:8:10: `proxy` must not hold a user or password: leave it out and set HTTPS_PROXY in the service's "
        "environment file"}},
      {machine + "  throttle_priority: urgent\n",
       {"t.yaml:8:22: `throttle_priority` must be low, normal or high, not `urgent`"}},
  };
  for (const auto& mistake : table) {
    EXPECT_EQ(told(mistake.keys), mistake.told);
  }
}

TEST_F(GraphDirectories, NameGroupsById) {
  const auto lines =
      mistakes_in(parse(with_environment("    security_group: cn=x,dc=y\n") + "log: {}\n", folder_.path() / "t.yaml"));
  EXPECT_THAT(lines, IsEmpty());  // a file may be LDIF
  auto graph_text = with_environment("    security_group: cn=x,dc=y\n");
  graph_text.replace(0, graph_text.find('\n'), "directory: {type: graph, tenant: c.example, managed_identity: true}");
  EXPECT_THAT(mistakes(graph_text),
              ElementsAre("t.yaml:6:21: `security_group` must be the group's object id: this kind of directory has "
                          "no DNs such as `cn=x,dc=y`"));
}

constexpr auto openldap =
    "  type: openldap\n"
    "  urls: [ldaps://ldap.contoso.example]\n"
    "  base: dc=contoso,dc=example\n";
constexpr auto simple_bind =
    "  bind_dn: cn=dvsync,dc=contoso,dc=example\n"
    "  password_file: password\n";

TEST_F(LdapDirectories, HaveTheDocumentedDefaults) {
  const auto directory = valid_kind<LdapDirectory>(openldap + std::string(simple_bind));
  EXPECT_EQ(directory.kind, LdapKind::openldap);
  EXPECT_THAT(directory.urls, ElementsAre("ldaps://ldap.contoso.example"));
  EXPECT_EQ(directory.base, "dc=contoso,dc=example");
  EXPECT_EQ(directory.bind_dn, "cn=dvsync,dc=contoso,dc=example");
  EXPECT_EQ(directory.password_file, file("password"));
  EXPECT_EQ(directory.keytab, std::nullopt);
  EXPECT_FALSE(directory.start_tls);
  EXPECT_EQ(directory.mode, "syncrepl");
  EXPECT_EQ(directory.user_filter, std::nullopt);
  EXPECT_EQ(directory.disabled, std::nullopt);
  EXPECT_EQ(directory.policy.licensed, "everyone");
}

TEST_F(LdapDirectories, CanBeSetInFull) {
  const auto directory = valid_kind<LdapDirectory>(
      "  type: openldap\n  urls: [ldap://a:389/, \"ldap://[::1]\"]\n  base: dc=x\n  keytab: dvsync.keytab\n"
      "  start_tls: true\n  ca_file: ca.pem\n  mode: timestamp\n  user_filter: (&(uid=*)(!(cn=x)))\n"
      "  disabled: cn=leavers,dc=x\n  licensed: cn=licensed,dc=x\n"
      "  admin_groups: {global: \"cn=a,dc=x\", power_platform: \"cn=b,dc=x\", dynamics365: \"cn=c,dc=x\"}\n"
      "  attributes: {userPrincipalName: mail}\n");
  EXPECT_THAT(directory.urls, ElementsAre("ldap://a:389", "ldap://[::1]"));
  EXPECT_EQ(directory.keytab, file("dvsync.keytab"));
  EXPECT_TRUE(directory.start_tls);
  EXPECT_EQ(directory.ca_file, file("ca.pem"));
  EXPECT_EQ(directory.mode, "timestamp");
  EXPECT_EQ(directory.user_filter, "(&(uid=*)(!(cn=x)))");
  EXPECT_EQ(directory.disabled, "cn=leavers,dc=x");
  EXPECT_EQ(directory.policy.licensed, "cn=licensed,dc=x");
  EXPECT_EQ(directory.policy.admin_groups.size(), 3U);
  EXPECT_THAT(directory.policy.attributes, ElementsAre(Pair("userPrincipalName", "mail")));
}

TEST_F(LdapDirectories, OfActiveDirectoryHaveModesOfTheirOwn) {
  const std::string keys =
      "  type: active_directory\n  urls: [ldap://dc1]\n  base: DC=x\n  bind_dn: dvsync@contoso.example\n"
      "  password_file: password\n  start_tls: true\n";
  const auto directory = valid_kind<LdapDirectory>(keys);
  EXPECT_EQ(directory.kind, LdapKind::active_directory);
  EXPECT_EQ(directory.mode, "dirsync");
  EXPECT_EQ(valid_kind<LdapDirectory>(keys + "  mode: usn\n").mode, "usn");
  EXPECT_THAT(told(keys + "  mode: syncrepl\n"),
              ElementsAre("t.yaml:10:9: `mode` must be dirsync or usn, not `syncrepl`"));
}

TEST_F(LdapDirectories, MistakesAreToldWithTheirPosition) {
  const std::string bound = openldap + std::string(simple_bind);
  const std::vector<Mistake> table{
      {"  type: openldap\n  keytab: dvsync.keytab\n",
       {"t.yaml:3:1: missing key `urls` in `directory`", "t.yaml:3:1: missing key `base` in `directory`"}},
      {openldap, {"t.yaml:3:1: missing credential in `directory`: `bind_dn` with `password_file`, or `keytab`"}},
      {openldap + std::string("  bind_dn: cn=x,dc=y\n"), {"t.yaml:7:3: `bind_dn` needs `password_file`"}},
      {openldap + std::string("  password_file: password\n"), {"t.yaml:7:3: `password_file` needs `bind_dn`"}},
      {bound + "  keytab: dvsync.keytab\n", {"t.yaml:9:3: exactly one credential: `keytab` or `bind_dn` (line 7)"}},
      {"  type: openldap\n  base: dc=x\n  keytab: dvsync.keytab\n  urls: []\n",
       {"t.yaml:7:9: `urls` must name at least one"}},
      {bound + "  start_tls: true\n",
       {"t.yaml:5:10: `urls` must be ldap:// with `start_tls: true`: ldaps:// is encrypted already"}},
      {bound + "  user_filter: objectClass=person\n",
       {"t.yaml:9:16: `user_filter` must be an LDAP filter in parentheses, such as (objectClass=inetOrgPerson)"}},
      {bound + "  user_filter: (a=b)(c=d)\n",
       {"t.yaml:9:16: `user_filter` must be an LDAP filter in parentheses, such as (objectClass=inetOrgPerson)"}},
      {bound + "  disabled: pwdAccountLocked\n",
       {"t.yaml:9:13: `disabled` must be pwdAccountLockedTime, nsAccountLock, a filter in parentheses or a group's DN, "
        "not `pwdAccountLocked`"}},
      {bound + "  licensed: everybody\n",
       {"t.yaml:9:13: `licensed` must be everyone, or the DN of a group whose members are licensed, not "
        "`everybody`"}},
      {bound + "  admin_groups: {globl: \"cn=a,dc=x\", dynamics365: admins}\n",
       {"t.yaml:9:18: unknown key `globl` in `admin_groups`: did you mean `global`?",
        "t.yaml:9:51: `dynamics365` must be a distinguished name such as DC=contoso,DC=example, not `admins`"}},
      {bound + "  attributes: {mobilephone: mobile, city: \"a b\"}\n",
       {"t.yaml:9:16: unknown key `mobilephone` in `attributes`: did you mean `mobilePhone`?",
        "t.yaml:9:43: `city` must be the name of an LDAP attribute, not `a b`"}},
  };
  for (const auto& mistake : table) {
    EXPECT_EQ(told(mistake.keys), mistake.told);
  }
}

TEST_F(LdapDirectories, AddressesAreHostsOverEncryptedConnections) {
  const auto told_of = [&](std::string_view url) {
    return told("  type: openldap\n  base: dc=x\n" + std::string(simple_bind) + "  urls: [ldaps://a, \"" +
                std::string(url) + "\"]\n");
  };
  EXPECT_THAT(told_of("ldap://b"), ElementsAre("t.yaml:8:21: `urls` would carry the password unencrypted: ldaps://, or "
                                               "`start_tls: true`"));
  EXPECT_THAT(told_of("http://b"), ElementsAre("t.yaml:8:21: `urls` must be ldap:// or ldaps:// addresses, not "
                                               "`http://b`"));
  EXPECT_THAT(told_of("ldaps://"), ElementsAre("t.yaml:8:21: `urls` must be a host and perhaps a port, such as "
                                               "ldaps://dc1.contoso.example:636, not `ldaps:/`"));
  EXPECT_THAT(told_of("ldaps://b/dc=x"), ElementsAre("t.yaml:8:21: `urls` must be a host and perhaps a port, such as "
                                                     "ldaps://dc1.contoso.example:636, not `ldaps://b/dc=x`"));
  EXPECT_THAT(told("  type: openldap\n  base: dc=x\n  keytab: dvsync.keytab\n  urls: [ldap://b]\n"), IsEmpty());
}

}  // namespace
}  // namespace dvsync::config
