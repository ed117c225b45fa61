// What neither slapd nor Samba can be made to show: the table of docs/openldap.md, Faults, row by row,
// against a server that answers by script.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ldap.h>

#include <atomic>
#include <optional>
#include <string>

#include "scripted_server.hpp"
#include "server_process.hpp"
#include "source/ldap_source.hpp"
#include "support/mirror_model.hpp"

namespace dvsync::source {
namespace {

using config::LdapKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* dirsync = LDAP_CONTROL_X_DIRSYNC;

// The pauses of the last source, of which none takes time.
std::vector<std::chrono::milliseconds> pauses;

std::unique_ptr<DirectorySource> source_at(const config::LdapDirectory& directory, const LdapLimits& limits = {}) {
  pauses.clear();
  return make_ldap_source(directory, 5, limits, [](std::chrono::milliseconds duration, const std::stop_token& stop) {
    pauses.push_back(duration);
    return !stop.stop_requested();
  });
}

// Runs a pull that must fail, and returns the error.
std::optional<SourceError> fault_of(const std::function<void()>& pull) {
  try {
    pull();
  } catch (const SourceError& error) {
    return error;
  }
  ADD_FAILURE() << "the pull went through";
  return std::nullopt;
}

// ---- Active Directory
// ------------------------------------------------------------------------------------------------

std::string guid_bytes(char last) { return std::string(15, '\1') + last; }
std::string guid_text(char last) {
  return std::string("01010101-0101-0101-0101-01010101010") + "0123456789abcdef"[last & 0xF];
}
std::string extended(char last, const std::string& name) {
  return "<GUID=" + guid_text(last) + ">;CN=" + name + ",DC=x";
}

Attributes person(char last, const std::string& name) {
  return {{"objectGUID", {guid_bytes(last)}}, {"userAccountControl", {"512"}}, {"userPrincipalName", {name + "@x"}}};
}

Controls dirsync_state(bool more, const std::string& cookie) {
  return {{dirsync, ber_sequence(ber_integer(more ? 1 : 0) + ber_integer(0) + ber_octets(cookie))}};
}

bool is_root(const ScriptedRequest& request) { return request.base.empty() && request.scope == LDAP_SCOPE_BASE; }

void answer_root(Answerer& answer) {
  answer.entry("", {{"namingContexts", {"DC=x"}},
                    {"dsServiceName", {"CN=NTDS,DC=x"}},
                    {"configurationNamingContext", {"CN=Configuration,DC=x"}},
                    {"highestCommittedUSN", {"100"}}});
  answer.done();
}

// What every pull asks besides: the root DSE, the invocation id, the lifetime of tombstones.
bool answer_preliminaries(const ScriptedRequest& request, Answerer& answer) {
  if (is_root(request)) {
    answer_root(answer);
    return true;
  }
  if (request.asks_for("invocationId")) {
    answer.entry(request.base, {{"invocationId", {guid_bytes('\x7f')}}});
    answer.done();
    return true;
  }
  if (request.asks_for("tombstoneLifetime")) {
    answer.done(LDAP_NO_SUCH_OBJECT);
    return true;
  }
  return false;
}

TEST(ScriptedDirSync, SeveralPagesAreReadToTheEndBeforeTheCookieCounts) {
  int page = 0;
  std::vector<std::string> cookies;
  ScriptedServer server([&](const ScriptedRequest& request, Answerer& answer) {
    if (answer_preliminaries(request, answer)) return;
    const std::string& control = request.controls.at(dirsync);
    cookies.push_back(control.substr(control.find_last_of('\4') + 2));
    ++page;
    const char number = static_cast<char>(page);
    answer.entry(extended(number, "u" + std::to_string(page)), person(number, "u" + std::to_string(page)));
    answer.done(LDAP_SUCCESS, dirsync_state(page < 3, "cookie" + std::to_string(page)));
  });
  MirrorModel mirror;
  const auto source = source_at(server.directory(LdapKind::active_directory, ""));
  mirror.full(*source);
  EXPECT_EQ(mirror.users(), 3U);
  EXPECT_THAT(cookies, ElementsAre("", "cookie1", "cookie2"));
  mirror.round(*source);
  EXPECT_EQ(cookies.back(), "cookie3");
}

TEST(ScriptedDirSync, ARefusedCookieIsDroppedOnceAndWithoutACookieItIsAFault) {
  for (const int code : {LDAP_UNAVAILABLE_CRITICAL_EXTENSION, LDAP_UNWILLING_TO_PERFORM, LDAP_PROTOCOL_ERROR,
                         LDAP_OPERATIONS_ERROR, LDAP_OTHER, LDAP_CONSTRAINT_VIOLATION, 0x1000}) {
    SCOPED_TRACE(code);
    bool refuse_all = false;
    ScriptedServer server([&](const ScriptedRequest& request, Answerer& answer) {
      if (answer_preliminaries(request, answer)) return;
      if (refuse_all || request.mentions("cookie1")) {
        answer.done(code);
        return;
      }
      answer.entry(extended(1, "ana"), person(1, "ana"));
      answer.done(LDAP_SUCCESS, dirsync_state(false, "cookie1"));
    });
    const auto source = source_at(server.directory(LdapKind::active_directory, ""));
    MirrorModel mirror;
    mirror.full(*source);
    EXPECT_EQ(mirror.round(*source).users, Completeness::complete);
    refuse_all = true;
    fault_of([&] { mirror.full(*source); });
  }
}

TEST(ScriptedDirSync, ClearedAttributesTombstonesAndRestoredAccounts) {
  int round = 0;
  ScriptedServer server([&](const ScriptedRequest& request, Answerer& answer) {
    if (answer_preliminaries(request, answer)) return;
    if (!request.has(dirsync)) {  // the restored account, read whole
      answer.entry("CN=bob,DC=x",
                   {{"objectGUID", {guid_bytes(2)}}, {"userAccountControl", {"514"}}, {"title", {"Back"}}});
      answer.done();
      return;
    }
    ++round;
    if (round == 1) {
      answer.entry(extended(1, "ana"),
                   {{"objectGUID", {guid_bytes(1)}}, {"userAccountControl", {"512"}}, {"title", {"Engineer"}}});
      answer.entry(extended(2, "bob"), person(2, "bob"));
    } else if (round == 2) {
      answer.entry(extended(1, "ana"), {{"objectGUID", {guid_bytes(1)}}, {"title", {}}});
      answer.entry(extended(2, "bob"), {{"objectGUID", {guid_bytes(2)}}, {"isDeleted", {"TRUE"}}});
    } else {
      answer.entry(extended(2, "bob"), {{"objectGUID", {guid_bytes(2)}}, {"isDeleted", {}}});
    }
    answer.done(LDAP_SUCCESS, dirsync_state(false, "c"));
  });
  const auto source = source_at(server.directory(LdapKind::active_directory, ""));
  MirrorModel mirror;
  mirror.full(*source);
  EXPECT_EQ(mirror.users(), 2U);
  mirror.round(*source);
  EXPECT_EQ(mirror.users(), 1U);
  EXPECT_THAT(mirror.text(), testing::Not(HasSubstr("Engineer")));
  mirror.round(*source);
  EXPECT_THAT(mirror.text(), HasSubstr("enabled=no jobTitle=Back"));
}

TEST(ScriptedDirSync, ComputersAndTrustAccountsAreNoUsers) {
  ScriptedServer server([](const ScriptedRequest& request, Answerer& answer) {
    if (answer_preliminaries(request, answer)) return;
    answer.entry(extended(1, "ana"), person(1, "ana"));
    for (const char* flags : {"2080", "4096", "532480"}) {  // trust, workstation, domain controller
      answer.entry(extended(2, "m"), {{"objectGUID", {guid_bytes(2)}}, {"userAccountControl", {flags}}});
    }
    answer.done(LDAP_SUCCESS, dirsync_state(false, "c"));
  });
  MirrorModel mirror;
  mirror.full(*source_at(server.directory(LdapKind::active_directory, "")));
  EXPECT_EQ(mirror.users(), 1U);
}

TEST(ScriptedDirSync, BadRecordsAreReportedAndTheRestGoesOn) {
  ScriptedServer server([](const ScriptedRequest& request, Answerer& answer) {
    if (answer_preliminaries(request, answer)) return;
    answer.reference("ldap://elsewhere/DC=y");
    answer.entry("CN=nobody,DC=x", {{"userPrincipalName", {"nobody@x"}}});
    auto broken = person(1, "ana");
    broken.push_back({"title", {"\xff\xfe"}});
    broken.push_back({"mobile", {std::string("1\0", 2)}});
    answer.entry(extended(1, "ana"), broken);
    auto several = person(2, "bob");
    several.push_back({"telephoneNumber", {"1", "2"}});
    answer.entry(extended(2, "bob"), several);
    answer.done(LDAP_SUCCESS, dirsync_state(false, "c"));
  });
  MirrorModel mirror;
  const PullEnd end = mirror.full(*source_at(server.directory(LdapKind::active_directory, "")));
  ASSERT_EQ(mirror.rejected.size(), 1U);
  EXPECT_EQ(mirror.rejected.front().reason, "missing_object_id");
  const auto ana = mirror.user("ana@x");
  ASSERT_TRUE(ana);
  EXPECT_EQ(ana->defect, "jobTitle holds invalid UTF-8") << "the first of two";
  EXPECT_EQ(ana->account_enabled, true);
  EXPECT_FALSE(ana->profile[core::Attribute::job_title]);
  EXPECT_THAT(end.warnings, ElementsAre(HasSubstr("telephoneNumber")));
}

// A domain of one user and one group whose members come in ranges of two.
struct RangedGroup {
  std::string version = "7";
  int reads = 0;
  bool restless = false;  // changes between its ranges, always
  bool whole_list_in_changes = false;
  std::vector<std::string> members{extended(1, "ana"), extended(2, "b"), extended(3, "c"), extended(4, "d"),
                                   extended(5, "e")};

  void operator()(const ScriptedRequest& request, Answerer& answer) {
    if (answer_preliminaries(request, answer)) return;
    if (request.has(dirsync)) {
      for (char i = 1; i <= 5; ++i) answer.entry(extended(i, "u"), person(i, "u" + std::to_string(i)));
      if (whole_list_in_changes) answer.entry(extended(9, "g"), {{"member", {members.front()}}});
      answer.done(LDAP_SUCCESS, dirsync_state(false, "c"));
      return;
    }
    if (request.asks_for("objectGUID")) {
      answer.entry("CN=g,DC=x", {{"objectGUID", {guid_bytes(9)}}, {"uSNChanged", {version}}});
    } else {
      answer_range(request, answer);
    }
    answer.done();
  }

  void answer_range(const ScriptedRequest& request, Answerer& answer) {
    const std::string asked = request.attributes.front();
    const std::size_t first =
        asked == "member" ? 0 : static_cast<std::size_t>(std::stoi(asked.substr(asked.find('=') + 1)));
    if (first == 0) ++reads;
    if (restless) version += "1";
    const std::size_t end = std::min(first + 2, members.size());
    const std::string upper = end == members.size() ? "*" : std::to_string(end - 1);
    Attributes attributes{{"uSNChanged", {version}}};
    if (first == 0) attributes.push_back({"member", {}});  // as Windows does
    attributes.push_back(
        {"member;range=" + std::to_string(first) + "-" + upper,
         {members.begin() + static_cast<std::ptrdiff_t>(first), members.begin() + static_cast<std::ptrdiff_t>(end)}});
    answer.entry("CN=g,DC=x", attributes);
  }
};

PullRequest wishes_for(const std::string& group) {
  PullRequest request;
  request.groups = {group};
  return request;
}

TEST(ScriptedGroups, MembersAreReadInRanges) {
  RangedGroup group;
  ScriptedServer server(std::ref(group));
  MirrorModel mirror(wishes_for("CN=g,DC=x"));
  mirror.full(*source_at(server.directory(LdapKind::active_directory, "")));
  EXPECT_EQ(mirror.members("CN=g,DC=x").size(), 5U);
  EXPECT_EQ(group.reads, 1);
}

TEST(ScriptedGroups, AGroupThatChangesBetweenItsRangesIsReadAgainAndThenGivenUp) {
  RangedGroup group;
  group.restless = true;
  ScriptedServer server(std::ref(group));
  MirrorModel mirror(wishes_for("CN=g,DC=x"));
  LdapLimits once;
  once.attempts = 1;
  const auto source = source_at(server.directory(LdapKind::active_directory, ""), once);
  EXPECT_EQ(fault_of([&] { mirror.full(*source); })->kind(), SourceError::Kind::unavailable);
  EXPECT_EQ(group.reads, 3);
}

TEST(ScriptedGroups, AWholeListAmongChangesIsReadProperly) {
  RangedGroup group;
  ScriptedServer server(std::ref(group));
  const auto source = source_at(server.directory(LdapKind::active_directory, ""));
  MirrorModel mirror(wishes_for("CN=g,DC=x"));
  mirror.full(*source);
  group.whole_list_in_changes = true;
  group.members.pop_back();
  const PullEnd end = mirror.round(*source);
  EXPECT_EQ(end.groups.front().members, Completeness::complete);
  EXPECT_EQ(mirror.members("CN=g,DC=x").size(), 4U);
}

// A user's primary group: the group lists other members only, and the user names it by the end of its SID.
struct PrimaryGroup {
  std::string primary = "1105";
  bool lists_ana = false;
  int reads = 0;

  void operator()(const ScriptedRequest& request, Answerer& answer) {
    if (answer_preliminaries(request, answer)) return;
    const std::string sid = std::string("\1\5\0\0\0\0\0\5", 8) + std::string(16, '\7') + std::string("\x51\x04\0\0", 4);
    auto ana = person(1, "ana");
    ana.push_back({"primaryGroupID", {primary}});
    if (request.has(dirsync)) {
      answer.entry(extended(1, "ana"), ana);
      answer.entry(extended(2, "bob"), person(2, "bob"));
      answer.done(LDAP_SUCCESS, dirsync_state(false, "c"));
      return;
    }
    if (request.mentions("primaryGroupID") && !request.asks_for("userAccountControl")) {
      if (primary == "1105") answer.entry("CN=ana,DC=x", ana);
    } else if (request.asks_for("userAccountControl")) {  // a look-up
      answer.entry("CN=ana,DC=x", ana);
    } else if (request.asks_for("objectSid")) {
      answer.entry("CN=g,DC=x", {{"objectGUID", {guid_bytes(9)}}, {"uSNChanged", {"7"}}, {"objectSid", {sid}}});
    } else if (request.asks_for("member")) {
      ++reads;
      Attributes group{{"uSNChanged", {"7"}}, {"member", {extended(2, "bob")}}};
      if (lists_ana) group.back().second.push_back(extended(1, "ana"));
      answer.entry("CN=g,DC=x", group);
    }
    answer.done();
  }
};

TEST(ScriptedGroups, UsersOfAPrimaryGroupAreItsMembers) {
  PrimaryGroup group;
  ScriptedServer server(std::ref(group));
  const auto source = source_at(server.directory(LdapKind::active_directory, "dirsync"));
  MirrorModel mirror(wishes_for("CN=g,DC=x"));
  mirror.full(*source);
  EXPECT_THAT(mirror.members("CN=g,DC=x"), ElementsAre("ana@x", "bob@x"));
  // Active Directory tells that the group lost a member when it becomes that member's primary group.
  mirror.round(*source);
  EXPECT_THAT(mirror.members("CN=g,DC=x"), ElementsAre("ana@x", "bob@x"));
  EXPECT_EQ(group.reads, 2) << "whoever names it makes it be read again";
  group.primary = "513";
  mirror.round(*source);
  EXPECT_EQ(group.reads, 2) << "nobody names it";
  mirror.full(*source);
  EXPECT_THAT(mirror.members("CN=g,DC=x"), ElementsAre("bob@x"));
}

TEST(ScriptedGroups, ALookUpKnowsThePrimaryGroupToo) {
  PrimaryGroup group;
  ScriptedServer server(std::ref(group));
  const auto source = source_at(server.directory(LdapKind::active_directory, "dirsync"));
  const auto found = source->look_up({.object_id = std::nullopt, .user_name = "ana@x"}, wishes_for("CN=g,DC=x"), {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->page.memberships.size(), 1U);
}

TEST(ScriptedGroups, AServerThatRepeatsItselfIsNotAskedForEver) {
  for (const char* range : {"member;range=0-1", "member;range=0-9223372036854775807", "member;range=5-1"}) {
    int asked = 0;
    ScriptedServer server([&](const ScriptedRequest& request, Answerer& answer) {
      if (answer_preliminaries(request, answer)) return;
      if (request.has(dirsync)) {
        answer.entry(extended(1, "ana"), person(1, "ana"));
        answer.done(LDAP_SUCCESS, dirsync_state(false, "c"));
        return;
      }
      if (request.asks_for("objectGUID")) {
        answer.entry("CN=g,DC=x", {{"objectGUID", {guid_bytes(9)}}, {"uSNChanged", {"7"}}});
      } else {
        ++asked;
        answer.entry("CN=g,DC=x", {{range, {extended(1, "ana")}}});
      }
      answer.done();
    });
    MirrorModel mirror(wishes_for("CN=g,DC=x"));
    const auto source = source_at(server.directory(LdapKind::active_directory, ""));
    EXPECT_EQ(fault_of([&] { mirror.full(*source); })->kind(), SourceError::Kind::malformed) << range;
    EXPECT_LE(asked, 2);
  }
}

// Every fact of an entry left out, one at a time, in every mode: unknown, never "no" or "yes".
TEST(ScriptedMissingFacts, OfActiveDirectoryStayUnknown) {
  const Attributes whole{
      {"objectGUID", {guid_bytes(1)}},    {"userAccountControl", {"514"}}, {"accountExpires", {"133485408000000000"}},
      {"userPrincipalName", {"ana@x"}},   {"givenName", {"Ana"}},          {"mail", {"m@x"}},
      {"telephoneNumber;lang-de", {"1"}}, {"displayName", {"Ana Li"}}};
  for (const char* mode : {"dirsync", "usn"}) {
    for (std::size_t missing = 0; missing <= whole.size(); ++missing) {
      SCOPED_TRACE(std::string(mode) + " without " + (missing < whole.size() ? whole[missing].first : "nothing"));
      Attributes entry = whole;
      if (missing < whole.size()) entry.erase(entry.begin() + static_cast<std::ptrdiff_t>(missing));
      ScriptedServer server([&](const ScriptedRequest& request, Answerer& answer) {
        if (answer_preliminaries(request, answer)) return;
        answer.entry(extended(1, "ana"), entry);
        answer.entry(extended(2, "bob"), person(2, "bob"));
        answer.done(LDAP_SUCCESS, request.has(dirsync) ? dirsync_state(false, "c") : Controls{});
      });
      Page page;
      const auto source = source_at(server.directory(LdapKind::active_directory, mode));
      ASSERT_TRUE(source->pull({})->next(page, {}));
      if (missing == 0) {
        EXPECT_EQ(page.rejected.size(), 1U);
        continue;
      }
      const IdentityRecord& ana = page.identities.front();
      EXPECT_TRUE(ana.whole);
      EXPECT_EQ(ana.account_enabled, missing == 1 ? std::nullopt : std::optional(false));
      EXPECT_EQ(ana.expiry_stated, missing != 2);
      EXPECT_EQ(ana.profile[core::Attribute::user_principal_name].has_value(), missing != 3)
          << "nothing takes its place";
      EXPECT_EQ(ana.profile[core::Attribute::given_name].has_value(), missing != 4);
      EXPECT_EQ(ana.profile[core::Attribute::mail].has_value(), missing != 5);
      EXPECT_EQ(ana.profile[core::Attribute::display_name].has_value(), missing != 7);
      EXPECT_FALSE(ana.profile[core::Attribute::business_phone]) << "a number in German is not the number";
    }
  }
}

TEST(ScriptedUsn, ListingsComeInPagesAndATimeLimitMakesThemSmallerOnce) {
  int limited = 0;
  std::vector<int> sizes;
  ScriptedServer server([&](const ScriptedRequest& request, Answerer& answer) {
    if (answer_preliminaries(request, answer)) return;
    const std::string& control = request.controls.at(LDAP_CONTROL_PAGEDRESULTS);
    sizes.push_back(static_cast<int>(control.size()));
    if (limited-- > 0) {
      answer.done(LDAP_TIMELIMIT_EXCEEDED);
      return;
    }
    const bool second = control.find("next") != std::string::npos;
    answer.entry("CN=u,DC=x", person(second ? 2 : 1, second ? "bob" : "ana"));
    answer.done(LDAP_SUCCESS,
                {{LDAP_CONTROL_PAGEDRESULTS, ber_sequence(ber_integer(0) + ber_octets(second ? "" : "next"))}});
  });
  const auto source = source_at(server.directory(LdapKind::active_directory, "usn"));
  MirrorModel mirror;
  mirror.full(*source);
  EXPECT_EQ(mirror.users(), 2U);
  limited = 1;
  mirror.full(*source);
  EXPECT_EQ(mirror.users(), 2U);
  limited = 2;
  LdapLimits once;
  once.attempts = 1;
  const auto impatient = source_at(server.directory(LdapKind::active_directory, "usn"), once);
  EXPECT_EQ(fault_of([&] { mirror.full(*impatient); })->kind(), SourceError::Kind::unavailable);
}

struct FaultCase {
  const char* name;
  int code;
  SourceError::Kind kind;
};

class ScriptedFault : public testing::TestWithParam<FaultCase> {};

TEST_P(ScriptedFault, FailsTheRunAndLeavesTheCursorAlone) {
  for (const char* mode : {"dirsync", "usn"}) {
    SCOPED_TRACE(mode);
    ScriptedServer server([](const ScriptedRequest& request, Answerer& answer) {
      if (answer_preliminaries(request, answer)) return;
      answer.entry(extended(1, "ana"), person(1, "ana"));
      answer.done(GetParam().code);
    });
    MirrorModel mirror;
    const auto fault = fault_of([&] { mirror.full(*source_at(server.directory(LdapKind::active_directory, mode))); });
    EXPECT_EQ(fault->kind(), GetParam().kind) << fault->what();
    EXPECT_THAT(mirror.cursor, IsEmpty());
    EXPECT_EQ(mirror.users(), 0U) << "a partial list is never taken over";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Results, ScriptedFault,
    testing::Values(FaultCase{"SizeLimit", LDAP_SIZELIMIT_EXCEEDED, SourceError::Kind::denied},
                    FaultCase{"TimeLimit", LDAP_TIMELIMIT_EXCEEDED, SourceError::Kind::unavailable},
                    FaultCase{"AdminLimit", LDAP_ADMINLIMIT_EXCEEDED, SourceError::Kind::unavailable},
                    FaultCase{"Busy", LDAP_BUSY, SourceError::Kind::unavailable},
                    FaultCase{"Unavailable", LDAP_UNAVAILABLE, SourceError::Kind::unavailable},
                    FaultCase{"NoRight", LDAP_INSUFFICIENT_ACCESS, SourceError::Kind::denied},
                    FaultCase{"NoBase", LDAP_NO_SUCH_OBJECT, SourceError::Kind::denied},
                    FaultCase{"Signing", LDAP_STRONG_AUTH_REQUIRED, SourceError::Kind::denied},
                    FaultCase{"Encryption", LDAP_CONFIDENTIALITY_REQUIRED, SourceError::Kind::denied},
                    FaultCase{"NoControl", LDAP_UNAVAILABLE_CRITICAL_EXTENSION, SourceError::Kind::malformed}),
    [](const auto& fault) { return std::string(fault.param.name); });

TEST(ScriptedConnection, ALostConnectionDiscardsTheRound) {
  ScriptedServer server([](const ScriptedRequest& request, Answerer& answer) {
    if (answer_preliminaries(request, answer)) return;
    answer.entry(extended(1, "ana"), person(1, "ana"));
    answer.drop();
  });
  MirrorModel mirror;
  const auto fault = fault_of([&] { mirror.full(*source_at(server.directory(LdapKind::active_directory, ""))); });
  EXPECT_EQ(fault->kind(), SourceError::Kind::unavailable);
  EXPECT_EQ(mirror.users(), 0U);
}

TEST(ScriptedConnection, ASilentServerIsGivenUp) {
  ScriptedServer server([](const ScriptedRequest& request, Answerer& answer) {
    if (!answer_preliminaries(request, answer)) answer.reference("ldap://elsewhere/");
  });
  LdapLimits limits;
  limits.answer = std::chrono::milliseconds{300};
  MirrorModel mirror;
  const auto fault =
      fault_of([&] { mirror.full(*source_at(server.directory(LdapKind::active_directory, ""), limits)); });
  EXPECT_EQ(fault->kind(), SourceError::Kind::unavailable);
  EXPECT_THAT(fault->what(), HasSubstr("has not answered"));
}

TEST(ScriptedConnection, ASilentServerIsGivenUpSoonerByWhoeverAsksForOneUser) {
  ScriptedServer server([](const ScriptedRequest& request, Answerer& answer) {
    if (!answer_preliminaries(request, answer)) answer.reference("ldap://elsewhere/");
  });
  LdapLimits limits;
  EXPECT_LE(limits.look_up, std::chrono::seconds{10});
  limits.look_up = std::chrono::milliseconds{300};
  const auto source = source_at(server.directory(LdapKind::active_directory, ""), limits);
  const auto fault = fault_of([&] { (void)source->look_up({.object_id = {}, .user_name = "ana"}, {}, {}); });
  EXPECT_EQ(fault->kind(), SourceError::Kind::unavailable);
}

TEST(ScriptedConnection, ServersAreTriedInOrder) {
  ScriptedServer server([](const ScriptedRequest& request, Answerer& answer) {
    if (answer_preliminaries(request, answer)) return;
    answer.entry(extended(1, "ana"), person(1, "ana"));
    answer.done(LDAP_SUCCESS, dirsync_state(false, "c"));
  });
  config::LdapDirectory directory = server.directory(LdapKind::active_directory, "");
  directory.urls.insert(directory.urls.begin(), "ldap://127.0.0.1:" + std::to_string(free_port()));
  MirrorModel mirror;
  mirror.full(*source_at(directory));
  EXPECT_EQ(mirror.users(), 1U);
}

TEST(ScriptedConnection, ABusyServerIsAskedAgainAndThenAnotherController) {
  std::atomic<int> asked = 0;
  ScriptedServer busy([&](const ScriptedRequest& request, Answerer& answer) {
    if (answer_preliminaries(request, answer)) return;
    ++asked;
    answer.done(asked % 2 == 1 ? LDAP_BUSY : LDAP_UNAVAILABLE);
  });
  ScriptedServer other([](const ScriptedRequest& request, Answerer& answer) {
    if (answer_preliminaries(request, answer)) return;
    answer.entry(extended(1, "ana"), person(1, "ana"));
    answer.done(LDAP_SUCCESS, dirsync_state(false, "c"));
  });
  const LdapLimits limits;
  config::LdapDirectory directory = other.directory(LdapKind::active_directory, "dirsync");
  directory.urls.insert(directory.urls.begin(), busy.url());
  MirrorModel mirror;
  mirror.full(*source_at(directory, limits));
  EXPECT_EQ(mirror.users(), 1U);
  EXPECT_EQ(asked, limits.attempts - 1);
  EXPECT_THAT(pauses, ElementsAre(limits.first_retry, 2 * limits.first_retry));
  directory.urls = {busy.url()};
  EXPECT_EQ(fault_of([&] { mirror.full(*source_at(directory, limits)); })->kind(), SourceError::Kind::unavailable);
}

TEST(ScriptedConnection, APassingFaultIsWaitedOut) {
  std::atomic<int> asked = 0;
  ScriptedServer server([&](const ScriptedRequest& request, Answerer& answer) {
    if (answer_preliminaries(request, answer)) return;
    answer.entry("CN=ana,DC=x", person(1, "ana"));
    ++asked == 1 ? answer.drop() : answer.done();
  });
  MirrorModel mirror;
  mirror.full(*source_at(server.directory(LdapKind::active_directory, "usn")));
  EXPECT_EQ(mirror.users(), 1U);
}

TEST(ScriptedConnection, UsnPollingStaysWithItsServerAndSaysHowToMove) {
  const auto script = [](const ScriptedRequest& request, Answerer& answer) {
    if (answer_preliminaries(request, answer)) return;
    answer.entry("CN=ana,DC=x", person(1, "ana"));
    answer.done();
  };
  auto first = std::make_unique<ScriptedServer>(script);
  ScriptedServer second(script);
  config::LdapDirectory directory = second.directory(LdapKind::active_directory, "usn");
  directory.urls.insert(directory.urls.begin(), first->url());
  const auto source = source_at(directory);
  MirrorModel mirror;
  mirror.full(*source);
  first.reset();
  const auto fault = fault_of([&] { mirror.round(*source); });
  EXPECT_EQ(fault->kind(), SourceError::Kind::unavailable);
  EXPECT_THAT(fault->what(), HasSubstr("dvsync sync --full"));
  EXPECT_EQ(mirror.full(*source).users, Completeness::complete);
}

// ---- RFC 4533
// --------------------------------------------------------------------------------------------------------

enum State { present = 0, add = 1, modify = 2, deleted = 3 };

Controls sync_state(State state, const std::string& id) {
  return {{LDAP_CONTROL_SYNC_STATE, ber_sequence(ber_integer(state, 0x0A) + ber_octets(id))}};
}

Controls sync_done(const std::optional<std::string>& cookie, bool refresh_deletes) {
  return {{LDAP_CONTROL_SYNC_DONE,
           ber_sequence((cookie ? ber_octets(*cookie) : "") + (refresh_deletes ? ber_boolean(true) : ""))}};
}

std::string id_set(bool are_deleted, const std::vector<std::string>& ids) {
  std::string set;
  for (const std::string& id : ids) set += ber_octets(id);
  return ber_element(
      0xA3, ber_octets("csn=not-to-be-kept") + (are_deleted ? ber_boolean(true) : "") + ber_element(0x31, set));
}

std::string uuid(char last) { return std::string(15, '\2') + last; }

void add_user(Answerer& answer, char last, const std::string& name, State state = add) {
  answer.entry("uid=" + name + ",DC=x", {{"uid", {name}}, {"sn", {"Li"}}}, sync_state(state, uuid(last)));
}

// Answers the nth synchronization by the nth of `rounds`.
class SyncScript {
 public:
  using Round = std::function<void(const ScriptedRequest&, Answerer&)>;
  explicit SyncScript(std::vector<Round> rounds)
      : rounds_(std::move(rounds)), server_([this](const ScriptedRequest& request, Answerer& answer) {
          if (is_root(request)) {
            answer_root(answer);
          } else if (request.mentions("organizationalUnit")) {  // the containers of the tree
            answer.done();
          } else {
            rounds_.at(next_++)(request, answer);
          }
        }) {}
  [[nodiscard]] std::unique_ptr<DirectorySource> source() const {
    return source_at(server_.directory(LdapKind::openldap, ""));
  }

 private:
  std::vector<Round> rounds_;
  std::size_t next_ = 0;
  ScriptedServer server_;
};

SyncScript::Round first_load() {
  return [](const ScriptedRequest&, Answerer& answer) {
    add_user(answer, 1, "ana");
    add_user(answer, 2, "bob");
    answer.done(LDAP_SUCCESS, sync_done("rid=000,csn=1", true));
  };
}

TEST(ScriptedSync, EveryKindOfChangeIsUnderstood) {
  SyncScript script(
      {first_load(),
       [](const ScriptedRequest& request, Answerer& answer) {
         EXPECT_TRUE(request.mentions("rid=000,csn=1"));
         add_user(answer, 1, "anna", modify);
         answer.intermediate(LDAP_SYNC_INFO, id_set(true, {uuid(2)}));
         add_user(answer, 3, "cid");
         answer.done(LDAP_SUCCESS, sync_done("rid=000,csn=2", true));
       },
       [](const ScriptedRequest& request, Answerer& answer) {
         EXPECT_TRUE(request.mentions("rid=000,csn=2")) << "the id set's own cookie must not be kept";
         answer.intermediate(LDAP_SYNC_INFO, id_set(false, {uuid(1)}));
         answer.done(LDAP_SUCCESS, sync_done("rid=000,csn=3", false));
       },
       [](const ScriptedRequest&, Answerer& answer) { answer.done(LDAP_SUCCESS, sync_done(std::nullopt, true)); },
       [](const ScriptedRequest& request, Answerer& answer) {
         EXPECT_TRUE(request.mentions("rid=000,csn=3")) << "no new cookie: the old one stays";
         add_user(answer, 4, "dora");
         answer.entry("uid=anna,DC=x", {}, sync_state(deleted, uuid(1)));
         answer.done(LDAP_SUCCESS, sync_done("rid=000,csn=4", true));
       }});
  const auto source = script.source();
  MirrorModel mirror;
  mirror.full(*source);
  EXPECT_EQ(mirror.round(*source).users, Completeness::changes);
  EXPECT_TRUE(mirror.user("anna") && mirror.user("cid") && !mirror.user("bob") && !mirror.user("ana"));
  EXPECT_EQ(mirror.round(*source).users, Completeness::complete) << "present phase: whoever was not named is gone";
  EXPECT_TRUE(mirror.user("anna") && !mirror.user("cid"));
  EXPECT_EQ(mirror.round(*source).users, Completeness::changes);
  mirror.round(*source);
  EXPECT_TRUE(mirror.user("dora") && !mirror.user("anna"));
}

TEST(ScriptedSync, RefreshRequiredMeansAFullLoad) {
  for (const int code : {LDAP_SYNC_REFRESH_REQUIRED, LDAP_UNWILLING_TO_PERFORM}) {
    SyncScript script({first_load(), [code](const ScriptedRequest&, Answerer& answer) { answer.done(code); },
                       [](const ScriptedRequest& request, Answerer& answer) {
                         EXPECT_FALSE(request.mentions("csn="));
                         add_user(answer, 2, "bob");
                         answer.done(LDAP_SUCCESS, sync_done("rid=000,csn=9", true));
                       }});
    const auto source = script.source();
    MirrorModel mirror;
    mirror.full(*source);
    EXPECT_EQ(mirror.round(*source).users, Completeness::complete);
    EXPECT_FALSE(mirror.user("ana"));
  }
}

TEST(ScriptedSync, RefreshRequiredInTheMiddleKeepsWhatWasToldAndStartsAnewNextTime) {
  SyncScript script({first_load(),
                     [](const ScriptedRequest&, Answerer& answer) {
                       add_user(answer, 3, "cid");
                       answer.done(LDAP_SYNC_REFRESH_REQUIRED);
                     },
                     [](const ScriptedRequest& request, Answerer& answer) {
                       EXPECT_FALSE(request.mentions("csn="));
                       add_user(answer, 3, "cid");
                       answer.done(LDAP_SUCCESS, sync_done("rid=000,csn=9", true));
                     }});
  const auto source = script.source();
  MirrorModel mirror;
  mirror.full(*source);
  EXPECT_EQ(mirror.round(*source).users, Completeness::changes);
  EXPECT_EQ(mirror.users(), 3U) << "a part never makes anybody absent";
  EXPECT_EQ(mirror.round(*source).users, Completeness::complete);
  EXPECT_EQ(mirror.users(), 1U);
}

TEST(ScriptedSync, AMisreadCookieIsNotTrusted) {
  SyncScript script({first_load(), [](const ScriptedRequest&, Answerer& answer) {
                       add_user(answer, 1, "ana");
                       answer.done(LDAP_SUCCESS, sync_done("", true));
                     }});
  const auto source = script.source();
  MirrorModel mirror;
  mirror.full(*source);
  EXPECT_EQ(mirror.round(*source).users, Completeness::complete);
  EXPECT_FALSE(mirror.user("bob"));
  EXPECT_FALSE(mirror.cursor.contains("users"));
}

TEST(ScriptedSync, ACookieThatWasNeverSlapdsIsNotBelievedEither) {
  SyncScript script({first_load(), [](const ScriptedRequest& request, Answerer& answer) {
                       EXPECT_TRUE(request.mentions("garbage"));
                       add_user(answer, 1, "ana");
                       answer.done(LDAP_SUCCESS, sync_done("rid=000,csn=5", true));
                     }});
  const auto source = script.source();
  MirrorModel mirror;
  mirror.full(*source);
  mirror.cursor["users"] = "Z2FyYmFnZQ==";
  EXPECT_EQ(mirror.round(*source).users, Completeness::complete);
  EXPECT_FALSE(mirror.user("bob"));
  EXPECT_TRUE(mirror.cursor.contains("users"));
}

TEST(ScriptedSync, CookiesOf389AreOpaque) {
  SyncScript script({[](const ScriptedRequest&, Answerer& answer) {
                       add_user(answer, 1, "ana");
                       answer.done(LDAP_SUCCESS, sync_done("host:389#dc=x:(uid=*)#7", false));
                     },
                     [](const ScriptedRequest& request, Answerer& answer) {
                       EXPECT_TRUE(request.mentions("host:389#dc=x:(uid=*)#7"));
                       add_user(answer, 2, "bob");
                       answer.done(LDAP_SUCCESS, sync_done("host:389#dc=x:(uid=*)#8", true));
                     }});
  const auto source = script.source();
  MirrorModel mirror;
  mirror.full(*source);
  EXPECT_EQ(mirror.round(*source).users, Completeness::changes);
  EXPECT_EQ(mirror.users(), 2U);
}

TEST(ScriptedSync, BrokenProtocolFailsTheRun) {
  const std::vector<SyncScript::Round> rounds = {
      [](const ScriptedRequest&, Answerer& answer) {
        answer.entry("uid=a,DC=x", {{"uid", {"a"}}});
      },
      [](const ScriptedRequest&, Answerer& answer) {
        answer.entry("uid=a,DC=x", {{"uid", {"a"}}}, sync_state(add, std::string(15, '\2')));
      },
      [](const ScriptedRequest&, Answerer& answer) {
        answer.entry("uid=a,DC=x", {}, {{LDAP_CONTROL_SYNC_STATE, "garbage"}});
      },
      [](const ScriptedRequest&, Answerer& answer) {
        add_user(answer, 1, "ana");
        answer.done();  // without the state of the synchronization
      },
      [](const ScriptedRequest&, Answerer& answer) {
        answer.intermediate(LDAP_SYNC_INFO, id_set(true, {std::string(3, '\2')}));
      },
  };
  for (const auto& round : rounds) {
    SyncScript script({round});
    MirrorModel mirror;
    const auto source = script.source();
    EXPECT_EQ(fault_of([&] { mirror.full(*source); })->kind(), SourceError::Kind::malformed);
  }
}

TEST(ScriptedSync, ARefusedCookieIsDroppedOnceWhateverTheReason) {
  for (const int code : {LDAP_UNWILLING_TO_PERFORM, LDAP_OPERATIONS_ERROR, LDAP_OTHER, LDAP_PROTOCOL_ERROR}) {
    SCOPED_TRACE(code);
    SyncScript script({first_load(), [code](const ScriptedRequest&, Answerer& answer) { answer.done(code); },
                       first_load(),
                       [](const ScriptedRequest&, Answerer& answer) { answer.done(LDAP_INSUFFICIENT_ACCESS); },
                       [](const ScriptedRequest&, Answerer& answer) { answer.done(LDAP_BUSY); },
                       [](const ScriptedRequest&, Answerer& answer) { answer.done(LDAP_BUSY); },
                       [](const ScriptedRequest&, Answerer& answer) { answer.done(LDAP_BUSY); }});
    const auto source = script.source();
    MirrorModel mirror;
    mirror.full(*source);
    EXPECT_EQ(mirror.round(*source).users, Completeness::complete);
    EXPECT_EQ(fault_of([&] { mirror.round(*source); })->kind(), SourceError::Kind::denied) << "a right is no cookie";
    EXPECT_EQ(fault_of([&] { mirror.round(*source); })->kind(), SourceError::Kind::unavailable);
  }
}

TEST(ScriptedSync, AControlWithoutAValueFailsTheRun) {
  for (const bool at_the_end : {false, true}) {
    SyncScript script({[at_the_end](const ScriptedRequest&, Answerer& answer) {
      if (!at_the_end) answer.entry("uid=ana,DC=x", {{"uid", {"ana"}}}, {{LDAP_CONTROL_SYNC_STATE, ""}});
      add_user(answer, 1, "ana");
      answer.done(LDAP_SUCCESS, {{LDAP_CONTROL_SYNC_DONE, ""}});
    }});
    MirrorModel mirror;
    const auto source = script.source();
    EXPECT_EQ(fault_of([&] { mirror.full(*source); })->kind(), SourceError::Kind::malformed);
  }
}

// Elsewhere than in Active Directory only a lock is stated: without one the account is enabled.
TEST(ScriptedMissingFacts, OfOpenLdapAreWhatTheDirectoryDoesNotSay) {
  const Attributes whole{{"uid", {"ana"}}, {"cn", {"Ana Li"}}, {"mail", {"m@x"}}, {"givenName", {"Ana"}}};
  for (const char* lock : {"nsAccountLock", "loginDisabled", "pwdAccountLockedTime", ""}) {
    for (std::size_t missing = 0; missing <= whole.size(); ++missing) {
      Attributes entry = whole;
      if (missing < whole.size()) entry.erase(entry.begin() + static_cast<std::ptrdiff_t>(missing));
      if (*lock != '\0') entry.push_back({lock, {std::string(lock).starts_with("pwd") ? "000001010000Z" : "TRUE"}});
      SyncScript script({[&](const ScriptedRequest&, Answerer& answer) {
        answer.entry("uid=ana,DC=x", entry, sync_state(add, uuid(1)));
        answer.done(LDAP_SUCCESS, sync_done("csn=1", true));
      }});
      Page page;
      ASSERT_TRUE(script.source()->pull({})->next(page, {}));
      const IdentityRecord& ana = page.identities.front();
      EXPECT_EQ(ana.account_enabled, *lock == '\0') << lock;
      EXPECT_TRUE(ana.expiry_stated) << "there is none";
      EXPECT_EQ(ana.profile[core::Attribute::user_principal_name], missing == 2 ? "ana" : "m@x");
      EXPECT_EQ(ana.profile[core::Attribute::display_name].has_value(), missing != 1);
      EXPECT_EQ(ana.profile[core::Attribute::given_name].has_value(), missing != 3);
    }
  }
}

}  // namespace
}  // namespace dvsync::source
