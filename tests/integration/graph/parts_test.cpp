// Small parts that need no server.

#include "integration/graph/graph_test.hpp"
#include "source/graph/groups.hpp"
#include "source/graph/json.hpp"
#include "source/graph/queries.hpp"
#include "source/graph/token_endpoint.hpp"

namespace dvsync::source::graph::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(Origin, OwnsItsSchemeHostAndPortOnly) {
  const Origin origin("https://graph.microsoft.com/");
  EXPECT_EQ(origin.root(), "https://graph.microsoft.com");
  for (const char* link : {"https://graph.microsoft.com/v1.0/users/delta?$deltatoken=a%2b'~",
                           "https://graph.microsoft.com:443/x", "HTTPS://Graph.Microsoft.COM/x"}) {
    EXPECT_TRUE(origin.owns(link)) << link;
  }
  for (const char* link :
       {"http://graph.microsoft.com/x", "https://graph.microsoft.com:8443/x",
        "https://graph.microsoft.com.evil.example/x", "https://graph.microsoft.com@evil.example/x",
        "https://user@graph.microsoft.com/x", "https://evil.example\\@graph.microsoft.com/", "//graph.microsoft.com/x",
        "/v1.0/users", "", "https://graph.microsoft.com /x", "https://graph.microsoft.com\r\nX: y/"}) {
    EXPECT_FALSE(origin.owns(link)) << link;
  }
}

TEST(Origin, FindsQueryOptionsInAnySpelling) {
  EXPECT_TRUE(has_query_option("https://g/x?$deltatoken=a", "$deltatoken"));
  EXPECT_TRUE(has_query_option("https://g/x?a=b&%24deltaToken=a", "$deltatoken"));
  EXPECT_FALSE(has_query_option("https://g/x?$skiptoken=$deltatoken", "$deltatoken"));
  EXPECT_FALSE(has_query_option("not a link", "$deltatoken"));
}

TEST(JsonDocument, KeepsAPageWithHalfASurrogatePair) {
  EXPECT_TRUE(Document::parse(R"({"a":"\ud83d!"})"));
  EXPECT_TRUE(Document::parse(R"({"a":"\uDE00"})"));
  EXPECT_FALSE(Document::parse(R"({"a":"\ud83)"));
  EXPECT_FALSE(Document::parse(R"({"a":1)"));
  EXPECT_FALSE(Document::parse(""));
  EXPECT_FALSE(Document::parse(R"({"a":1} trailing)"));
}

TEST(GroupCursor, SurvivesTheTripThroughTheCursor) {
  const GroupCursor plain{.ids = {guid(group_id(1)), guid(group_id(2))}, .link = "https://x/?a=b", .nested = false};
  const GroupCursor unread{.ids = {guid(group_id(3))}, .link = {}, .nested = true};
  const auto found = group_cursors({cursor_entry(plain), cursor_entry(unread), {"users", "https://x/"}});
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].ids, plain.ids);
  EXPECT_EQ(found[0].link, plain.link);
  EXPECT_FALSE(found[0].nested);
  EXPECT_EQ(found[1].ids, unread.ids);
  EXPECT_TRUE(found[1].nested);
}

TEST(TokenError, BranchesOnNumbersAndNeverQuotesTheDescription) {
  const std::string known = explain_token_error(
      401, R"({"error":"invalid_client","error_description":"secret sauce","error_codes":[7000222]})");
  EXPECT_THAT(known, HasSubstr("expired"));
  const std::string unknown =
      explain_token_error(400, R"({"error":"odd_thing","error_description":"secret sauce","error_codes":[42]})");
  EXPECT_THAT(unknown, HasSubstr("400, odd_thing, AADSTS42"));
  EXPECT_EQ((known + unknown).find("sauce"), std::string::npos);
  EXPECT_THAT(explain_token_error(403, "<html>"), HasSubstr("403"));
}

TEST(TokenError, TakesNumbersOfEveryKind) {
  for (const char* codes :
       {"[7000222.5]", "[1e300, 7000222]", "[18446744073709551615, 7000222]", "[-1, \"x\", 7000222.0]"}) {
    EXPECT_THAT(explain_token_error(401, std::string(R"({"error":"x","error_codes":)") + codes + "}"),
                HasSubstr("expired"));
  }
  EXPECT_THAT(explain_token_error(400, R"({"error":"a\u001b[31m\nb\u202e","error_codes":"none"})"),
              HasSubstr("a?[31m?b?"));
}

TEST(Token, LivesForADayAtMostWhateverIsSaid) {
  const auto lifetime = [](const std::string& expires) {
    return read_token(R"({"access_token":"t","expires_in":)" + expires + "}", "x").lifetime;
  };
  EXPECT_EQ(lifetime("3600"), std::chrono::seconds(3600));
  EXPECT_EQ(lifetime("3599.9"), std::chrono::seconds(3599));
  EXPECT_EQ(lifetime("\"3600\""), std::chrono::seconds(3600));
  for (const char* huge : {"9223372036854775807", "18446744073709551615", "1e18", "9e15"}) {
    EXPECT_EQ(lifetime(huge), std::chrono::hours(24)) << huge;
  }
  for (const char* useless : {"1e300", "-1", "0", "0.5", "null", "[]", "\"soon\"", "99999999999999999999999"}) {
    EXPECT_THROW(static_cast<void>(lifetime(useless)), SourceError) << useless;
  }
}

TEST(Document, HoldsNoMoreThanAnAnswerHas) {
  const auto page = [](std::size_t count, const std::string& one) {
    std::string text = "[" + one;
    for (std::size_t n = 1; n < count; ++n) text += "," + one;
    return text + "]";
  };
  EXPECT_TRUE(Document::parse(page(200'000, "[]")));
  EXPECT_FALSE(Document::parse(page(2'100'000, "[]")));
  EXPECT_FALSE(Document::parse(page(2'100'000, "1")));
  EXPECT_FALSE(Document::parse(page(1'100'000, R"({"a":1})")));
  EXPECT_TRUE(Document::parse("[\"" + std::string(3'000'000, ',') + "\\\",,\"]"));  // within a text
  EXPECT_FALSE(Document::parse(std::string(10'000, '[')));
}

TEST(Queries, FilterTakesIdsOnly) {
  EXPECT_EQ(Queries("https://g").groups_delta({guid(group_id(1)), guid(group_id(2))}),
            "https://g/v1.0/groups/delta?$select=members,owners&$filter=id%20eq%20'" + group_id(1) +
                "'%20or%20id%20eq%20'" + group_id(2) + "'");
}

}  // namespace
}  // namespace dvsync::source::graph::testing
