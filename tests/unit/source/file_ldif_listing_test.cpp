// Whether an LDIF file is a whole listing: what ldapsearch says at its end, what ldifde writes before every entry, and
// what may be missing from an entry.

#include <gmock/gmock.h>

#include <string>

#include "unit/source/file_fixture.hpp"

namespace dvsync::source::file {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string person(int number, std::string_view more = "") {
  const std::string last = std::to_string(100 + number);
  return "dn: uid=u" + last + ",dc=example\nobjectClass: inetOrgPerson\nentryUUID: 11111111-1111-4111-8111-111111111" +
         last + "\nuid: u" + last + "\n" + std::string(more) + "\n";
}

std::string people(int count) {
  std::string entries;
  for (int i = 0; i < count; ++i) entries += person(i);
  return entries;
}

const std::string head = "# extended LDIF\n#\n# LDAPv3\n# base <dc=example> with scope subtree\n#\n\n";
std::string trailer(int responses, int entries) {
  return "# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: " + std::to_string(responses) +
         "\n# numEntries: " + std::to_string(entries) + "\n";
}

class LdifListingTest : public FileTest {
 protected:
  Completeness users_of(const std::string& content) {
    const Pulled pulled = pull("directory.ldif", content);
    EXPECT_EQ(pulled.end.warnings.size(), pulled.end.users == Completeness::complete ? 0U : 1U) << content;
    for (const std::string& warning : pulled.end.warnings) EXPECT_THAT(warning, HasSubstr("nobody counts as absent"));
    return pulled.end.users;
  }
};

TEST_F(LdifListingTest, AsManyEntriesAsTheSearchFoundIsAWholeListing) {
  for (const std::string& whole :
       {people(8), head + people(8) + trailer(9, 8), people(8) + "# numEntries: 8\n", people(8) + "# numResponses: 9\n",
        // two searches in one file
        head + people(3) + trailer(4, 3) + "\n" + head + person(3) + person(4) + trailer(3, 2),
        // in pages, counted at the end or page by page
        head + people(3) + "# search result\nsearch: 2\nresult: 0 Success\n\n" + person(3) +
            "# search result\nsearch: 3\nresult: 0 Success\n\n# numResponses: 6\n# numEntries: 4\n",
        // a reference is a response, too
        head + people(2) + "# search reference\nref: ldap://other/dc=x\n\n" + trailer(4, 2),
        // more than the search said: something was added by hand
        people(9) + "# numEntries: 8\n"}) {
    EXPECT_EQ(users_of(whole), Completeness::complete) << whole;
  }
}

TEST_F(LdifListingTest, FewerEntriesThanTheSearchFoundMakeNobodyAbsent) {
  for (const std::string& cut :
       {people(8) + "# numEntries: 10\n", people(8) + "# numResponses: 11\n", head + people(8) + trailer(11, 10),
        people(8) + "#numEntries: 10\n", head + people(3) + trailer(4, 3) + "\n" + head + person(3) + trailer(3, 2),
        // the end of the search is missing altogether
        head + people(8), head + people(3) + trailer(4, 3) + "\n" + head + person(3)}) {
    EXPECT_EQ(users_of(cut), Completeness::changes) << cut;
  }
}

TEST_F(LdifListingTest, ASearchThatALimitCutIsRefused) {
  for (const char* end :
       {"search: 2\nresult: 4 Size limit exceeded\n", "search: 2\nresult: 3 Time limit exceeded\n",
        "search: 2\nresult: 11 Administrative limit exceeded\n", "# result: 4 Size limit exceeded\n"}) {
    EXPECT_THAT(failure("directory.ldif", people(2) + end), HasSubstr("cut off by a limit")) << end;
  }
}

TEST_F(LdifListingTest, ADeltaIsNotMeasured) {
  configured_.mode = config::FileMode::delta;
  EXPECT_THAT(pull("directory.ldif", people(1) + "# numEntries: 10\n").end.warnings, IsEmpty());
}

std::string as_addition(std::string entries, const std::string& how = "changetype: add\n") {
  for (std::size_t at = 0; (at = entries.find("objectClass: inet", at)) != std::string::npos; at += how.size() + 1) {
    entries.insert(at, how);
  }
  return entries;
}

TEST_F(LdifListingTest, NothingButAdditionsIsAListing) {
  for (const std::string& content :
       {as_addition(people(3)), "version: 1\n\n" + as_addition(people(3)), as_addition(people(3), "changetype: Add \n"),
        as_addition(people(3), "control: 1.2.840.113556.1.4.801 true\nchangetype: add\n")}) {
    const Pulled pulled = pull("directory.ldif", content);
    EXPECT_THAT(pulled.all.identities, SizeIs(3)) << content;
    EXPECT_EQ(pulled.end.users, Completeness::complete);
    EXPECT_THAT(pulled.all.rejected, IsEmpty());
  }
}

TEST_F(LdifListingTest, AMixtureOfEntriesAndChangesIsNoListing) {
  for (const std::string& content :
       {as_addition(person(0)) + person(1), person(1) + as_addition(person(0)),
        as_addition(people(2)) + "dn: uid=u101,dc=example\nchangetype: delete\n\n",
        as_addition(people(2)) + "dn: uid=u101,dc=example\nchangetype: modify\nreplace: sn\nsn: x\n-\n\n"}) {
    EXPECT_THAT(failure("directory.ldif", content), HasSubstr("export")) << content;
  }
  configured_.mode = config::FileMode::delta;
  EXPECT_THAT(pull("directory.ldif", as_addition(person(0)) + person(1)).all.identities, SizeIs(2));
}

TEST_F(LdifListingTest, OnlyAnAttributeThatIsReadMayRefuseTheFileForAUrl) {
  for (const char* line :
       {"jpegPhoto:< file:///x.jpg\n", "userCertificate;binary:< file:///c\n", "description:<http://x\n"}) {
    EXPECT_THAT(pull("directory.ldif", person(1, line)).all.identities, SizeIs(1)) << line;
  }
  for (const char* line : {"mail:< file:///x\n", "userAccountControl:< file:///x\n", "member:< file:///x\n",
                           "objectClass:< file:///x\n"}) {
    EXPECT_THAT(failure("directory.ldif", person(1, line)), HasSubstr("from a URL")) << line;
  }
}

TEST_F(LdifListingTest, BlanksAroundAFactAreNoPartOfIt) {
  const std::string windows = "dn: CN=a\nobjectClass: user\nobjectGUID:: EREREREREUGBEREREREREQ==\n";
  for (const char* control :
       {"userAccountControl: 514 \n", "userAccountControl:   514\t\n", "userAccountControl:514\n"}) {
    EXPECT_EQ(pull("directory.ldif", windows + control + "\n").user(ana_id).account_enabled, false) << control;
  }
  const std::string expiring = windows + "accountExpires: 133485408000000000 \n\n";
  EXPECT_TRUE(pull("directory.ldif", expiring).user(ana_id).account_expires.has_value());
  EXPECT_EQ(pull("directory.ldif", person(1, "nsAccountLock: true \n")).all.identities[0].account_enabled, false);
}

TEST_F(LdifListingTest, FilesPutTogetherAreOneListing) {
  const std::string content = "\xef\xbb\xbfversion: 1\n\n" + person(0) + "\xef\xbb\xbfversion: 1\n" + person(1) +
                              "version: 1\n\n" + "\xef\xbb\xbf" + person(2);
  const Pulled pulled = pull("directory.ldif", content);
  EXPECT_THAT(pulled.all.identities, SizeIs(3));
  EXPECT_THAT(pulled.all.rejected, IsEmpty());
}

TEST_F(LdifListingTest, ALineOfTenMegabytesCostsNoMemoryAndBreaksNothing) {
  const std::string photo = "jpegPhoto:: " + std::string(10U << 20U, 'A') + "\n";
  const Pulled pulled = pull("directory.ldif", person(0, photo) + person(1));
  EXPECT_THAT(pulled.all.identities, SizeIs(2));
  EXPECT_THAT(pulled.all.rejected, IsEmpty());
}

TEST_F(LdifListingTest, AnEntryThatDoesNotSayWhatItIsIsRejectedNotAbsent) {
  const Pulled pulled =
      pull("directory.ldif", person(0) + "dn: uid=x,dc=example\nentryUUID: " + std::string(bo_id) + "\nuid: x\n\n");
  ASSERT_THAT(pulled.all.rejected, SizeIs(1));
  EXPECT_EQ(pulled.all.rejected[0].object_id, guid(bo_id));
  EXPECT_THAT(pulled.all.rejected[0].detail, HasSubstr("objectClass"));
}

TEST_F(LdifListingTest, MachinesAndTrustsAreNoUsersAndNoRejects) {
  std::string entries = person(0);
  for (const char* flags : {"2080", "4096", "532480"}) {  // a trust, a workstation, a domain controller
    entries += "dn: CN=m$\nobjectClass: user\nuserAccountControl: " + std::string(flags) + "\n\n";
  }
  entries +=
      "dn: CN=s\nobjectClass: foreignSecurityPrincipal\n\ndn: CN=c\nobjectClass: person\nobjectClass: contact\n\n";
  const Pulled pulled = pull("directory.ldif", entries);
  EXPECT_THAT(pulled.all.identities, SizeIs(1));
  EXPECT_THAT(pulled.all.rejected, IsEmpty());
}

TEST_F(LdifListingTest, WhatAToolWroteInPlaceOfAValueIsLeftAlone) {
  const Pulled pulled = pull(
      "directory.ldif", person(0, "title: System.String[]\nmobile: 4.79E+11\ntelephoneNumber: (null)\n") + person(1));
  EXPECT_FALSE(pulled.all.identities[0].whole);
  EXPECT_EQ(pulled.all.identities[0].stated.count(), core::attribute_count - 3);
  EXPECT_TRUE(pulled.all.identities[1].whole);
  EXPECT_THAT(pulled.end.warnings, ElementsAre(HasSubstr("3 texts")));
}

}  // namespace
}  // namespace dvsync::source::file
