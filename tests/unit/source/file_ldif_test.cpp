// LDIF: entries of Active Directory, OpenLDAP and 389 Directory Server.

#include <gmock/gmock.h>

#include <string>

#include "unit/source/file_fixture.hpp"

namespace dvsync::source::file {
namespace {

using core::Attribute;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Bytes and text of one GUID, confirmed against a domain controller (Samba 4.17).
constexpr std::string_view ad_user =
    "dn: CN=Ana Li,OU=People,DC=contoso,DC=example\n"
    "objectClass: top\nobjectClass: person\nobjectClass: organizationalPerson\nobjectClass: user\n"
    "objectGUID:: KpZ4FzS9u0iwSBHPd08KOQ==\n"
    "userPrincipalName: ana@contoso.example\nsAMAccountName: Ana\ngivenName: Ana\nsn: Li\ndisplayName: Ana Li\n"
    "mail: ana@contoso.example\ntitle: Seller\ntelephoneNumber: +47 22\nmobile: +47 9\nhomePhone: +47 5\n"
    "facsimileTelephoneNumber: +47 23\nstreetAddress: Storgata 1\nl: Oslo\nst: Viken\npostalCode: 0150\nco: Norway\n"
    "c: NO\nuserAccountControl: 512\naccountExpires: 9223372036854775807\n\n";
constexpr std::string_view ad_user_id = "1778962a-bd34-48bb-b048-11cf774f0a39";

constexpr std::string_view group_guid =
    "objectGUID:: HixrPwAAAECAAAAAAAAAAQ==\n";  // 3f6b2c1e-0000-4000-8000-000000000001

std::string entry(std::string_view more, std::string_view id = ana_id) {
  return "dn: uid=ana,ou=people,dc=example\nobjectClass: inetOrgPerson\nentryUUID: " + std::string(id) + "\n" +
         std::string(more) + "\n";
}

std::string group(std::string_view members, std::string_view dn = "CN=Sales,OU=Groups,DC=contoso,DC=example") {
  return "dn: " + std::string(dn) + "\nobjectClass: group\n" + std::string(members) + "\n";
}

class LdifFileTest : public FileTest {
 protected:
  Pulled pull_entries(const std::string& entries) { return pull("directory.ldif", "version: 1\n\n" + entries); }
};

TEST_F(LdifFileTest, ReadsAnActiveDirectoryUser) {
  const Pulled pulled = pull_entries(std::string(ad_user));
  const IdentityRecord& ana = pulled.user(ad_user_id);
  EXPECT_TRUE(ana.whole);
  EXPECT_EQ(ana.account_enabled, true);
  EXPECT_TRUE(ana.expiry_stated);
  EXPECT_EQ(ana.account_expires, std::nullopt);
  EXPECT_EQ(ana.plans, std::nullopt);
  EXPECT_EQ(ana.distinguished_name, "cn=ana li,ou=people,dc=contoso,dc=example");
  EXPECT_EQ(ana.login, "ana");
  const auto& profile = ana.profile;
  EXPECT_EQ(profile[Attribute::user_principal_name], "ana@contoso.example");
  EXPECT_EQ(profile[Attribute::given_name], "Ana");
  EXPECT_EQ(profile[Attribute::surname], "Li");
  EXPECT_EQ(profile[Attribute::display_name], "Ana Li");
  EXPECT_EQ(profile[Attribute::mail], "ana@contoso.example");
  EXPECT_EQ(profile[Attribute::job_title], "Seller");
  EXPECT_EQ(profile[Attribute::business_phone], "+47 22");
  EXPECT_EQ(profile[Attribute::mobile_phone], "+47 9");
  EXPECT_EQ(profile[Attribute::home_phone], "+47 5");
  EXPECT_EQ(profile[Attribute::fax_number], "+47 23");
  EXPECT_EQ(profile[Attribute::street_address], "Storgata 1");
  EXPECT_EQ(profile[Attribute::city], "Oslo");
  EXPECT_EQ(profile[Attribute::state], "Viken");
  EXPECT_EQ(profile[Attribute::postal_code], "0150");
  EXPECT_EQ(profile[Attribute::country], "Norway");
}

TEST_F(LdifFileTest, ReadsFoldsCommentsBase64AndWindowsLineBreaks) {
  const Pulled pulled = pull_entries(
      "# a comment\n#\n that goes on\ndn:: dWlkPcOlc2UsZGM9ZXhhbXBsZQ==\nobjectClass: inetOrgPerson\n"
      "entryUUID: 11111111-1111-\n 4111-8111-\n 111111111111\r\ngivenName:: w4VzZQ==\r\nsn:   Li\n  nd\nmail:\nuid: "
      "ase\n\n\n\n" +
      entry("", bo_id));
  const IdentityRecord& ase = pulled.user(ana_id);
  EXPECT_EQ(ase.distinguished_name, "uid=åse,dc=example");
  EXPECT_EQ(ase.profile[Attribute::given_name], "Åse");
  EXPECT_EQ(ase.profile[Attribute::surname], "Li nd");
  EXPECT_EQ(ase.profile[Attribute::user_principal_name], "ase");
  EXPECT_THAT(pulled.all.identities, SizeIs(2));
  EXPECT_EQ(pulled.end.records, 2U);
}

struct NameCase {
  std::string_view attributes;
  std::optional<std::string> user_name;
};

TEST_F(LdifFileTest, TheUserNameIsTheFirstThereIs) {
  for (const NameCase& expected :
       {NameCase{"uid: ana\nmail: m@x\nuserPrincipalName: u@x\n", "u@x"}, NameCase{"uid: ana\nmail: m@x\n", "m@x"},
        NameCase{"uid: ana\n", "ana"}, NameCase{"", std::nullopt}}) {
    EXPECT_EQ(pull_entries(entry(expected.attributes)).user(ana_id).profile[Attribute::user_principal_name],
              expected.user_name);
  }
}

TEST_F(LdifFileTest, ConfiguredAttributesReplaceTheUsualOnes) {
  configured_.ldap.attributes = {{"userPrincipalName", "eduPersonPrincipalName"}, {"jobTitle", "EmployeeType"}};
  const Pulled pulled = pull_entries(entry("mail: m@x\neduPersonPrincipalName: e@x\ntitle: T\nemployeetype: E\n"));
  EXPECT_EQ(pulled.user(ana_id).profile[Attribute::user_principal_name], "e@x");
  EXPECT_EQ(pulled.user(ana_id).profile[Attribute::job_title], "E");
}

struct StateCase {
  std::string_view attributes;
  std::optional<bool> enabled;
};

class LdifStateTest : public LdifFileTest, public ::testing::WithParamInterface<StateCase> {};

TEST_P(LdifStateTest, ReadsTheAccountState) {
  EXPECT_EQ(pull_entries(entry(GetParam().attributes)).user(ana_id).account_enabled, GetParam().enabled)
      << GetParam().attributes;
}

INSTANTIATE_TEST_SUITE_P(Attributes, LdifStateTest,
                         ::testing::Values(StateCase{"", true}, StateCase{"userAccountControl: 514\n", false},
                                           StateCase{"userAccountControl: 66048\n", true},
                                           StateCase{"userAccountControl: ?\n", std::nullopt},
                                           StateCase{"nsAccountLock: TRUE\n", false},
                                           StateCase{"nsAccountLock: false\n", true},
                                           StateCase{"pwdAccountLockedTime: 000001010000Z\n", false},
                                           StateCase{"pwdAccountLockedTime: 20240101000000Z\n", true}));

TEST_F(LdifFileTest, ReadsTheExpiryOfAnAccount) {
  const Pulled pulled = pull_entries(entry("accountExpires: 133485408000000000\n"));  // 2024-01-01
  EXPECT_EQ(pulled.user(ana_id).account_expires,
            core::Timestamp(std::chrono::sys_days(std::chrono::January / 1 / 2024)));
  EXPECT_EQ(pull_entries(entry("accountExpires: 0\n")).user(ana_id).account_expires, std::nullopt);
}

struct ClassCase {
  std::string_view classes;
  bool user;
};

TEST_F(LdifFileTest, KnowsUsersByTheirObjectClass) {
  for (const ClassCase& expected :
       {ClassCase{"objectClass: inetOrgPerson\n", true}, ClassCase{"objectClass: POSIXACCOUNT\n", true},
        ClassCase{"objectClass: person\n", true}, ClassCase{"objectClass: user\nobjectClass: computer\n", false},
        ClassCase{"objectClass: person\nobjectClass: contact\n", false},
        ClassCase{"objectClass: organizationalUnit\n", false}}) {
    const Pulled pulled = pull_entries(entry("", bo_id) + "dn: cn=x\n" + std::string(expected.classes) +
                                       "entryUUID: " + std::string(ana_id) + "\n\n");
    EXPECT_EQ(pulled.all.identities.size(), expected.user ? 2U : 1U) << expected.classes;
    EXPECT_EQ(pulled.end.records, 2U);
  }
}

TEST_F(LdifFileTest, KnowsTheIdsOfEveryServer) {
  const std::string before = "dn: uid=a\nobjectClass: person\n";
  EXPECT_EQ(pull_entries(before + "nsUniqueId: 11111111-11114111-81111111-11111111\n\n").all.identities[0].object_id,
            guid(ana_id));
  EXPECT_EQ(pull_entries(before + "objectGUID: " + std::string(ana_id) + "\n\n").all.identities[0].object_id,
            guid(ana_id));
}

TEST_F(LdifFileTest, ATombstoneIsGone) {
  const Pulled pulled = pull_entries(std::string(ad_user) + entry("isDeleted: TRUE\n"));
  EXPECT_EQ(pulled.user(ana_id).lifecycle, core::Lifecycle::gone);
  EXPECT_FALSE(pulled.user(ana_id).whole);
  EXPECT_TRUE(pulled.user(ana_id).stated.none());
}

TEST_F(LdifFileTest, TakesTheFirstOfSeveralValuesAndSaysSoOnce) {
  const Pulled pulled = pull_entries(entry("mail: first@x\nmail: second@x\n") + entry("mail: a@x\nmail: b@x\n", bo_id));
  EXPECT_EQ(pulled.user(ana_id).profile[Attribute::mail], "first@x");
  EXPECT_THAT(pulled.end.warnings, ElementsAre(HasSubstr("mail")));
}

TEST_F(LdifFileTest, NulIsADefect) {
  EXPECT_EQ(pull_entries(entry("title:: YQBi\n")).user(ana_id).defect, "jobTitle holds NUL");
}

TEST_F(LdifFileTest, TheEndOfASearchIsNoRecord) {
  const Pulled pulled =
      pull_entries(entry("") + "# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 2\n");
  EXPECT_EQ(pulled.end.records, 1U);
  EXPECT_THAT(pulled.all.rejected, IsEmpty());
}

TEST_F(LdifFileTest, ADeltaHoldsWholeEntries) {
  configured_.mode = config::FileMode::delta;
  request_.groups = {"cn=sales,ou=groups,dc=contoso,dc=example", "cn=other,dc=example"};
  const Pulled pulled =
      pull_entries("dn: uid=ana\nchangetype: add\nobjectClass: person\nentryUUID: " + std::string(ana_id) + "\n\n" +
                   group(group_guid));
  EXPECT_TRUE(pulled.user(ana_id).whole);
  EXPECT_EQ(pulled.end.users, Completeness::changes);
  EXPECT_EQ(pulled.end.groups[0].members, Completeness::complete);
  EXPECT_EQ(pulled.end.groups[1].members, Completeness::changes);
}

struct RejectCase {
  std::string_view name;
  std::string entry;
  std::string_view reason;
  std::string_view detail;
  std::string_view object_id;
};

class LdifRejectTest : public LdifFileTest, public ::testing::WithParamInterface<RejectCase> {};

TEST_P(LdifRejectTest, RejectsOneEntryAndReadsOn) {
  const Pulled pulled =
      pull_entries(entry("", bo_id) + GetParam().entry + entry("", "33333333-3333-4333-8333-333333333333"));
  EXPECT_THAT(pulled.all.identities, SizeIs(2));
  ASSERT_THAT(pulled.all.rejected, SizeIs(1));
  EXPECT_EQ(pulled.all.rejected[0].where, "directory.ldif:7");
  EXPECT_EQ(pulled.all.rejected[0].reason, GetParam().reason);
  EXPECT_THAT(pulled.all.rejected[0].detail, HasSubstr(GetParam().detail));
  EXPECT_EQ(pulled.all.rejected[0].object_id,
            GetParam().object_id.empty() ? std::nullopt : std::optional(guid(GetParam().object_id)));
}

INSTANTIATE_TEST_SUITE_P(
    Entries, LdifRejectTest,
    ::testing::Values(RejectCase{"no colon", entry("rubbish\n"), "malformed", "no attribute name", ana_id},
                      RejectCase{"bad base64", entry("sn:: a?b\n"), "malformed", "sn is not valid base64", ana_id},
                      RejectCase{"no dn", "objectClass: person\nentryUUID: " + std::string(ana_id) + "\n\n",
                                 "malformed", "begin with its dn", ana_id},
                      RejectCase{"two entries ran together",
                                 entry("").substr(0, entry("").size() - 1) + entry("", bo_id), "malformed",
                                 "ran together", ""},
                      RejectCase{"no id", "dn: uid=a\nobjectClass: person\n\n", "missing_object_id", "'*' '+'", ""},
                      RejectCase{"id is no GUID", entry("", "ana"), "invalid_object_id", "not a GUID", ""}));

// --- groups ---------------------------------------------------------------------------------------------------------

TEST_F(LdifFileTest, ReadsMembersByDnAndLoginAndOwners) {
  for (const std::string& name : {std::string("CN=Sales, OU=Groups,DC=contoso,DC=example"), std::string(group_id)}) {
    request_.groups = {name};
    const Pulled pulled = pull_entries(
        std::string(ad_user) +
        group(std::string("member: CN=Ana Li,OU=People,DC=contoso,DC=example\n") + std::string(group_guid) +
              "uniqueMember: cn=Bo , dc=Example#'0101'B\nmemberUid: Bo \nmanagedBy: CN=Chef,DC=x\n"));
    ASSERT_THAT(pulled.all.memberships, SizeIs(4));
    const auto& records = pulled.all.memberships;
    EXPECT_THAT(records, Each(testing::Field(&MembershipRecord::group, guid(group_id))));
    EXPECT_EQ(records[0].member.kind, MemberRef::Kind::distinguished_name);
    EXPECT_EQ(records[0].member.name, pulled.user(ad_user_id).distinguished_name);
    EXPECT_EQ(records[1].member.name, "cn=bo,dc=example");
    EXPECT_EQ(records[2].member.kind, MemberRef::Kind::login);
    EXPECT_EQ(records[2].member.name, "bo");
    EXPECT_EQ(records[3].relation, MembershipRecord::Relation::owner);
    ASSERT_THAT(pulled.end.groups, SizeIs(1));
    EXPECT_EQ(pulled.end.groups[0].name, name);
    EXPECT_EQ(pulled.end.groups[0].object_id, guid(group_id));
    EXPECT_EQ(pulled.end.groups[0].members, Completeness::complete);
  }
}

TEST_F(LdifFileTest, NestedGroupsComeWithTheirDn) {
  request_.nested_groups = true;
  const Pulled pulled = pull_entries(std::string(ad_user) + group(std::string(group_guid) + "member: CN=Inner,DC=x\n"));
  EXPECT_THAT(pulled.all.memberships, SizeIs(1));
  ASSERT_THAT(pulled.end.groups, SizeIs(1));
  EXPECT_EQ(pulled.end.groups[0].distinguished_name, "cn=sales,ou=groups,dc=contoso,dc=example");
  EXPECT_TRUE(pulled.end.nested_groups_read);
}

TEST_F(LdifFileTest, ALargeGroupFillsManyPagesWhereverItsIdStands) {
  request_.groups = {std::string(group_id)};
  configured_.ldap.admin_groups = {{"global", "CN=Sales,OU=Groups,DC=contoso,DC=example"}};
  std::string members;
  for (int i = 0; i < 12'000; ++i) members += "member: CN=" + std::to_string(i) + ",DC=x\n";
  for (const std::string& content : {std::string(group_guid) + members, members + std::string(group_guid)}) {
    const Pulled pulled = pull_entries("# before\n" + group(content) + std::string(ad_user) + "dn: x\nrubbish\n\n");
    ASSERT_THAT(pulled.all.memberships, SizeIs(12'000));
    EXPECT_EQ(pulled.all.memberships.back().member.name, "cn=11999,dc=x");
    EXPECT_THAT(pulled.all.roles, SizeIs(12'000));
    EXPECT_LE(pulled.largest_page, 12'500U);
    EXPECT_EQ(pulled.end.records, 3U);
    EXPECT_EQ(pulled.all.rejected[0].where, "directory.ldif:" + std::to_string(12'000 + 8 + 26));
  }
}

struct CoverageCase {
  std::string_view name;
  std::string entries;
  Completeness expected;
  std::string_view detail;
};

class LdifCoverageTest : public LdifFileTest, public ::testing::WithParamInterface<CoverageCase> {};

TEST_P(LdifCoverageTest, SaysHowMuchOfAGroupIsKnown) {
  request_.groups = {"CN=Sales,OU=Groups,DC=contoso,DC=example"};
  const Pulled pulled = pull_entries(std::string(ad_user) + GetParam().entries);
  EXPECT_EQ(pulled.end.groups[0].members, GetParam().expected) << GetParam().name;
  EXPECT_THAT(pulled.end.groups[0].detail, HasSubstr(GetParam().detail)) << GetParam().name;
}

const std::string good_group = group(group_guid);

INSTANTIATE_TEST_SUITE_P(
    Entries, LdifCoverageTest,
    ::testing::Values(
        CoverageCase{"empty group", good_group, Completeness::complete, ""},
        CoverageCase{"no such group", "", Completeness::unreadable, "has no group"},
        CoverageCase{"another group", group(group_guid, "CN=Other,DC=x"), Completeness::unreadable, "has no group"},
        CoverageCase{"group without id", group("member: CN=a\n"), Completeness::unreadable, "objectGUID"},
        CoverageCase{"broken entry of the group", group(std::string(group_guid) + "rubbish\n"),
                     Completeness::unreadable, "cannot be read"},
        CoverageCase{"broken entry without dn", good_group + "objectClass: group\n\n", Completeness::unreadable,
                     "may be a part"},
        CoverageCase{"broken entry of another", good_group + group("rubbish\n", "CN=Other,DC=x"),
                     Completeness::complete, ""},
        CoverageCase{"a part of the members", group(std::string(group_guid) + "member;range=0-1499: CN=a\n"),
                     Completeness::unreadable, "range="},
        CoverageCase{"the last part, too",
                     group(std::string(group_guid) + "member;range=0-1499: CN=a\nmember;range=1500-*: CN=b\n"),
                     Completeness::complete, ""}));

// --- roles ----------------------------------------------------------------------------------------------------------

TEST_F(LdifFileTest, WithoutPolicyEverybodyIsLicensedAndNobodyAdministers) {
  const Pulled pulled = pull_entries(std::string(ad_user));
  EXPECT_TRUE(pulled.end.everybody_licensed);
  EXPECT_THAT(pulled.end.roles, Each(Completeness::not_carried));
}

TEST_F(LdifFileTest, RolesAndLicencesComeFromConfiguredGroups) {
  configured_.ldap.licensed = "cn=licensed,dc=x";
  configured_.ldap.admin_groups = {{"global", "CN=Admins, DC=x"}, {"dynamics365", "CN=Missing,DC=x"}};
  const Pulled pulled = pull_entries(std::string(ad_user) + group("member: CN=Ana\nowner: CN=Bo\n", "cn=admins,dc=x") +
                                     group("memberUid: ana\n", "CN=Licensed,DC=X"));
  ASSERT_THAT(pulled.all.roles, SizeIs(2));
  EXPECT_EQ(pulled.all.roles[0].role, RoleName::global_administrator);
  EXPECT_EQ(pulled.all.roles[0].member.name, "cn=ana");
  EXPECT_EQ(pulled.all.roles[1].role, RoleName::licensed);
  EXPECT_EQ(pulled.all.roles[1].member.name, "ana");
  EXPECT_FALSE(pulled.end.everybody_licensed);
  EXPECT_THAT(pulled.end.roles, ElementsAre(Completeness::complete, Completeness::complete, Completeness::unreadable,
                                            Completeness::complete));
  EXPECT_THAT(pulled.end.warnings, ElementsAre(HasSubstr("CN=Missing,DC=x")));
  EXPECT_THAT(pulled.all.memberships, IsEmpty());
}

TEST_F(LdifFileTest, ARoleWithoutAGroupIsHeldByNobodyWhereAnotherHasOne) {
  configured_.ldap.admin_groups = {{"global", "CN=Admins,DC=x"}};
  const Pulled pulled = pull_entries(std::string(ad_user) + group("member: CN=Ana\n", "cn=admins,dc=x"));
  EXPECT_THAT(pulled.end.roles, ElementsAre(Completeness::complete, Completeness::complete, Completeness::complete,
                                            Completeness::not_carried));
}

TEST_F(LdifFileTest, AnUnreadableEntryMakesRolesUnknown) {
  configured_.ldap.licensed = "cn=licensed,dc=x";
  const Pulled pulled = pull_entries(std::string(ad_user) + group("rubbish\n", "cn=licensed,dc=x"));
  EXPECT_EQ(pulled.end.roles[3], Completeness::unreadable);
}

}  // namespace
}  // namespace dvsync::source::file
