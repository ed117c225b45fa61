// Active Directory against a real Samba domain controller: after every kind of change, a round of changes leaves what a
// fresh full load would, by DirSync and by uSNChanged polling.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>

#include "samba_server.hpp"
#include "source/ldap_source.hpp"
#include "support/mirror_model.hpp"

namespace dvsync::source {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* staff = "CN=staff,OU=work,DC=dvsync,DC=test";
constexpr const char* inner = "CN=inner,OU=work,DC=dvsync,DC=test";

std::string user_ldif(const std::string& name, const std::string& more = {}) {
  return "dn: CN=" + name + ",OU=work,DC=dvsync,DC=test\nobjectClass: user\nsAMAccountName: " + name +
         "\nuserPrincipalName: " + name + "@dvsync.test\ngivenName: " + name + "\nsn: Li\nuserAccountControl: 544\n" +
         more + "\n";
}

std::string change(const std::string& dn, const std::string& what) {
  return "dn: " + dn + "\nchangetype: modify\n" + what + "\n";
}

std::string user_dn(const std::string& name) { return "CN=" + name + ",OU=work,DC=dvsync,DC=test"; }

PullRequest all_wishes() {
  PullRequest request;
  request.groups = {staff};
  request.nested_groups = true;
  return request;
}

// One domain for the whole program: provisioning is what takes time. Every test has a fresh organizational unit.
class ActiveDirectory : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (server_ != nullptr || !obstacle_.empty()) return;
    obstacle_ = enter_private_network();
    if (obstacle_.empty()) server_ = std::make_unique<SambaServer>();
  }

  void SetUp() override {
    if (!obstacle_.empty()) GTEST_SKIP() << obstacle_;
    samba().apply(
        "dn: OU=work,DC=dvsync,DC=test\nobjectClass: organizationalUnit\n\n"
        "dn: OU=leavers,DC=dvsync,DC=test\nobjectClass: organizationalUnit\n\n" +
        user_ldif("ana", "title: Engineer\nmobile: 1\n") + user_ldif("bob") + user_ldif("cid") + user_ldif("dora") +
        "dn: " + inner + "\nobjectClass: group\nsAMAccountName: inner\nmember: " + user_dn("cid") + "\n\n" +
        "dn: " + staff + "\nobjectClass: group\nsAMAccountName: staff\nmember: " + user_dn("ana") +
        "\nmember: " + inner + "\nmanagedBy: " + user_dn("bob") + "\n\n" +
        "dn: CN=licensed,OU=work,DC=dvsync,DC=test\nobjectClass: group\nsAMAccountName: licensed\nmember: " +
        user_dn("dora") + "\n");
  }

  void TearDown() override {
    if (server_ == nullptr) return;
    for (const char* unit : {"OU=work,", "OU=leavers,"}) samba().remove_tree(unit + std::string(SambaServer::base));
  }

  static SambaServer& samba() { return *server_; }

  [[nodiscard]] static std::unique_ptr<DirectorySource> source(const std::string& mode) {
    config::LdapDirectory directory = samba().directory(mode == "usn" ? "plain" : "sync");
    directory.mode = mode;
    directory.policy.licensed = "CN=licensed,OU=work,DC=dvsync,DC=test";
    directory.policy.admin_groups = {{"power_platform", inner}};
    return make_ldap_source(directory, 5);
  }

  static std::unique_ptr<SambaServer> server_;
  static std::string obstacle_;
};
std::unique_ptr<SambaServer> ActiveDirectory::server_;
std::string ActiveDirectory::obstacle_;

class ActiveDirectoryMode : public ActiveDirectory, public testing::WithParamInterface<const char*> {
 protected:
  [[nodiscard]] std::unique_ptr<DirectorySource> source() const { return ActiveDirectory::source(GetParam()); }

  void expect_round_equals_full(const std::string& after) {
    mirror_.round(*source());
    MirrorModel fresh(all_wishes());
    fresh.full(*source());
    EXPECT_EQ(mirror_.text(), fresh.text()) << "after: " << after;
    EXPECT_THAT(mirror_.rejected, IsEmpty());
  }

  MirrorModel mirror_{all_wishes()};
};

TEST_P(ActiveDirectoryMode, RoundsOfChangesEqualAFullLoad) {
  struct Step {
    const char* what;
    std::string ldif;
  };
  const std::vector<Step> steps = {
      {"nothing", ""},
      {"add", user_ldif("eva", "mail: eva@example.org\n")},
      {"change", change(user_dn("ana"), "replace: title\ntitle: Architect\n-\nadd: l\nl: Oslo\n-\n")},
      {"clear an attribute", change(user_dn("ana"), "delete: mobile\n-\n")},
      {"rename", "dn: " + user_dn("ana") + "\nchangetype: modrdn\nnewrdn: CN=anna\ndeleteoldrdn: 1\n"},
      {"move", "dn: " + user_dn("bob") +
                   "\nchangetype: moddn\nnewrdn: CN=bob\ndeleteoldrdn: 1\nnewsuperior: OU=leavers,DC=dvsync,DC=test\n"},
      {"disable", change(user_dn("cid"), "replace: userAccountControl\nuserAccountControl: 546\n-\n")},
      {"enable", change(user_dn("cid"), "replace: userAccountControl\nuserAccountControl: 544\n-\n")},
      {"expire", change(user_dn("cid"), "replace: accountExpires\naccountExpires: 133000000000000000\n-\n")},
      {"join a group", change(staff, "add: member\nmember: " + user_dn("dora") + "\n-\n")},
      {"leave a group", change(staff, "delete: member\nmember: " + user_dn("dora") + "\n-\n")},
      {"change the owner", change(staff, "replace: managedBy\nmanagedBy: " + user_dn("cid") + "\n-\n")},
      {"no owner", change(staff, "delete: managedBy\n-\n")},
      {"change a nested group", change(inner, "add: member\nmember: " + user_dn("dora") + "\n-\n")},
      {"a loop of groups", change(inner, "add: member\nmember: " + std::string(staff) + "\n-\n")},
      {"another group inside",
       "dn: CN=late,OU=work,DC=dvsync,DC=test\nobjectClass: group\nsAMAccountName: late\nmember: " + user_dn("dora") +
           "\n\n" + change(staff, "add: member\nmember: CN=late,OU=work,DC=dvsync,DC=test\n-\n")},
      {"unnest", change(staff, "delete: member\nmember: " + std::string(inner) + "\n-\n")},
      {"change the licensed",
       change("CN=licensed,OU=work,DC=dvsync,DC=test", "add: member\nmember: " + user_dn("cid") + "\n-\n")},
      {"rename a group",
       "dn: CN=late,OU=work,DC=dvsync,DC=test\nchangetype: modrdn\nnewrdn: CN=later\ndeleteoldrdn: 1\n"},
  };
  mirror_.full(*source());
  for (const Step& step : steps) {
    if (!step.ldif.empty()) samba().apply(step.ldif);
    expect_round_equals_full(step.what);
  }
  const auto ana = mirror_.user("ana@dvsync.test");
  EXPECT_FALSE(ana->profile[core::Attribute::mobile_phone]);
  EXPECT_EQ(ana->profile[core::Attribute::job_title], "Architect");
  EXPECT_EQ(ana->profile[core::Attribute::city], "Oslo");
}

TEST_P(ActiveDirectoryMode, ADeletedAccountIsGoneAndComesBackWithWhatItThenHas) {
  mirror_.full(*source());
  ASSERT_THAT(mirror_.members(staff), ElementsAre("ana@dvsync.test"));
  const std::string guid = samba().guid_of("ana");
  samba().apply("dn: " + user_dn("ana") + "\nchangetype: delete\n");
  if (std::string(GetParam()) == "usn") {
    // `plain` may not see tombstones: only a full load shows who is deleted.
    mirror_.full(*source());
  } else {
    mirror_.round(*source());
  }
  EXPECT_FALSE(mirror_.user("ana@dvsync.test"));
  samba().undelete("ana", guid, user_dn("ana"));
  samba().apply(change(user_dn("ana"), "add: userPrincipalName\nuserPrincipalName: ana@dvsync.test\n-\n"));
  expect_round_equals_full("restore");
  EXPECT_TRUE(mirror_.user("ana@dvsync.test"));
  EXPECT_THAT(mirror_.members(staff), IsEmpty());
}

TEST_P(ActiveDirectoryMode, AFullLoadTellsUsersGroupsRolesAndLicences) {
  const PullEnd end = mirror_.full(*source());
  EXPECT_EQ(end.users, Completeness::complete);
  const auto ana = mirror_.user("ana@dvsync.test");
  ASSERT_TRUE(ana);
  EXPECT_EQ(core::to_string(ana->object_id), samba().guid_of("ana"));
  EXPECT_EQ(ana->account_enabled, true);
  EXPECT_FALSE(ana->account_expires);
  EXPECT_EQ(ana->guest, false);
  EXPECT_EQ(ana->profile[core::Attribute::job_title], "Engineer");
  for (const auto& computer : {"DC1$", "dns-dc1"}) EXPECT_FALSE(mirror_.user(std::string(computer) + "@dvsync.test"));
  EXPECT_THAT(mirror_.text(), Not(HasSubstr(samba().guid_of("DC1$")))) << "computers are no users";

  EXPECT_THAT(mirror_.members(staff), ElementsAre("ana@dvsync.test"));
  EXPECT_THAT(mirror_.members(staff, MembershipRecord::Relation::owner), ElementsAre("bob@dvsync.test"));
  EXPECT_THAT(mirror_.members(inner), ElementsAre("cid@dvsync.test"));
  EXPECT_THAT(mirror_.holders(RoleName::power_platform_administrator), ElementsAre("cid@dvsync.test"));
  EXPECT_THAT(mirror_.holders(RoleName::licensed), ElementsAre("dora@dvsync.test"));
}

TEST_P(ActiveDirectoryMode, ASecondRoundTellsNothing) {
  mirror_.full(*source());
  mirror_.round(*source());
  const std::string before = mirror_.text();
  const PullEnd end = mirror_.round(*source());
  EXPECT_EQ(end.users, Completeness::changes);
  EXPECT_EQ(end.records, 0U);
  EXPECT_EQ(mirror_.text(), before);
}

TEST_P(ActiveDirectoryMode, AGroupMayBeNamedByItsIdAndBeMissing) {
  PullRequest wishes;
  wishes.groups = {samba().guid_of("staff"), "CN=nowhere,DC=dvsync,DC=test", "3f6b2c1e-0000-4000-8000-000000000001"};
  MirrorModel mirror(wishes);
  const PullEnd end = mirror.full(*source());
  EXPECT_THAT(mirror.members(wishes.groups.front()), ElementsAre("ana@dvsync.test"));
  EXPECT_EQ(std::ranges::count(end.groups, Completeness::unreadable, &GroupCompleteness::members), 2);
}

TEST_P(ActiveDirectoryMode, OneUserCanBeAskedForDirectly) {
  const auto cid = source()->look_up({.object_id = std::nullopt, .user_name = "CID@dvsync.test"}, all_wishes(), {});
  ASSERT_TRUE(cid && cid->page.identities.size() == 1);
  EXPECT_EQ(core::to_string(cid->page.identities.front().object_id), samba().guid_of("cid"));
  EXPECT_EQ(cid->page.identities.front().account_enabled, true);
  EXPECT_THAT(cid->page.roles, Contains(testing::Field(&RoleRecord::role, RoleName::power_platform_administrator)));
  const auto in_staff = [](const MembershipRecord& record) { return record.member_is_group; };
  EXPECT_TRUE(std::ranges::any_of(cid->page.memberships, in_staff)) << "inner is a member of staff";

  const auto id = core::parse_guid(samba().guid_of("ana"));
  samba().apply("dn: " + user_dn("ana") + "\nchangetype: delete\n");
  const auto gone = source()->look_up({.object_id = id, .user_name = {}}, all_wishes(), {});
  ASSERT_EQ(gone->page.identities.size(), 1U);
  EXPECT_EQ(gone->page.identities.front().lifecycle, core::Lifecycle::gone);
}

INSTANTIATE_TEST_SUITE_P(Both, ActiveDirectoryMode, testing::Values("dirsync", "usn"),
                         [](const auto& mode) { return std::string(mode.param); });

TEST_F(ActiveDirectory, DirSyncWithoutTheRightNamesTheGrantAndDoesNotFallBack) {
  config::LdapDirectory directory = samba().directory("plain");
  MirrorModel mirror;
  try {
    mirror.full(*make_ldap_source(directory, 5));
    FAIL() << "it must not fall back to something else";
  } catch (const SourceError& error) {
    EXPECT_EQ(error.kind(), SourceError::Kind::denied);
    EXPECT_THAT(error.what(), HasSubstr("Replicating Directory Changes"));
    EXPECT_THAT(error.what(), HasSubstr("1131f6aa-9c07-11d1-f79f-00c04fc2dcd2"));
  }
}

TEST_F(ActiveDirectory, ACookieThatTheControllerRefusesMeansAFullLoad) {
  const auto dirsync = source("dirsync");
  MirrorModel mirror(all_wishes());
  mirror.full(*dirsync);
  samba().apply("dn: " + user_dn("ana") + "\nchangetype: delete\n");
  mirror.cursor["dirsync"] = "Z2FyYmFnZQ==";
  const PullEnd end = mirror.round(*dirsync);
  EXPECT_EQ(end.users, Completeness::complete);
  EXPECT_THAT(end.warnings, Contains(HasSubstr("cookie")));
  EXPECT_FALSE(mirror.user("ana@dvsync.test"));
  EXPECT_EQ(mirror.round(*dirsync).users, Completeness::changes);
}

TEST_F(ActiveDirectory, ACookieOlderThanTombstonesMeansAFullLoad) {
  for (const char* mode : {"dirsync", "usn"}) {
    MirrorModel mirror(all_wishes());
    mirror.full(*source(mode));
    mirror.cursor["pulled_at"] = "1700000000";
    EXPECT_EQ(mirror.round(*source(mode)).users, Completeness::complete) << mode;
  }
}

TEST_F(ActiveDirectory, UsnPollingStartsAnewOnAnotherCopyOfTheDatabase) {
  const auto usn = source("usn");
  MirrorModel mirror(all_wishes());
  mirror.full(*usn);
  mirror.cursor["invocation"] = "another";
  EXPECT_EQ(mirror.round(*usn).users, Completeness::complete);
  mirror.cursor["usn"] = "99999999";
  EXPECT_EQ(mirror.round(*usn).users, Completeness::complete);
  EXPECT_EQ(mirror.round(*usn).users, Completeness::changes);
}

TEST_F(ActiveDirectory, UsnPollingSeesTombstonesWhereTheAccountMay) {
  config::LdapDirectory directory = samba().directory();
  directory.bind_dn = "Administrator@dvsync.test";
  directory.password_file = samba().folder() / "administrator";
  write_file(*directory.password_file, "Passw0rd!adm");
  directory.mode = "usn";
  const auto usn = make_ldap_source(directory, 5);
  MirrorModel mirror(all_wishes());
  mirror.full(*usn);
  const std::string guid = samba().guid_of("ana");
  samba().apply("dn: " + user_dn("ana") + "\nchangetype: delete\n");
  EXPECT_EQ(mirror.round(*usn).users, Completeness::changes);
  EXPECT_FALSE(mirror.user("ana@dvsync.test"));
  samba().undelete("ana", guid, user_dn("ana"));
  mirror.round(*usn);
  MirrorModel fresh(all_wishes());
  fresh.full(*usn);
  EXPECT_EQ(mirror.text(), fresh.text());
}

TEST_F(ActiveDirectory, APartOfADomainIsPolledByDefault) {
  config::LdapDirectory directory = samba().directory("plain");
  directory.base = "OU=work,DC=dvsync,DC=test";
  const auto part = make_ldap_source(directory, 5);
  MirrorModel mirror;
  mirror.full(*part);
  EXPECT_EQ(mirror.users(), 4U);
  samba().apply(change(user_dn("ana"), "replace: title\ntitle: Architect\n-\n"));
  EXPECT_EQ(mirror.round(*part).users, Completeness::changes);
  EXPECT_EQ(mirror.user("ana@dvsync.test")->profile[core::Attribute::job_title], "Architect");

  directory.mode = "dirsync";
  MirrorModel refused;
  EXPECT_THROW(refused.full(*make_ldap_source(directory, 5)), SourceError);
}

TEST_F(ActiveDirectory, WhoNoLongerMatchesTheFilterIsGone) {
  config::LdapDirectory directory = samba().directory("plain");
  directory.user_filter = "(department=sales)";
  samba().apply(change(user_dn("ana"), "add: department\ndepartment: sales\n-\n"));
  samba().apply(change(user_dn("bob"), "add: department\ndepartment: sales\n-\n"));
  const auto filtered = make_ldap_source(directory, 5);
  MirrorModel mirror;
  mirror.full(*filtered);
  EXPECT_EQ(mirror.users(), 2U);
  samba().apply(change(user_dn("bob"), "delete: department\n-\n"));
  EXPECT_EQ(mirror.round(*filtered).users, Completeness::changes);
  EXPECT_FALSE(mirror.user("bob@dvsync.test"));
  EXPECT_TRUE(mirror.user("ana@dvsync.test"));
}

TEST_F(ActiveDirectory, AnOlderDatabaseLeadsBackToWhatItHolds) {
  samba().back_up();
  for (const char* mode : {"dirsync", "usn"}) {
    SCOPED_TRACE(mode);
    MirrorModel mirror(all_wishes());
    mirror.full(*source(mode));
    samba().apply(user_ldif("late"));
    samba().apply(change(staff, "add: member\nmember: " + user_dn("late") + "\n-\n"));
    mirror.round(*source(mode));
    EXPECT_TRUE(mirror.user("late@dvsync.test"));
    samba().restore();
    mirror.round(*source(mode));
    MirrorModel fresh(all_wishes());
    fresh.full(*source(mode));
    EXPECT_EQ(mirror.text(), fresh.text());
  }
}

TEST_F(ActiveDirectory, KerberosWithAKeytabNeedsNoPassword) {
  config::LdapDirectory directory = samba().directory();
  directory.bind_dn.reset();
  directory.password_file.reset();
  directory.keytab = samba().make_keytab();
  directory.urls = {"ldap://127.0.0.1"};  // Kerberos encrypts by itself
  MirrorModel mirror;
  mirror.full(*make_ldap_source(directory, 5));
  EXPECT_TRUE(mirror.user("ana@dvsync.test"));

  directory.urls = {"ldaps://127.0.0.1"};
  const auto findings = make_ldap_source(directory, 5)->check({});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_THAT(findings.front().message, HasSubstr("write ldap:// into `urls`"));
}

}  // namespace
}  // namespace dvsync::source
