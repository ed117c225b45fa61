// The table of docs/entra.md, Throttling and faults, row by row.

#include <algorithm>

#include "integration/graph/graph_test.hpp"

namespace dvsync::source::graph::testing {
namespace {

using Kind = SourceError::Kind;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr auto ten_days = 10 * 86400;

class FailureTable : public GraphTest {
 protected:
  std::size_t count(const std::string& prefix) {
    const auto lines = requests();
    return static_cast<std::size_t>(
        std::count_if(lines.begin(), lines.end(), [&](const auto& line) { return line.starts_with(prefix); }));
  }
};

// 500, 502, 503, 504, reset, cut, broken JSON: the same request again.
struct Passing {
  const char* name;
  json::object fault;
};
void PrintTo(const Passing& passing, std::ostream* out) { *out << passing.name; }

class PassingFault : public FailureTable, public ::testing::WithParamInterface<Passing> {};

TEST_P(PassingFault, IsRetriedAndEndsTheRunOnlyWhenItStays) {
  tell({{"do", "generate_users"}, {"count", 20}});
  tell({{"do", "quirks"}, {"page_size", 10}});
  put_group(1, {1});
  json::object once = GetParam().fault;
  once["match"] = "users/delta\\?\\$skiptoken";
  once["times"] = 2;
  fault(once);
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(mirror.living(), SizeIs(20));
  EXPECT_THAT(clock.waits, SizeIs(AllOf(Ge(1U), Le(2U)))) << "libcurl itself repeats once on a kept connection";
  EXPECT_EQ(count("GET /v1.0/users/delta"), 4U);

  const Cursor cursor = mirror.cursor;
  once["match"] = "users/delta\\?\\$deltatoken";
  once["times"] = 1000;
  fault(once);
  EXPECT_THAT(failure_of(request(cursor), Kind::unavailable), HasSubstr("7 attempts"));
  tell({{"do", "clear_faults"}});
  put_user(1);
  pull(mirror);
  EXPECT_TRUE(mirror.knows(user_id(1))) << "the old delta link still works";
}

INSTANTIATE_TEST_SUITE_P(
    A8, PassingFault,
    ::testing::Values(Passing{"InternalError", {{"status", 500}}}, Passing{"BadGateway", {{"status", 502}}},
                      Passing{"Unavailable", {{"status", 503}}}, Passing{"GatewayTimeout", {{"status", 504}}},
                      Passing{"BandwidthExceeded", {{"status", 509}}}, Passing{"ConnectionReset", {{"reset", true}}},
                      Passing{"BodyCutOff", {{"cut", "length"}}}, Passing{"ChunkedBodyCutOff", {{"cut", "chunked"}}},
                      Passing{"WrongJson", {{"status", 200}, {"body", "{\"value\":[{]"}}},
                      Passing{"NotJsonAtAll", {{"status", 200}, {"body", "<html>Welcome"}}}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST_F(FailureTable, StalledBodyIsGivenUpAndRetried) {
  options.pull.http.total = std::chrono::milliseconds{2000};
  tell({{"do", "generate_users"}, {"count", 20}});
  fault({{"match", "users/delta"}, {"stall", true}});
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(mirror.living(), SizeIs(20));
  EXPECT_THAT(clock.waits, Not(IsEmpty()));
}

TEST_F(FailureTable, First401FetchesANewToken) {
  put_user(1);
  const auto from = source();
  MirrorModel mirror;
  pull(*from, request(), mirror);
  tell({{"do", "revoke_tokens"}});
  pull(*from, request(mirror.cursor), mirror);
  EXPECT_THAT(clock.waits, IsEmpty());
}

TEST_F(FailureTable, First401OfABatchPartFetchesANewToken) {
  put_group(1, {1});
  fault({{"match", "groups/delta"}, {"where", "part"}, {"status", 401}, {"code", "InvalidAuthenticationToken"}});
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(mirror.group(group_id(1)).members, SizeIs(1));
  EXPECT_THAT(clock.waits, IsEmpty());
}

TEST_F(FailureTable, Second401EndsTheRun) {
  fault({{"match", "users/delta"}, {"status", 401}, {"code", "InvalidAuthenticationToken"}, {"times", 2}});
  EXPECT_THAT(failure_of(request(), Kind::denied), HasSubstr("401 InvalidAuthenticationToken"));
}

TEST_F(FailureTable, Missing403PermissionEndsTheRunWithoutRetry) {
  tell({{"do", "permissions"}, {"granted", json::array{}}});
  EXPECT_THAT(failure_of(request(), Kind::denied), AllOf(HasSubstr("User.Read.All"), HasSubstr("admin consent")));
  EXPECT_EQ(count("GET /v1.0/users/delta"), 1U);
}

// Every shape of a delta token that Graph no longer takes leads to exactly one full round.
class RejectedDeltaToken : public FailureTable, public ::testing::WithParamInterface<const char*> {};

TEST_P(RejectedDeltaToken, LeadsToOneFullRound) {
  put_user(1);
  put_user(2);
  put_group(1, {1, 2});
  MirrorModel mirror;
  pull(mirror);
  tell(json::array{json::object{{"do", "quirks"}, {"rejection", GetParam()}},
                   json::object{{"do", "purge_user"}, {"id", user_id(1)}},
                   json::object{{"do", "advance"}, {"seconds", ten_days}}});
  clock.advance(std::chrono::seconds{ten_days});
  requests();

  const Pulled pulled = pull(mirror);

  EXPECT_EQ(pulled.end.users, Completeness::complete);
  EXPECT_EQ(pulled.end.groups.at(0).members, Completeness::complete);
  EXPECT_FALSE(mirror.knows(user_id(1))) << "absent from the full round";
  EXPECT_EQ(count("GET /v1.0/users/delta"), 2U);
  expect_like_fresh(mirror);
  EXPECT_EQ(pull(mirror).end.users, Completeness::changes) << "the new delta link is in use";
}

INSTANTIATE_TEST_SUITE_P(A8, RejectedDeltaToken,
                         ::testing::Values("gone", "syncStateNotFound", "resyncRequired", "unsupported"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST_F(FailureTable, RejectedFirstQueryNeverLeadsToAFullRound) {
  for (const auto& [status, code] : {std::pair{400, "Request_UnsupportedQuery"}, std::pair{410, "syncStateNotFound"},
                                     std::pair{400, "resyncRequired"}}) {
    fault({{"match", "users/delta"}, {"status", status}, {"code", code}, {"times", 100}});
    EXPECT_THAT(failure_of(request(), Kind::malformed), HasSubstr(code));
    EXPECT_EQ(count("GET /v1.0/users/delta"), 1U);
    tell({{"do", "clear_faults"}});
  }
}

TEST_F(FailureTable, FullRoundAfterARejectedTokenIsNotRejectedIntoAnother) {
  put_user(1);
  MirrorModel mirror;
  pull(mirror);
  requests();
  fault({{"match", "users/delta"}, {"status", 410}, {"code", "resyncRequired"}, {"times", 100}});
  failure_of(request(mirror.cursor), Kind::malformed);
  EXPECT_EQ(count("GET /v1.0/users/delta"), 2U);
}

// Whatever Graph calls it: a stored link that it refuses is read anew, once.
struct Refusal {
  int status;
  const char* code;
};
void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.status << " " << refusal.code; }

class RefusedLink : public FailureTable, public ::testing::WithParamInterface<Refusal> {};

TEST_P(RefusedLink, HasAWayOut) {
  put_user(1);
  MirrorModel mirror;
  pull(mirror);
  put_user(2);
  requests();
  fault({{"match", "users/delta\\?\\$deltatoken"},
         {"status", GetParam().status},
         {"code", GetParam().code},
         {"times", 9}});
  const Pulled pulled = pull(mirror);
  EXPECT_EQ(pulled.end.users, Completeness::complete);
  EXPECT_TRUE(mirror.knows(user_id(2)));
  EXPECT_EQ(count("GET /v1.0/users/delta"), 2U) << "the stored link, and everything anew";
  tell({{"do", "clear_faults"}});
  EXPECT_EQ(pull(mirror).end.users, Completeness::changes);
}

INSTANTIATE_TEST_SUITE_P(A8, RefusedLink,
                         ::testing::Values(Refusal{400, "BadRequest"}, Refusal{400, "RESYNCREQUIRED"},
                                           Refusal{400, "request_unsupportedquery"}, Refusal{403, "SyncStateNotFound"},
                                           Refusal{404, "Request_ResourceNotFound"}, Refusal{409, "Conflict"},
                                           Refusal{410, "Gone"}, Refusal{422, "UnprocessableEntity"},
                                           Refusal{501, "NotImplemented"}));

TEST_F(FailureTable, RefusalOfALinkOverRightsIsNoReasonToReadEverything) {
  put_user(1);
  MirrorModel mirror;
  pull(mirror);
  requests();
  fault({{"match", "users/delta"}, {"status", 403}, {"code", "Authorization_RequestDenied"}, {"times", 9}});
  failure_of(request(mirror.cursor), Kind::denied);
  EXPECT_EQ(count("GET /v1.0/users/delta"), 1U);
  fault({{"match", "users/delta"}, {"status", 400}, {"code", "TooManyRequests"}, {"times", 9}});
  tell({{"do", "clear_faults"}});
  fault({{"match", "users/delta"}, {"status", 400}, {"code", "TooManyRequests"}, {"times", 9}});
  requests();
  failure_of(request(mirror.cursor), Kind::malformed);
  EXPECT_EQ(count("GET /v1.0/users/delta"), 1U);
}

// `--full` gets out of whatever a stored link has led into.
TEST_F(FailureTable, FullRunDropsALinkThatOnlyMakesTrouble) {
  put_user(1);
  MirrorModel mirror;
  pull(mirror);
  PullRequest full = request(mirror.cursor);
  full.reread = true;
  fault({{"match", "users/delta\\?\\$deltatoken"}, {"patch", {{"@odata.deltaLink", nullptr}}}});
  EXPECT_EQ(pull(full, mirror).end.users, Completeness::complete);

  full.cursor = {{"users", "https://graph.example/v1.0/users/delta?$deltatoken=x"}};
  EXPECT_EQ(pull(full, mirror).end.users, Completeness::complete) << "and the link of another origin is not asked";
}

TEST_F(FailureTable, PageRejectedInTheMiddleOfAFirstRoundStartsItOver) {
  tell({{"do", "generate_users"}, {"count", 30}});
  put_user(1);
  tell({{"do", "quirks"}, {"page_size", 16}});
  // The first page has been read when everything in it vanishes and the round's tokens are dropped.
  fault({{"match", "users/delta\\?\\$skiptoken"},
         {"run",
          {{{"do", "purge_user"}, {"id", "10000000-0000-4000-8000-000000000000"}}, {{"do", "expire_skip_tokens"}}}}});
  MirrorModel mirror;
  const Pulled pulled = pull(mirror);
  EXPECT_EQ(pulled.end.users, Completeness::complete);
  EXPECT_THAT(mirror.living(), SizeIs(30));
  EXPECT_EQ(mirror.living().count(guid("10000000-0000-4000-8000-000000000000")), 0U)
      << "named by the abandoned attempt only";
  expect_like_fresh(mirror);
}

TEST_F(FailureTable, PageRejectedInTheMiddleOfADeltaRoundStartsFromTheStoredLink) {
  MirrorModel mirror;
  pull(mirror);
  tell({{"do", "generate_users"}, {"count", 30}});
  tell({{"do", "quirks"}, {"page_size", 16}});
  fault({{"match", "users/delta\\?\\$skiptoken"}, {"run", {{{"do", "expire_skip_tokens"}}}}});
  requests();
  const Pulled pulled = pull(mirror);
  EXPECT_EQ(pulled.end.users, Completeness::changes);
  EXPECT_THAT(mirror.living(), SizeIs(30));
  EXPECT_EQ(count("GET /v1.0/users/delta?$deltatoken="), 2U);
}

TEST_F(FailureTable, PageRejectedInTheMiddleOfGroupsStartsThemOver) {
  put_group(1);
  json::array links;
  for (int i = 1; i <= 30; ++i) {
    links.push_back(json::object{{"do", "link"}, {"group", group_id(1)}, {"id", user_id(i)}});
  }
  tell(links);
  tell({{"do", "quirks"}, {"link_page_size", 16}});
  fault({{"match", "groups/delta\\?\\$skiptoken"},
         {"where", "part"},
         {"run", {{{"do", "unlink"}, {"group", group_id(1)}, {"id", user_id(1)}}, {{"do", "expire_skip_tokens"}}}}});
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(mirror.group(group_id(1)).members, SizeIs(29));
  expect_like_fresh(mirror);
}

TEST_F(FailureTable, RoundThatKeepsBreakingEndsTheRun) {
  tell({{"do", "generate_users"}, {"count", 30}});
  tell({{"do", "quirks"}, {"page_size", 16}});
  fault({{"match", "users/delta\\?\\$skiptoken"},
         {"status", 400},
         {"code", "Directory_ExpiredPageToken"},
         {"times", 1000}});
  EXPECT_THAT(failure_of(request(), Kind::malformed), HasSubstr("Directory_ExpiredPageToken"));
}

// 200 with a broken protocol: the run ends, the old link stays.
struct Broken {
  const char* name;
  json::object patch;
  const char* words;
};
void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.name; }

class BrokenProtocol : public FailureTable, public ::testing::WithParamInterface<Broken> {};

TEST_P(BrokenProtocol, EndsTheRun) {
  put_user(1);
  MirrorModel mirror;
  pull(mirror);
  fault({{"match", "users/delta"}, {"times", 100}, {"patch", GetParam().patch}});
  EXPECT_THAT(failure_of(request(mirror.cursor), Kind::malformed), HasSubstr(GetParam().words));
  EXPECT_THAT(failure_of(request(), Kind::malformed), HasSubstr(GetParam().words));
  tell({{"do", "clear_faults"}});
  EXPECT_EQ(pull(mirror).end.users, Completeness::changes);
}

const std::string root = Simulator::instance().address("graph");

INSTANTIATE_TEST_SUITE_P(
    A8, BrokenProtocol,
    ::testing::Values(
        Broken{"NeitherLink", {{"@odata.deltaLink", nullptr}}, "neither nextLink nor deltaLink"},
        Broken{"BothLinks", {{"@odata.nextLink", root + "/v1.0/users/delta?$skiptoken=x"}}, "nextLink and deltaLink"},
        Broken{"RepeatedNextLink", {{"@odata.deltaLink", nullptr}, {"@odata.nextLink", "$SELF"}}, "was there before"},
        Broken{"NoList", {{"value", nullptr}}, "without a list"},
        Broken{"ForeignNextLink",
               {{"@odata.deltaLink", nullptr}, {"@odata.nextLink", "https://graph.example/x"}},
               "security"},
        Broken{"ForeignPort",
               {{"@odata.deltaLink", nullptr}, {"@odata.nextLink", "https://localhost:1/v1.0/x"}},
               "security"},
        Broken{"NoEncryption",
               {{"@odata.deltaLink", nullptr}, {"@odata.nextLink", "http" + root.substr(5) + "/x"}},
               "security"},
        Broken{"UserInformation",
               {{"@odata.deltaLink", nullptr}, {"@odata.nextLink", "https://localhost@graph.example/x"}},
               "security"},
        Broken{
            "NotAUrl", {{"@odata.deltaLink", nullptr}, {"@odata.nextLink", "https://localhost\\@evil/"}}, "security"},
        Broken{"ForeignDeltaLink",
               {{"@odata.deltaLink", "https://graph.example/v1.0/users/delta?$deltatoken=x"}},
               "security"}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST_F(FailureTable, ForeignLocationOfARejectedTokenEndsTheRun) {
  put_user(1);
  MirrorModel mirror;
  pull(mirror);
  fault({{"match", "users/delta"}, {"status", 410}, {"headers", {{"location", "https://graph.example/users/delta"}}}});
  EXPECT_THAT(failure_of(request(mirror.cursor), Kind::malformed), HasSubstr("security"));
}

TEST_F(FailureTable, ForeignLinkInTheCursorIsNeverAsked) {
  const std::string message =
      failure_of(request({{"users", "https://graph.example/v1.0/users/delta?$deltatoken=s3cr3t"}}), Kind::malformed);
  EXPECT_THAT(message, AllOf(HasSubstr("security"), Not(HasSubstr("s3cr3t"))));
  EXPECT_THAT(requests(), IsEmpty());
}

TEST_F(FailureTable, MalformedObjectsAreReportedAndDoNotBlockTheRest) {
  tell({{"do", "generate_users"}, {"count", 200}});
  fault({{"match", "users/delta"},
         {"inject",
          {json::object{{"displayName", "nobody"}}, json::object{{"id", user_id(1)}, {"accountEnabled", "yes"}},
           json::object{{"id", user_id(2)}, {"jobTitle", 7}},
           json::object{{"id", user_id(3)}, {"businessPhones", json::array{1}}},
           json::object{{"id", user_id(4)}, {"assignedPlans", "all"}}}}});
  MirrorModel mirror;
  const Pulled pulled = pull(mirror);
  EXPECT_THAT(mirror.living(), SizeIs(200));
  ASSERT_THAT(pulled.rejected, SizeIs(5));
  EXPECT_EQ(pulled.rejected[0].object_id, std::nullopt);
  EXPECT_EQ(pulled.rejected[0].reason, "missing_object_id");
  EXPECT_EQ(pulled.rejected[0].where, "users, page 1, item 201");
  EXPECT_EQ(pulled.rejected[1].object_id, guid(user_id(1)));
  EXPECT_EQ(pulled.rejected[1].reason, "malformed");
  EXPECT_THAT(pulled.rejected[1].detail, HasSubstr("accountEnabled"));
  EXPECT_THAT(pulled.rejected[2].detail, HasSubstr("jobTitle"));
  EXPECT_THAT(pulled.rejected[3].detail, HasSubstr("businessPhones"));
  EXPECT_THAT(pulled.rejected[4].detail, HasSubstr("assignedPlans"));
  EXPECT_EQ(pulled.end.records, 205U);
}

TEST_F(FailureTable, TooManyMalformedObjectsEndAFullRun) {
  put_user(1);
  fault({{"match", "users/delta"}, {"inject", {json::object{{"id", "x"}}}}});
  EXPECT_THAT(failure_of(request(), Kind::malformed), HasSubstr("max_rejects_percent"));
}

TEST_F(FailureTable, MalformedObjectNeverHoldsBackADelta) {
  put_user(1);
  MirrorModel mirror;
  pull(mirror);
  fault({{"match", "users/delta"}, {"inject", {json::object{{"id", user_id(1)}, {"city", true}}}}});
  EXPECT_THAT(pull(mirror).rejected, SizeIs(1));
}

TEST_F(FailureTable, UnknownPropertiesAndAnnotationsAreIgnored) {
  fault({{"match", "users/delta"},
         {"inject",
          {json::object{{"@odata.etag", "x"},
                        {"id", user_id(1)},
                        {"extension_x", {{"a", 1}}},
                        {"givenName@odata.type", "#String"},
                        {"givenName", "Ana"}}}}});
  MirrorModel mirror;
  pull(mirror);
  EXPECT_EQ(mirror.identity(user_id(1)).profile[core::Attribute::given_name], "Ana");
}

TEST_F(FailureTable, LastOfSeveralInPageOrderWins) {
  fault({{"match", "users/delta"},
         {"inject",
          {json::object{{"id", user_id(1)}, {"givenName", "Ana"}, {"city", "Oslo"}},
           json::object{{"id", user_id(1)}, {"givenName", "Anna"}}}}});
  MirrorModel mirror;
  pull(mirror);
  EXPECT_EQ(mirror.identity(user_id(1)).profile[core::Attribute::given_name], "Anna");
  EXPECT_EQ(mirror.identity(user_id(1)).profile[core::Attribute::city], std::nullopt);
}

TEST_F(FailureTable, ValueThatNoColumnCanTakeIsADefectAndTheGatesStand) {
  const std::string page = R"({"value":[{"id":")" + user_id(1) +
                           R"(","jobTitle":"a\u0000b","city":"Oslo","accountEnabled":false},{"id":")" + user_id(2) +
                           R"(","jobTitle":"\ud83d\ude00 \ud83d!","accountEnabled":true},{"id":")" + user_id(3) +
                           R"(","jobTitle":"\\ud83d \ud83d\ude00"}],"@odata.deltaLink":")" + directory.graph_root +
                           R"(/v1.0/users/delta?$deltatoken=x"})";
  fault({{"match", "users/delta"}, {"status", 200}, {"body", page}});
  MirrorModel mirror;
  pull(mirror);
  EXPECT_EQ(mirror.identity(user_id(1)).defect, "jobTitle holds NUL");
  EXPECT_EQ(mirror.identity(user_id(1)).profile[core::Attribute::job_title], std::nullopt);
  EXPECT_EQ(mirror.identity(user_id(1)).profile[core::Attribute::city], "Oslo");
  EXPECT_EQ(mirror.identity(user_id(1)).account_enabled, false);
  EXPECT_EQ(mirror.identity(user_id(2)).defect, "jobTitle holds invalid UTF-8");
  EXPECT_EQ(mirror.identity(user_id(3)).defect, "");
  EXPECT_EQ(mirror.identity(user_id(3)).profile[core::Attribute::job_title], "\\ud83d \U0001F600");
}

TEST_F(FailureTable, AnswerLargerThanAnyPageIsNotReadToItsEnd) {
  options.pull.http.body_bytes = 4096;
  tell({{"do", "generate_users"}, {"count", 200}});
  EXPECT_THAT(failure_of(request(), Kind::unavailable), HasSubstr("larger than 4096 bytes"));
}

TEST_F(FailureTable, ErrorsNameNoLinkAndNoToken) {
  put_user(1);
  MirrorModel mirror;
  pull(mirror);
  const std::string link = mirror.cursor.at("users");
  const std::string token = link.substr(link.find('=') + 1);
  fault({{"match", "users/delta"}, {"status", 400}, {"code", "BadRequest"}, {"times", 2}});
  EXPECT_THAT(failure_of(request(mirror.cursor), Kind::malformed), Not(HasSubstr(token)));
}

}  // namespace
}  // namespace dvsync::source::graph::testing
