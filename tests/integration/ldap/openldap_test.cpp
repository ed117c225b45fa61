// OpenLDAP against a real slapd: after every kind of change, a round of changes leaves what a fresh full load would.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "slapd_server.hpp"
#include "source/ldap_source.hpp"
#include "support/mirror_model.hpp"

namespace dvsync::source {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* staff = "cn=staff,ou=groups,dc=example";

PullRequest all_wishes() {
  PullRequest request;
  request.groups = {staff};
  request.nested_groups = true;
  return request;
}

class OpenldapMode : public testing::TestWithParam<const char*> {
 protected:
  OpenldapMode() {
    slapd_.apply(
        user_ldif("ana") + user_ldif("bob") + user_ldif("cid") + user_ldif("dora") +
        "dn: cn=inner,ou=groups,dc=example\nobjectClass: groupOfUniqueNames\ncn: inner\n"
        "uniqueMember: uid=cid,ou=people,dc=example\nuniqueMember: uid=bob,ou=people,dc=example#'0101'B\n\n"
        "dn: cn=posix,ou=groups,dc=example\nobjectClass: posixGroup\ncn: posix\ngidNumber: 7\nmemberUid: DORA\n\n"
        "dn: cn=staff,ou=groups,dc=example\nobjectClass: groupOfNames\ncn: staff\n"
        "member: UID=ana, OU=people, dc=example\nmember: cn=inner,ou=groups,dc=example\n"
        "owner: uid=bob,ou=people,dc=example\n");
  }

  [[nodiscard]] std::unique_ptr<DirectorySource> source() const {
    config::LdapDirectory directory = slapd_.directory();
    directory.mode = GetParam();
    directory.policy.licensed = "cn=posix,ou=groups,dc=example";
    directory.policy.admin_groups = {{"global", "cn=inner,ou=groups,dc=example"}};
    return make_ldap_source(directory, 5);
  }

  // A round must leave what a full load finds.
  void expect_round_equals_full(const std::string& after) {
    mirror_.round(*source());
    MirrorModel fresh(all_wishes());
    fresh.full(*source());
    EXPECT_EQ(mirror_.text(), fresh.text()) << "after: " << after;
    EXPECT_THAT(mirror_.rejected, IsEmpty());
  }

  SlapdServer slapd_;
  MirrorModel mirror_{all_wishes()};
};

struct Step {
  const char* what;
  const char* ldif;
};

const std::vector<Step> steps = {
    {"nothing", ""},
    {"add",
     "dn: uid=eva,ou=people,dc=example\nobjectClass: inetOrgPerson\nuid: eva\ncn: Eva\nsn: E\nmail: eva@example.org\n"},
    {"change",
     "dn: uid=ana,ou=people,dc=example\nchangetype: modify\nreplace: title\ntitle: Engineer\n-\nadd: mobile\nmobile: "
     "1\n"},
    {"clear an attribute", "dn: uid=ana,ou=people,dc=example\nchangetype: modify\ndelete: mobile\n"},
    {"rename", "dn: uid=ana,ou=people,dc=example\nchangetype: modrdn\nnewrdn: uid=anna\ndeleteoldrdn: 1\n"},
    {"move",
     "dn: uid=bob,ou=people,dc=example\nchangetype: moddn\nnewrdn: uid=bob\ndeleteoldrdn: 0\nnewsuperior: "
     "ou=leavers,dc=example\n"},
    {"delete", "dn: uid=cid,ou=people,dc=example\nchangetype: delete\n"},
    {"add back under another id",
     "dn: uid=cid,ou=people,dc=example\nobjectClass: inetOrgPerson\nuid: cid\ncn: Cid\nsn: C\n"},
    {"join a group",
     "dn: cn=staff,ou=groups,dc=example\nchangetype: modify\nadd: member\nmember: uid=dora,ou=people,dc=example\n"},
    {"leave a group",
     "dn: cn=staff,ou=groups,dc=example\nchangetype: modify\ndelete: member\nmember: UID=ana, OU=people, dc=example\n"},
    {"change the owner",
     "dn: cn=staff,ou=groups,dc=example\nchangetype: modify\nreplace: owner\nowner: uid=dora,ou=people,dc=example\n"},
    {"change a nested group",
     "dn: cn=inner,ou=groups,dc=example\nchangetype: modify\nadd: uniqueMember\nuniqueMember: "
     "uid=dora,ou=people,dc=example\n"},
    {"change the licensed", "dn: cn=posix,ou=groups,dc=example\nchangetype: modify\nadd: memberUid\nmemberUid: eva\n"},
    {"a loop of groups",
     "dn: cn=inner,ou=groups,dc=example\nchangetype: modify\nadd: uniqueMember\nuniqueMember: "
     "cn=staff,ou=groups,dc=example\n"},
    {"unnest",
     "dn: cn=staff,ou=groups,dc=example\nchangetype: modify\ndelete: member\nmember: cn=inner,ou=groups,dc=example\n"},
};

TEST_P(OpenldapMode, RoundsOfChangesEqualAFullLoad) {
  mirror_.full(*source());
  for (const Step& step : steps) {
    if (*step.ldif != '\0') slapd_.apply(step.ldif);
    expect_round_equals_full(step.what);
  }
  EXPECT_FALSE(mirror_.user("ana@example.org")->profile[core::Attribute::mobile_phone]);
  EXPECT_EQ(mirror_.user("ana@example.org")->profile[core::Attribute::job_title], "Engineer");
}

TEST_P(OpenldapMode, AFullLoadTellsUsersGroupsRolesAndLicences) {
  const PullEnd end = mirror_.full(*source());

  EXPECT_EQ(mirror_.users(), 4);
  EXPECT_EQ(end.users, Completeness::complete);
  const auto ana = mirror_.user("ana@example.org");
  ASSERT_TRUE(ana);
  EXPECT_EQ(core::to_string(ana->object_id), slapd_.search("dc=example", "(uid=ana)", "entryUUID"));
  EXPECT_EQ(ana->account_enabled, true);
  EXPECT_EQ(ana->profile[core::Attribute::display_name], "ana Li");
  EXPECT_EQ(ana->distinguished_name, "uid=ana,ou=people,dc=example");

  EXPECT_THAT(mirror_.members(staff), ElementsAre("ana@example.org"));
  EXPECT_THAT(mirror_.members(staff, MembershipRecord::Relation::owner), ElementsAre("bob@example.org"));
  EXPECT_THAT(mirror_.members("cn=inner,ou=groups,dc=example"), ElementsAre("bob@example.org", "cid@example.org"));
  EXPECT_THAT(mirror_.holders(RoleName::global_administrator), ElementsAre("bob@example.org", "cid@example.org"));
  EXPECT_THAT(mirror_.holders(RoleName::licensed), ElementsAre("dora@example.org"));
  EXPECT_FALSE(end.everybody_licensed);
  EXPECT_THAT(end.roles, ElementsAre(Completeness::complete, Completeness::complete, Completeness::complete,
                                     Completeness::complete));
  EXPECT_THAT(end.groups,
              UnorderedElementsAre(testing::Field(&GroupCompleteness::name, staff),
                                   testing::Field(&GroupCompleteness::name, "cn=inner,ou=groups,dc=example")));
}

TEST_P(OpenldapMode, ASecondRoundTellsNothingNew) {
  mirror_.full(*source());
  const Cursor before = mirror_.cursor;
  const PullEnd end = mirror_.round(*source());
  EXPECT_EQ(mirror_.cursor, before);
  for (const GroupCompleteness& group : end.groups) EXPECT_EQ(group.members, Completeness::changes);
}

TEST_P(OpenldapMode, AVanishedGroupIsUnreadableAndReadAgainWhenItIsBack) {
  mirror_.full(*source());
  slapd_.apply("dn: cn=staff,ou=groups,dc=example\nchangetype: delete\n");
  const PullEnd end = mirror_.round(*source());
  ASSERT_EQ(end.groups.size(), 1U);
  EXPECT_EQ(end.groups.front().members, Completeness::unreadable);
  EXPECT_THAT(end.groups.front().detail, HasSubstr(staff));
  EXPECT_NE(end.groups.front().object_id, core::Guid{});

  slapd_.apply(
      "dn: cn=staff,ou=groups,dc=example\nobjectClass: groupOfNames\ncn: staff\nmember: "
      "uid=bob,ou=people,dc=example\n");
  expect_round_equals_full("the group is back");
  EXPECT_THAT(mirror_.members(staff), ElementsAre("bob@example.org"));
}

TEST_P(OpenldapMode, AnUnreadableRoleGroupMakesTheRoleUnknown) {
  slapd_.apply("dn: cn=inner,ou=groups,dc=example\nchangetype: delete\n");
  const PullEnd end = mirror_.full(*source());
  EXPECT_EQ(end.roles[0], Completeness::unreadable);
  EXPECT_THAT(end.warnings, ElementsAre(HasSubstr("cn=inner")));
}

TEST_P(OpenldapMode, AGroupMayBeNamedByItsId) {
  const std::string id = slapd_.search("dc=example", "(cn=staff)", "entryUUID");
  PullRequest wishes;
  wishes.groups = {id, staff};
  MirrorModel mirror(wishes);
  const PullEnd end = mirror.full(*source());
  EXPECT_EQ(end.groups.size(), 2U);
  EXPECT_THAT(mirror.members(id), ElementsAre("ana@example.org"));
  EXPECT_THAT(mirror.members(staff), ElementsAre("ana@example.org"));
}

TEST_P(OpenldapMode, LosingTheCursorCostsAFullLoadAndNothingElse) {
  mirror_.full(*source());
  slapd_.apply("dn: uid=ana,ou=people,dc=example\nchangetype: delete\n");
  mirror_.cursor.clear();
  const PullEnd end = mirror_.round(*source());
  EXPECT_EQ(end.users, Completeness::complete);
  EXPECT_FALSE(mirror_.user("ana@example.org"));
}

TEST_P(OpenldapMode, AnOlderDatabaseIsReadFromScratch) {
  mirror_.full(*source());
  slapd_.back_up();
  slapd_.add_user("late");
  slapd_.apply("dn: uid=ana,ou=people,dc=example\nchangetype: modify\nreplace: title\ntitle: Engineer\n");
  slapd_.apply(
      "dn: cn=staff,ou=groups,dc=example\nchangetype: modify\nadd: member\nmember: uid=late,ou=people,dc=example\n");
  expect_round_equals_full("changes after the backup");
  slapd_.restore();
  expect_round_equals_full("restore of an older database");
  EXPECT_FALSE(mirror_.user("late@example.org"));
}

TEST_P(OpenldapMode, AnotherFilterOrAttributeMeansAFullLoad) {
  mirror_.full(*source());
  config::LdapDirectory directory = slapd_.directory();
  directory.mode = GetParam();
  directory.policy.attributes["jobTitle"] = "description";
  const PullEnd end = mirror_.round(*make_ldap_source(directory, 5));
  EXPECT_EQ(end.users, Completeness::complete);
}

TEST_P(OpenldapMode, WhoNoLongerMatchesTheFilterIsGone) {
  config::LdapDirectory directory = slapd_.directory();
  directory.mode = GetParam();
  directory.user_filter = "(&(objectClass=inetOrgPerson)(!(employeeType=leaver)))";
  const auto filtered = make_ldap_source(directory, 5);
  MirrorModel mirror;
  mirror.full(*filtered);
  slapd_.apply("dn: uid=bob,ou=people,dc=example\nchangetype: modify\nadd: employeeType\nemployeeType: leaver\n");
  mirror.round(*filtered);
  EXPECT_FALSE(mirror.user("bob@example.org"));
  slapd_.apply("dn: uid=bob,ou=people,dc=example\nchangetype: modify\ndelete: employeeType\n");
  mirror.round(*filtered);
  EXPECT_TRUE(mirror.user("bob@example.org"));
}

TEST_P(OpenldapMode, AListingWithoutAnybodyIsAMistake) {
  config::LdapDirectory directory = slapd_.directory();
  directory.mode = GetParam();
  directory.user_filter = "(employeeType=nobody)";
  MirrorModel mirror;
  try {
    mirror.full(*make_ldap_source(directory, 5));
    FAIL() << "an empty listing must not be taken for an empty directory";
  } catch (const SourceError& error) {
    EXPECT_THAT(error.what(), HasSubstr("(employeeType=nobody)"));
  }
}

TEST_P(OpenldapMode, ARenamedSubtreeChangesTheNamesOfEverybodyBelowIt) {
  mirror_.full(*source());
  EXPECT_THAT(mirror_.members(staff), ElementsAre("ana@example.org"));
  slapd_.apply("dn: ou=people,dc=example\nchangetype: modrdn\nnewrdn: ou=persons\ndeleteoldrdn: 1\n");
  slapd_.apply(
      "dn: cn=staff,ou=groups,dc=example\nchangetype: modify\nreplace: member\nmember: "
      "uid=ana,ou=persons,dc=example\nmember: cn=inner,ou=groups,dc=example\n");
  expect_round_equals_full("the container of everybody was renamed");
  EXPECT_THAT(mirror_.members(staff), ElementsAre("ana@example.org"));
  EXPECT_EQ(mirror_.round(*source()).users,
            GetParam() == std::string("syncrepl") ? Completeness::changes : Completeness::complete);
}

TEST_P(OpenldapMode, AccountsThatTheDirectoryLocksForGoodAreDisabledWithoutAnyConfiguration) {
  slapd_.apply(
      "dn: uid=ana,ou=people,dc=example\nchangetype: modify\nadd: pwdAccountLockedTime\npwdAccountLockedTime: "
      "000001010000Z\n");
  mirror_.full(*source());
  EXPECT_EQ(mirror_.user("ana@example.org")->account_enabled, false);
  EXPECT_EQ(mirror_.user("bob@example.org")->account_enabled, true);
}

TEST_P(OpenldapMode, SeveralValuesCountOnceAndAreReported) {
  slapd_.apply(
      "dn: uid=ana,ou=people,dc=example\nchangetype: modify\nadd: telephoneNumber\ntelephoneNumber: "
      "1\ntelephoneNumber: 2\n");
  const PullEnd end = mirror_.full(*source());
  EXPECT_EQ(mirror_.user("ana@example.org")->profile[core::Attribute::business_phone], "1");
  EXPECT_THAT(end.warnings, ElementsAre(HasSubstr("telephoneNumber")));
}

TEST_P(OpenldapMode, DisabledAccountsByAttributeFilterOrGroup) {
  slapd_.apply(
      "dn: cn=blocked,ou=groups,dc=example\nobjectClass: groupOfNames\ncn: blocked\nmember: "
      "uid=bob,ou=people,dc=example\n");
  struct Case {
    const char* rule;
    const char* disable_ana;
    const char* enable_ana;
  };
  const std::vector<Case> cases = {
      {"pwdAccountLockedTime",
       "dn: uid=ana,ou=people,dc=example\nchangetype: modify\nadd: pwdAccountLockedTime\npwdAccountLockedTime: "
       "000001010000Z\n",
       "dn: uid=ana,ou=people,dc=example\nchangetype: modify\ndelete: pwdAccountLockedTime\n"},
      {"(employeeType=blocked)",
       "dn: uid=ana,ou=people,dc=example\nchangetype: modify\nadd: employeeType\nemployeeType: blocked\n",
       "dn: uid=ana,ou=people,dc=example\nchangetype: modify\ndelete: employeeType\n"},
      {"cn=blocked,ou=groups,dc=example",
       "dn: cn=blocked,ou=groups,dc=example\nchangetype: modify\nadd: member\nmember: uid=ana,ou=people,dc=example\n",
       "dn: cn=blocked,ou=groups,dc=example\nchangetype: modify\ndelete: member\nmember: "
       "uid=ana,ou=people,dc=example\n"},
  };
  for (const Case& rule : cases) {
    SCOPED_TRACE(rule.rule);
    config::LdapDirectory directory = slapd_.directory();
    directory.mode = GetParam();
    directory.disabled = rule.rule;
    const auto ruled = make_ldap_source(directory, 5);
    MirrorModel mirror;
    mirror.full(*ruled);
    EXPECT_EQ(mirror.user("ana@example.org")->account_enabled, true);
    slapd_.apply(rule.disable_ana);
    mirror.round(*ruled);
    EXPECT_EQ(mirror.user("ana@example.org")->account_enabled, false);
    EXPECT_EQ(mirror.user("dora@example.org")->account_enabled, true);
    slapd_.apply(rule.enable_ana);
    mirror.round(*ruled);
    EXPECT_EQ(mirror.user("ana@example.org")->account_enabled, true);
  }
}

TEST_P(OpenldapMode, ALockoutAfterWrongPasswordsIsNoDisabledAccount) {
  slapd_.apply(
      "dn: uid=ana,ou=people,dc=example\nchangetype: modify\nadd: pwdAccountLockedTime\npwdAccountLockedTime: "
      "20260101000000Z\n");
  config::LdapDirectory directory = slapd_.directory();
  directory.mode = GetParam();
  directory.disabled = "pwdAccountLockedTime";
  mirror_.full(*make_ldap_source(directory, 5));
  EXPECT_EQ(mirror_.user("ana@example.org")->account_enabled, true);
}

TEST_P(OpenldapMode, OneUserCanBeAskedForDirectly) {
  mirror_.full(*source());
  const auto by_name = source()->look_up({.object_id = std::nullopt, .user_name = "ANA@example.org"}, all_wishes(), {});
  ASSERT_TRUE(by_name && by_name->page.identities.size() == 1);
  EXPECT_EQ(by_name->page.identities.front().object_id, mirror_.user("ana@example.org")->object_id);
  ASSERT_EQ(by_name->page.memberships.size(), 2U);  // once as a member, once on the way up from the user
  EXPECT_THAT(by_name->page.roles, IsEmpty());

  const core::Guid cid = mirror_.user("cid@example.org")->object_id;
  const auto by_id = source()->look_up({.object_id = cid, .user_name = {}}, all_wishes(), {});
  ASSERT_EQ(by_id->page.identities.size(), 1U);
  ASSERT_EQ(by_id->page.roles.size(), 2U);
  EXPECT_EQ(by_id->page.roles.front().role, RoleName::global_administrator);
  bool inner_in_staff = false;
  for (const MembershipRecord& record : by_id->page.memberships) {
    inner_in_staff =
        inner_in_staff || (record.member_is_group && record.member.name == "cn=inner,ou=groups,dc=example");
  }
  EXPECT_TRUE(inner_in_staff);

  slapd_.apply("dn: uid=cid,ou=people,dc=example\nchangetype: delete\n");
  const auto gone = source()->look_up({.object_id = cid, .user_name = {}}, all_wishes(), {});
  EXPECT_EQ(gone->page.identities.front().lifecycle, core::Lifecycle::gone);
  const auto nobody = source()->look_up({.object_id = std::nullopt, .user_name = "cid@example.org"}, all_wishes(), {});
  EXPECT_THAT(nobody->page.identities, IsEmpty());
}

TEST_P(OpenldapMode, ALookUpThatMatchesTwiceIsAnError) {
  slapd_.add_user("ana2");
  slapd_.apply("dn: uid=ana2,ou=people,dc=example\nchangetype: modify\nreplace: mail\nmail: ana@example.org\n");
  try {
    (void)source()->look_up({.object_id = std::nullopt, .user_name = "ana@example.org"}, {}, {});
    FAIL() << "it must not choose one of them";
  } catch (const SourceError& error) {
    EXPECT_THAT(error.what(), HasSubstr("several users"));
  }
}

TEST_P(OpenldapMode, ALookUpDoesNotTrustTheNameAsAFilter) {
  const auto answer = source()->look_up({.object_id = std::nullopt, .user_name = "*)(uid=*"}, {}, {});
  EXPECT_THAT(answer->page.identities, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Both, OpenldapMode, testing::Values("syncrepl", "timestamp"),
                         [](const auto& mode) { return std::string(mode.param); });

class Syncrepl : public testing::Test {
 protected:
  void fill(SlapdServer& slapd) {
    slapd.apply(user_ldif("ana") + user_ldif("bob") + user_ldif("cid"));
    source_ = make_ldap_source(slapd.directory(), 5);
    mirror_.full(*source_);
  }
  void expect_round_equals_full() {
    mirror_.round(*source_);
    MirrorModel fresh;
    fresh.full(*source_);
    EXPECT_EQ(mirror_.text(), fresh.text());
  }
  std::unique_ptr<DirectorySource> source_;
  MirrorModel mirror_;
};

TEST_F(Syncrepl, ALostSessionLogIsMadeUpForByThePresentPhase) {
  SlapdServer slapd;
  fill(slapd);
  slapd.apply("dn: uid=bob,ou=people,dc=example\nchangetype: delete\n");
  slapd.apply("dn: uid=ana,ou=people,dc=example\nchangetype: modify\nreplace: title\ntitle: Engineer\n");
  slapd.restart();
  const PullEnd end = mirror_.round(*source_);
  EXPECT_EQ(end.users, Completeness::complete);
  EXPECT_FALSE(mirror_.user("bob@example.org"));
  EXPECT_TRUE(mirror_.user("cid@example.org"));
  expect_round_equals_full();
}

TEST_F(Syncrepl, WorksWithoutASessionLog) {
  SlapdServer slapd({.syncprov = true, .session_log = 0});
  fill(slapd);
  slapd.apply("dn: uid=bob,ou=people,dc=example\nchangetype: delete\n");
  slapd.add_user("dan");
  expect_round_equals_full();
}

TEST_F(Syncrepl, ASmallChangeIsToldByAFewRecords) {
  SlapdServer slapd;
  fill(slapd);
  slapd.apply("dn: uid=bob,ou=people,dc=example\nchangetype: modify\nreplace: title\ntitle: Engineer\n");
  const PullEnd end = mirror_.round(*source_);
  EXPECT_EQ(end.users, Completeness::changes);
  EXPECT_LE(end.records, 2U);
}

TEST_F(Syncrepl, ACookieThatSlapdCannotReadMeansAFullLoad) {
  SlapdServer slapd;
  fill(slapd);
  slapd.apply("dn: uid=bob,ou=people,dc=example\nchangetype: delete\n");
  mirror_.cursor["users"] = "Y3NuPWdhcmJhZ2U=";  // csn=garbage
  const PullEnd end = mirror_.round(*source_);
  EXPECT_EQ(end.users, Completeness::complete);
  EXPECT_FALSE(mirror_.user("bob@example.org"));
  expect_round_equals_full();
}

TEST_F(Syncrepl, ACookieThatIsNoneMeansAFullLoad) {
  SlapdServer slapd;
  fill(slapd);
  mirror_.cursor["users"] = "%%%";
  EXPECT_EQ(mirror_.round(*source_).users, Completeness::complete);
}

TEST_F(Syncrepl, MemoryStaysFlatBecausePagesAreBounded) {
  SlapdServer slapd;
  std::string ldif;
  for (int i = 0; i < 2500; ++i) {
    const std::string uid = "u" + std::to_string(i);
    ldif += "dn: uid=" + uid + ",ou=people,dc=example\nobjectClass: inetOrgPerson\nuid: " + uid + "\ncn: " + uid +
            "\nsn: " + uid + "\n\n";
  }
  slapd.apply(ldif);
  std::string group = "dn: cn=all,ou=groups,dc=example\nobjectClass: groupOfNames\ncn: all\n";
  for (int i = 0; i < 5000; ++i) group += "member: uid=u" + std::to_string(i) + ",ou=people,dc=example\n";
  slapd.apply(group);
  PullRequest wishes;
  wishes.groups = {"cn=all,ou=groups,dc=example"};
  MirrorModel mirror(wishes);
  mirror.full(*make_ldap_source(slapd.directory(), 5));
  EXPECT_EQ(mirror.users(), 2500U);
  EXPECT_GE(mirror.pages, 4U);
  EXPECT_LE(mirror.largest_page, 2001U);
}

TEST_F(Syncrepl, AReaderThatIsStoppedLeaves) {
  SlapdServer slapd;
  fill(slapd);
  std::stop_source stop;
  stop.request_stop();
  Page page;
  EXPECT_THROW(source_->pull({})->next(page, stop.get_token()), Interrupted);
}

}  // namespace
}  // namespace dvsync::source
