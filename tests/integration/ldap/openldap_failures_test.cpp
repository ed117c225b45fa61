// What goes wrong between dvsync and a real slapd: logins, certificates, limits, missing overlays; in a pull and in
// `dvsync check`, each with what to do.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "slapd_server.hpp"
#include "source/ldap_source.hpp"
#include "support/mirror_model.hpp"

namespace dvsync::source {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class OpenldapFailure : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    slapd_ = std::make_unique<SlapdServer>();
    slapd_->apply(user_ldif("ana") + user_ldif("bob"));
  }
  static void TearDownTestSuite() { slapd_.reset(); }

  static config::LdapDirectory directory() { return slapd_->directory(); }

  // A pull and a check of the same configuration: both must fail, and say the same.
  static void expect_fault(const config::LdapDirectory& directory, SourceError::Kind kind, const std::string& words,
                           const PullRequest& request = {}) {
    const auto source = make_ldap_source(directory, 5);
    MirrorModel mirror(request);
    try {
      mirror.full(*source);
      ADD_FAILURE() << "the pull went through";
    } catch (const SourceError& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      EXPECT_THAT(error.what(), AllOf(HasSubstr(words), Not(HasSubstr(SlapdServer::password))));
    }
    const bool denied = kind == SourceError::Kind::denied;
    expect_finding(directory, denied ? Finding::Effect::denied : Finding::Effect::unavailable, words, request);
  }

  static void expect_finding(const config::LdapDirectory& directory, Finding::Effect effect, const std::string& words,
                             const PullRequest& request = {}) {
    const auto findings = make_ldap_source(directory, 5)->check(request);
    ASSERT_EQ(findings.size(), 1U) << "expected: " << words;
    EXPECT_EQ(findings.front().effect, effect) << findings.front().message;
    EXPECT_THAT(findings.front().message, AllOf(HasSubstr(words), Not(HasSubstr(SlapdServer::password))));
  }

  static std::filesystem::path file(const std::string& name, const std::string& text) {
    write_file(slapd_->folder() / name, text);
    return slapd_->folder() / name;
  }

  static std::unique_ptr<SlapdServer> slapd_;
};
std::unique_ptr<SlapdServer> OpenldapFailure::slapd_;

TEST_F(OpenldapFailure, NothingIsWrongWithAProperConfiguration) {
  for (const char* mode : {"syncrepl", "timestamp"}) {
    config::LdapDirectory proper = directory();
    proper.mode = mode;
    EXPECT_THAT(make_ldap_source(proper, 5)->check({}), IsEmpty());
  }
}

TEST_F(OpenldapFailure, AWrongPasswordIsToldAndNotTriedAgain) {
  config::LdapDirectory wrong = directory();
  wrong.password_file = file("wrong", "not it");
  wrong.urls = {slapd_->ldaps(), slapd_->ldaps()};
  expect_fault(wrong, SourceError::Kind::denied, "the name or the password is wrong");
}

TEST_F(OpenldapFailure, AnEmptyPasswordIsNotTakenForAnAnonymousLogin) {
  config::LdapDirectory empty = directory();
  empty.password_file = file("empty", "\n");
  expect_fault(empty, SourceError::Kind::denied, "is empty");
}

TEST_F(OpenldapFailure, APasswordNeverCrossesTheNetworkInTheClear) {
  config::LdapDirectory clear = directory();
  clear.urls = {slapd_->ldaps(), slapd_->ldap()};
  expect_fault(clear, SourceError::Kind::denied, "in the clear");
}

TEST_F(OpenldapFailure, StartTlsEncryptsAnOrdinaryPort) {
  config::LdapDirectory upgraded = directory();
  upgraded.urls = {slapd_->ldap()};
  upgraded.start_tls = true;
  MirrorModel mirror;
  mirror.full(*make_ldap_source(upgraded, 5));
  EXPECT_EQ(mirror.users(), 2U);
}

TEST_F(OpenldapFailure, ACertificateOfAnotherAuthorityIsRefused) {
  config::LdapDirectory other = directory();
  other.ca_file = certificates() / "other.pem";
  expect_fault(other, SourceError::Kind::denied, "certificate");
  other.urls = {slapd_->ldap()};
  other.start_tls = true;
  expect_fault(other, SourceError::Kind::denied, "certificate");
}

TEST_F(OpenldapFailure, ACertificateThatHasExpiredIsRefused) {
  SlapdServer slapd;
  slapd.present("expired.pem");
  expect_fault(slapd.directory(), SourceError::Kind::denied, "certificate");
  config::LdapDirectory upgraded = slapd.directory();
  upgraded.urls = {slapd.ldap()};
  upgraded.start_tls = true;
  expect_fault(upgraded, SourceError::Kind::denied, "certificate");
}

TEST_F(OpenldapFailure, AServerThatRefusesStartTlsHearsNoPassword) {
  SlapdServer slapd;
  slapd.present("");
  config::LdapDirectory upgraded = slapd.directory();
  upgraded.urls = {slapd.ldap()};
  upgraded.start_tls = true;
  expect_fault(upgraded, SourceError::Kind::malformed, "StartTLS");
}

TEST_F(OpenldapFailure, ACertificateForAnotherNameIsRefused) {
  config::LdapDirectory other = directory();
  other.urls = {"ldaps://localhost" + slapd_->ldaps().substr(slapd_->ldaps().rfind(':'))};
  expect_fault(other, SourceError::Kind::denied, "certificate");
}

TEST_F(OpenldapFailure, TheEnvironmentCannotWeakenTls) {
  setenv("LDAPTLS_REQCERT", "never", 1);
  setenv("LDAPBASE", "dc=elsewhere", 1);
  config::LdapDirectory other = directory();
  other.ca_file = certificates() / "other.pem";
  expect_fault(other, SourceError::Kind::denied, "certificate");
  unsetenv("LDAPTLS_REQCERT");
  unsetenv("LDAPBASE");
}

TEST_F(OpenldapFailure, AnUnreachableServerIsWorthAnotherTryLater) {
  config::LdapDirectory nowhere = directory();
  nowhere.urls = {"ldaps://127.0.0.1:" + std::to_string(free_port())};
  expect_fault(nowhere, SourceError::Kind::unavailable, "Can't contact LDAP server");
}

TEST_F(OpenldapFailure, AMissingBaseIsToldByName) {
  config::LdapDirectory elsewhere = directory();
  elsewhere.base = "ou=nowhere,dc=example";
  for (const char* mode : {"syncrepl", "timestamp"}) {
    elsewhere.mode = mode;
    expect_finding(elsewhere, Finding::Effect::denied, "ou=nowhere,dc=example");
    MirrorModel mirror;
    EXPECT_THROW(mirror.full(*make_ldap_source(elsewhere, 5)), SourceError);
  }
}

TEST_F(OpenldapFailure, AFilterThatMatchesNobodyIsAMistake) {
  config::LdapDirectory nobody = directory();
  nobody.user_filter = "(employeeType=nobody)";
  expect_fault(nobody, SourceError::Kind::denied, "not one user below dc=example matches (employeeType=nobody)");
}

TEST_F(OpenldapFailure, ABrokenFilterIsToldAsSuch) {
  config::LdapDirectory broken = directory();
  broken.user_filter = "(&(uid=*)";
  expect_fault(broken, SourceError::Kind::malformed, "user_filter");
}

TEST_F(OpenldapFailure, GroupsThatAreNotThereAreFoundByCheck) {
  config::LdapDirectory grouped = directory();
  grouped.policy.licensed = "cn=licensed,ou=groups,dc=example";
  grouped.disabled = "cn=blocked,ou=groups,dc=example";
  PullRequest request;
  request.groups = {"cn=staff,ou=groups,dc=example"};
  const auto findings = make_ldap_source(grouped, 5)->check(request);
  EXPECT_THAT(findings, ElementsAre(testing::Field(&Finding::message, HasSubstr("cn=staff")),
                                    testing::Field(&Finding::message, HasSubstr("cn=licensed")),
                                    testing::Field(&Finding::message, HasSubstr("cn=blocked"))));
  // Without knowing who is disabled, nobody may be taken for enabled.
  MirrorModel mirror;
  EXPECT_THROW(mirror.full(*make_ldap_source(grouped, 5)), SourceError);
}

TEST(OpenldapServer, WithoutSyncprovTimestampsAreTheWay) {
  SlapdServer slapd({.syncprov = false});
  slapd.add_user("ana");
  config::LdapDirectory directory = slapd.directory();
  const auto findings = make_ldap_source(directory, 5)->check({});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_THAT(findings.front().message, AllOf(HasSubstr("syncprov"), HasSubstr("mode: timestamp")));
  try {
    MirrorModel().full(*make_ldap_source(directory, 5));
    FAIL() << "there is no silent fallback";
  } catch (const SourceError& error) {
    EXPECT_THAT(error.what(), HasSubstr("syncprov"));
  }
  directory.mode = "timestamp";
  MirrorModel mirror;
  mirror.full(*make_ldap_source(directory, 5));
  EXPECT_EQ(mirror.users(), 1U);
}

TEST(OpenldapServer, AListingThatIsCutIsNeverTakenForTheWhole) {
  SlapdServer slapd({.limits = "limits dn.exact=\"cn=sync,dc=example\" size=2"});
  slapd.apply(user_ldif("ana") + user_ldif("bob") + user_ldif("cid"));
  for (const char* mode : {"syncrepl", "timestamp"}) {
    SCOPED_TRACE(mode);
    config::LdapDirectory directory = slapd.directory();
    directory.mode = mode;
    MirrorModel mirror;
    try {
      mirror.full(*make_ldap_source(directory, 5));
      FAIL() << "a part must not be taken for the whole";
    } catch (const SourceError& error) {
      EXPECT_THAT(error.what(), HasSubstr("size=unlimited"));
    }
    EXPECT_EQ(mirror.users(), 0U);
    const auto findings = make_ldap_source(directory, 5)->check({});
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_THAT(findings.front().message, HasSubstr("size=unlimited"));
  }
}

}  // namespace
}  // namespace dvsync::source
