// A real slapd whose tree is not a plain one: aliases, referrals, groups that are renamed, loop or nest deeply; clocks
// that were wrong; a server that goes away while it is read.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "slapd_server.hpp"
#include "source/ldap_source.hpp"
#include "support/mirror_model.hpp"

namespace dvsync::source {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr const char* staff = "cn=staff,ou=groups,dc=example";

std::string group_ldif(const std::string& name, const std::vector<std::string>& members) {
  std::string text = "dn: cn=" + name + ",ou=groups,dc=example\nobjectClass: groupOfNames\ncn: " + name + "\n";
  for (const auto& member : members) text += "member: " + member + "\n";
  return text + "\n";
}
std::string person(const std::string& uid) { return "uid=" + uid + ",ou=people,dc=example"; }
std::string group(const std::string& cn) { return "cn=" + cn + ",ou=groups,dc=example"; }

class OpenldapTree : public testing::TestWithParam<const char*> {
 protected:
  OpenldapTree() {
    slapd_.apply(user_ldif("ana") + user_ldif("bob") + user_ldif("cid") + group_ldif("staff", {person("ana")}));
  }

  [[nodiscard]] config::LdapDirectory directory() const {
    config::LdapDirectory directory = slapd_.directory();
    directory.mode = GetParam();
    return directory;
  }
  [[nodiscard]] std::unique_ptr<DirectorySource> source() const { return make_ldap_source(directory(), 5); }

  static PullRequest wishes() {
    PullRequest request;
    request.groups = {staff};
    request.nested_groups = true;
    return request;
  }

  SlapdServer slapd_;
  MirrorModel mirror_{wishes()};
};

TEST_P(OpenldapTree, AnAliasIsNobodyAndLeadsNowhere) {
  slapd_.apply(
      "dn: ou=away,dc=example\nobjectClass: organizationalUnit\nou: away\n\n"
      "dn: uid=ana,ou=away,dc=example\nobjectClass: alias\nobjectClass: extensibleObject\nuid: ana\n"
      "aliasedObjectName: uid=ana,ou=people,dc=example\n\n"
      "dn: ou=loop,dc=example\nobjectClass: alias\nobjectClass: extensibleObject\nou: loop\n"
      "aliasedObjectName: dc=example\n");
  mirror_.full(*source());
  EXPECT_EQ(mirror_.users(), 3U);
  EXPECT_THAT(mirror_.rejected, IsEmpty());
  mirror_.round(*source());
  EXPECT_EQ(mirror_.users(), 3U);
}

TEST_P(OpenldapTree, AReferralIsNotFollowedAndSaidOnce) {
  slapd_.apply(
      "dn: ou=branch,dc=example\nobjectClass: referral\nobjectClass: extensibleObject\nou: branch\n"
      "ref: ldap://127.0.0.1:1/ou=branch,dc=example\n\n"
      "dn: ou=other,dc=example\nobjectClass: referral\nobjectClass: extensibleObject\nou: other\n"
      "ref: ldap://127.0.0.1:1/ou=other,dc=example\n");
  const auto end = mirror_.full(*source());
  EXPECT_EQ(mirror_.users(), 3U);
  EXPECT_THAT(end.warnings, testing::ElementsAre(HasSubstr("does not follow referrals")));
  EXPECT_THAT(mirror_.rejected, IsEmpty());
}

TEST_P(OpenldapTree, AGroupThatWasRenamedIsFoundAndItsNewNameTold) {
  mirror_.full(*source());
  slapd_.apply("dn: " + std::string(staff) + "\nchangetype: modrdn\nnewrdn: cn=team\ndeleteoldrdn: 1\n\n" +
               "dn: cn=team,ou=groups,dc=example\nchangetype: modify\nadd: member\nmember: " + person("bob") + "\n");
  for (int round = 0; round < 2; ++round) {
    const auto end = mirror_.round(*source());
    ASSERT_EQ(end.groups.size(), 1U);
    EXPECT_EQ(end.groups.front().name, staff);
    EXPECT_NE(end.groups.front().members, Completeness::unreadable);
    EXPECT_THAT(mirror_.members(staff), UnorderedElementsAre("ana@example.org", "bob@example.org"));
    EXPECT_THAT(end.warnings, testing::ElementsAre(HasSubstr("cn=team,ou=groups,dc=example")));
  }
  auto request = wishes();
  request.cursor = mirror_.cursor;
  const auto findings = source()->check(request);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings.front().effect, Finding::Effect::none);
}

TEST_P(OpenldapTree, AGroupThatWasMovedIsFoundToo) {
  mirror_.full(*source());
  slapd_.apply("dn: " + std::string(staff) +
               "\nchangetype: modrdn\nnewrdn: cn=staff\ndeleteoldrdn: 1\nnewsuperior: ou=leavers,dc=example\n");
  const auto end = mirror_.round(*source());
  EXPECT_THAT(end.warnings, testing::ElementsAre(HasSubstr("cn=staff,ou=leavers,dc=example")));
  EXPECT_THAT(mirror_.members(staff), UnorderedElementsAre("ana@example.org"));
}

TEST_P(OpenldapTree, AnotherGroupOfTheOldNameIsTheOneThatIsMeant) {
  mirror_.full(*source());
  slapd_.apply("dn: " + std::string(staff) + "\nchangetype: modrdn\nnewrdn: cn=team\ndeleteoldrdn: 1\n");
  slapd_.apply(group_ldif("staff", {person("cid")}));
  const auto end = mirror_.round(*source());
  EXPECT_THAT(end.warnings, IsEmpty());
  EXPECT_THAT(mirror_.members(staff), UnorderedElementsAre("cid@example.org"));
}

TEST_P(OpenldapTree, AGroupThatIsDeletedIsNotFoundByItsIdEither) {
  mirror_.full(*source());
  slapd_.apply("dn: " + std::string(staff) + "\nchangetype: delete\n");
  const auto end = mirror_.round(*source());
  ASSERT_EQ(end.groups.size(), 1U);
  EXPECT_EQ(end.groups.front().members, Completeness::unreadable);
  EXPECT_THAT(end.groups.front().detail, HasSubstr("there is no group"));
}

TEST_P(OpenldapTree, GroupsThatHoldEachOtherAreReadOnce) {
  slapd_.apply(group_ldif("a", {group("b"), person("bob")}) +
               group_ldif("b", {group("a"), group("b"), group("staff")}));
  slapd_.apply("dn: " + std::string(staff) + "\nchangetype: modify\nadd: member\nmember: " + group("a") +
               "\nmember: " + staff + "\n");
  const auto end = mirror_.full(*source());
  EXPECT_EQ(end.groups.size(), 3U);
  EXPECT_THAT(mirror_.members(group("a")), Contains("bob@example.org"));
  mirror_.round(*source());
  EXPECT_THAT(mirror_.members(group("a")), Contains("bob@example.org"));
}

TEST_P(OpenldapTree, ANestOfTenThousandGroupsIsReadToItsBottom) {
  constexpr int depth = 10'000;
  std::string ldif;
  for (int n = 0; n < depth; ++n) {
    const bool deepest = n + 1 == depth;
    ldif += group_ldif("n" + std::to_string(n), {deepest ? person("cid") : group("n" + std::to_string(n + 1))});
  }
  slapd_.apply(ldif);
  slapd_.apply("dn: " + std::string(staff) + "\nchangetype: modify\nadd: member\nmember: " + group("n0") + "\n");
  const auto end = mirror_.full(*source());
  EXPECT_EQ(end.groups.size(), std::size_t{depth} + 1);
  EXPECT_THAT(mirror_.members(group("n9999")), UnorderedElementsAre("cid@example.org"));
}

TEST_P(OpenldapTree, ManyPagesOfUsersAreReadBesideGroups) {
  std::string ldif;
  for (int n = 0; n < 2'500; ++n) ldif += user_ldif("user" + std::to_string(n));
  slapd_.apply(ldif);
  LdapLimits limits;
  limits.page_size = 100;
  const auto reader = make_ldap_source(directory(), 5, limits);
  mirror_.full(*reader);
  mirror_.round(*reader);
  EXPECT_EQ(mirror_.users(), 2'503U);
  EXPECT_THAT(mirror_.members(staff), UnorderedElementsAre("ana@example.org"));
}

TEST_P(OpenldapTree, AServerThatGoesAwayWithinAListingTakesNothingAlong) {
  std::string ldif;
  for (int n = 0; n < 4'000; ++n) ldif += user_ldif("user" + std::to_string(n));
  slapd_.apply(ldif);
  mirror_.full(*source());
  const auto before = mirror_.text();
  auto request = wishes();
  request.full = true;
  LdapLimits limits;
  limits.page_size = 500;
  const auto reader = make_ldap_source(directory(), 5, limits, [](auto, const auto&) { return true; });
  const auto pull = reader->pull(request);
  Page page;
  ASSERT_TRUE(pull->next(page, {}));
  slapd_.restart();
  try {
    while (pull->next(page, {})) {
    }
    EXPECT_GE(pull->end().records, 4'000U);  // all of it was under way already
  } catch (const SourceError& error) {
    EXPECT_EQ(error.kind(), SourceError::Kind::unavailable) << error.what();
  }
  mirror_.round(*source());
  EXPECT_EQ(mirror_.text(), before);
}

INSTANTIATE_TEST_SUITE_P(Each, OpenldapTree, testing::Values("syncrepl", "timestamp"),
                         [](const auto& instance) { return std::string(instance.param); });

// modifyTimestamp as a server wrote it whose clock was an hour ahead.
TEST(OpenldapClock, AStampOfTheFutureHidesNoChangeOfToday) {
  SlapdServer slapd;
  slapd.apply(user_ldif("ana") + user_ldif("bob"));
  slapd.stamp("uid=bob,ou=people,dc=example", "20990101000000Z");
  config::LdapDirectory directory = slapd.directory();
  directory.mode = "timestamp";
  const auto source = make_ldap_source(directory, 5);
  MirrorModel mirror;
  mirror.full(*source);
  slapd.apply("dn: uid=ana,ou=people,dc=example\nchangetype: modify\nreplace: title\ntitle: Head\n");
  mirror.round(*source);
  EXPECT_EQ(mirror.user("ana@example.org")->profile[core::Attribute::job_title], "Head");
  // The clock is right again, and the one entry of the future is gone: no older database is suspected for ever.
  slapd.apply("dn: uid=bob,ou=people,dc=example\nchangetype: delete\n");
  mirror.round(*source);
  slapd.apply("dn: uid=ana,ou=people,dc=example\nchangetype: modify\nreplace: title\ntitle: Chief\n");
  mirror.round(*source);
  EXPECT_EQ(mirror.user("ana@example.org")->profile[core::Attribute::job_title], "Chief");
  EXPECT_EQ(mirror.users(), 1U);
}

}  // namespace
}  // namespace dvsync::source
