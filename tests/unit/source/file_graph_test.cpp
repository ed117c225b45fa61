// graph-jsonl: what each shape of line means.

#include <gmock/gmock.h>

#include <string>

#include "unit/source/file_fixture.hpp"

namespace dvsync::source::file {
namespace {

using core::Attribute;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view ana_line =
    R"({"@odata.type":"#microsoft.graph.user","id":"11111111-1111-4111-8111-111111111111",)"
    R"("userPrincipalName":"ana@contoso.example","givenName":"Ana","surname":"Li","displayName":"Ana Li",)"
    R"("accountEnabled":true,"userType":"Member","mail":"ana@contoso.example","jobTitle":null,)"
    R"("businessPhones":["+47 22","+47 23"],"assignedPlans":[)"
    R"({"servicePlanId":"ea2cf03b-ac60-46ae-9c1d-eeaeb63cec86","capabilityStatus":"Enabled"},)"
    R"({"servicePlanId":"6ea4c1ef-c259-46df-bce2-943342cd3cb2","capabilityStatus":"Warning"},)"
    R"({"servicePlanId":"ea2cf03b-ac60-46ae-9c1d-eeaeb63cec86","capabilityStatus":"Enabled"},)"
    R"({"servicePlanId":"4ff01e01-1ba7-4d71-8cf8-ce96c3bbcf14","capabilityStatus":"Suspended"}],)"
    R"("deletedDateTime":null,"department":{"ignored":[1,2,{"id":"x"}]}})"
    "\n";

std::string user_line(std::string_view id, std::string_view more = R"("accountEnabled":true)") {
  return R"({"@odata.type":"#microsoft.graph.user","id":")" + std::string(id) + R"(","userPrincipalName":"u",)" +
         std::string(more) + "}\n";
}

std::string member(std::string_view id, std::string_view type = "user") {
  return R"({"@odata.type":"#microsoft.graph.)" + std::string(type) + R"(","id":")" + std::string(id) + "\"}";
}

class GraphFileTest : public FileTest {
 protected:
  GraphFileTest() { request_.groups = {std::string(group_id)}; }
  Pulled pull_lines(const std::string& lines) { return pull("tenant.jsonl", lines); }
  Pulled pull_delta(const std::string& lines) {
    configured_.mode = config::FileMode::delta;
    return pull("delta.jsonl", lines);
  }
};

TEST_F(GraphFileTest, ReadsAUser) {
  const Pulled pulled = pull_lines(std::string(ana_line));
  ASSERT_THAT(pulled.all.identities, SizeIs(1));
  const IdentityRecord& ana = pulled.all.identities[0];
  EXPECT_EQ(ana.object_id, guid(ana_id));
  EXPECT_TRUE(ana.whole);
  EXPECT_EQ(ana.lifecycle, core::Lifecycle::present);
  EXPECT_EQ(ana.profile[Attribute::user_principal_name], "ana@contoso.example");
  EXPECT_EQ(ana.profile[Attribute::given_name], "Ana");
  EXPECT_EQ(ana.profile[Attribute::job_title], std::nullopt);
  EXPECT_EQ(ana.profile[Attribute::business_phone], "+47 22");
  EXPECT_EQ(ana.account_enabled, true);
  EXPECT_EQ(ana.guest, false);
  EXPECT_EQ(ana.defect, "");
  EXPECT_TRUE(ana.stated.test(static_cast<std::size_t>(Attribute::job_title)));
  EXPECT_FALSE(ana.stated.test(static_cast<std::size_t>(Attribute::city)));
  EXPECT_THAT(pulled.all.rejected, IsEmpty());
  EXPECT_EQ(pulled.end.records, 1U);
}

TEST_F(GraphFileTest, KeepsPlansThatAreEnabledOrWarningSortedAndOnce) {
  const Pulled pulled = pull_lines(std::string(ana_line));
  EXPECT_THAT(pulled.user(ana_id).plans.value(),
              ElementsAre(guid("6ea4c1ef-c259-46df-bce2-943342cd3cb2"), guid("ea2cf03b-ac60-46ae-9c1d-eeaeb63cec86")));
}

TEST_F(GraphFileTest, LeavesUnstatedFactsOpen) {
  const Pulled pulled = pull_lines(user_line(ana_id, R"("city":"Oslo")"));
  const IdentityRecord& ana = pulled.user(ana_id);
  EXPECT_EQ(ana.account_enabled, std::nullopt);
  EXPECT_EQ(ana.plans, std::nullopt);
  EXPECT_EQ(ana.guest, false) << "the name decides";
}

struct KindCase {
  std::string_view name;
  std::string_view line;
  std::size_t users = 0;
  std::size_t rejected = 0;
};

class GraphKindTest : public GraphFileTest, public ::testing::WithParamInterface<KindCase> {};

TEST_P(GraphKindTest, DecidesWhatALineIs) {
  // A user of its own, as a snapshot without users is an error.
  const Pulled pulled = pull_lines(user_line(bo_id) + std::string(GetParam().line) + "\n");
  EXPECT_EQ(pulled.all.identities.size(), 1 + GetParam().users) << GetParam().name;
  EXPECT_EQ(pulled.all.rejected.size(), GetParam().rejected) << GetParam().name;
  EXPECT_EQ(pulled.end.records, 2U);
}

INSTANTIATE_TEST_SUITE_P(
    Lines, GraphKindTest,
    ::testing::Values(
        KindCase{"type without #",
                 R"({"@odata.type":"microsoft.graph.user","id":"11111111-1111-4111-8111-111111111111"})", 1},
        KindCase{"type last",
                 R"({"id":"11111111-1111-4111-8111-111111111111","mail":"a","@odata.type":"#microsoft.graph.user"})",
                 1},
        KindCase{"no type, user name", R"({"id":"11111111-1111-4111-8111-111111111111","userPrincipalName":"a"})", 1},
        KindCase{"no type, account state", R"({"accountEnabled":true,"id":"11111111-1111-4111-8111-111111111111"})", 1},
        KindCase{
            "no type, context",
            R"({"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users/$entity","id":"11111111-1111-4111-8111-111111111111","displayName":"A"})",
            1},
        KindCase{"nothing tells", R"({"id":"11111111-1111-4111-8111-111111111111","displayName":"A"})", 0, 1},
        KindCase{
            "device",
            R"({"@odata.type":"#microsoft.graph.device","id":"11111111-1111-4111-8111-111111111111","accountEnabled":true})"},
        KindCase{"service principal",
                 R"({"@odata.type":"#microsoft.graph.servicePrincipal","id":"11111111-1111-4111-8111-111111111111"})"},
        KindCase{
            "unrequested group",
            R"({"@odata.type":"#microsoft.graph.group","id":"3f6b2c1e-0000-4000-8000-000000000009","members@delta":[{"id":"x"}]})"},
        KindCase{"group without type",
                 R"({"id":"3f6b2c1e-0000-4000-8000-000000000009","groupTypes":[],"displayName":"G"})"},
        KindCase{"unknown role", R"({"roleTemplateId":"88d8e3e3-8f55-4a1e-953a-9b9898b8876b","members@delta":[]})"}));

struct RejectCase {
  std::string_view name;
  std::string_view line;
  std::string_view reason;
  std::string_view detail;
  std::string_view object_id;  // empty: anonymous
};

class GraphRejectTest : public GraphFileTest, public ::testing::WithParamInterface<RejectCase> {};

TEST_P(GraphRejectTest, RejectsOneLineAndReadsOn) {
  const RejectCase& expected = GetParam();
  const Pulled pulled = pull_lines(user_line(bo_id) + "\n" + std::string(expected.line) + "\n" +
                                   user_line("33333333-3333-4333-8333-333333333333"));
  EXPECT_THAT(pulled.all.identities, SizeIs(2));
  ASSERT_THAT(pulled.all.rejected, SizeIs(1));
  const RejectedRecord& rejected = pulled.all.rejected[0];
  EXPECT_EQ(rejected.reason, expected.reason);
  EXPECT_EQ(rejected.where, "tenant.jsonl:3");
  EXPECT_THAT(rejected.detail, HasSubstr(expected.detail));
  EXPECT_EQ(rejected.object_id, expected.object_id.empty() ? std::nullopt : std::optional(guid(expected.object_id)));
  EXPECT_EQ(pulled.end.records, 3U);
}

INSTANTIATE_TEST_SUITE_P(
    Lines, GraphRejectTest,
    ::testing::Values(
        RejectCase{"no JSON", "not json at all", "malformed", "not valid JSON", ""},
        RejectCase{"broken behind the id", R"({"id":"11111111-1111-4111-8111-111111111111","userPrincipalName":"a",,})",
                   "malformed", "not valid JSON", ana_id},
        RejectCase{"broken before the id", R"({"userPrincipalName":a,"id": "11111111-1111-4111-8111-111111111111"})",
                   "malformed", "not valid JSON", ana_id},
        RejectCase{"two ids in a broken line",
                   R"({"x":a,"id":"11111111-1111-4111-8111-111111111111","id":"22222222-2222-4222-8222-222222222222"})",
                   "malformed", "not valid JSON", ""},
        RejectCase{"only a nested id", R"({"x":a,"manager":{"id":"11111111-1111-4111-8111-111111111111"}})",
                   "malformed", "not valid JSON", ""},
        RejectCase{
            "two lines ran together",
            R"({"id":"11111111-1111-4111-8111-111111111111","userPrincipalName":"a"}{"id":"44444444-4444-4444-8444-444444444444","accountEnabled":true})",
            "malformed", "behind the object", ""},
        RejectCase{"text behind the object",
                   R"({"id":"11111111-1111-4111-8111-111111111111","userPrincipalName":"a"} x)", "malformed",
                   "behind the object", ana_id},
        RejectCase{"unfinished", R"({"id":"11111111-1111-4111-8111-111111111111","userPrincipalName":"a")", "malformed",
                   "not valid JSON", ana_id},
        RejectCase{"a number", "42", "malformed", "not a JSON object", ""},
        RejectCase{"a text", R"("id")", "malformed", "not a JSON object", ""},
        RejectCase{"no id", R"({"userPrincipalName":"a","accountEnabled":true})", "missing_object_id", "no id", ""},
        RejectCase{"null id", R"({"id":null,"userPrincipalName":"a"})", "missing_object_id", "no id", ""},
        RejectCase{"id is no GUID", R"({"id":"ana","userPrincipalName":"a"})", "invalid_object_id", "not a GUID", ""},
        RejectCase{"state is a text",
                   R"({"id":"11111111-1111-4111-8111-111111111111","userPrincipalName":"a","accountEnabled":"yes"})",
                   "malformed", "accountEnabled has a value of the wrong type", ana_id},
        RejectCase{"title is a number",
                   R"({"id":"11111111-1111-4111-8111-111111111111","userPrincipalName":"a","jobTitle":7})", "malformed",
                   "jobTitle has a value of the wrong type", ana_id},
        RejectCase{"phones are a text",
                   R"({"id":"11111111-1111-4111-8111-111111111111","userPrincipalName":"a","businessPhones":"1"})",
                   "malformed", "businessPhones has a value of the wrong type", ana_id},
        RejectCase{
            "a plan without id",
            R"({"id":"11111111-1111-4111-8111-111111111111","userPrincipalName":"a","assignedPlans":[{"capabilityStatus":"Enabled"}]})",
            "malformed", "servicePlanId", ana_id},
        RejectCase{
            "strange removal",
            R"({"id":"11111111-1111-4111-8111-111111111111","userPrincipalName":"a","@removed":{"reason":"moved"}})",
            "malformed", "@removed", ana_id},
        RejectCase{
            "nested too deeply",
            R"({"id":"11111111-1111-4111-8111-111111111111","x":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]})",
            "malformed", "not valid JSON", ana_id}));

struct DefectCase {
  std::string_view value;
  std::string_view defect;
};

class GraphDefectTest : public GraphFileTest, public ::testing::WithParamInterface<DefectCase> {};

TEST_P(GraphDefectTest, KeepsTheGateFactsOfABadValue) {
  const std::string line =
      user_line(ana_id, R"("accountEnabled":false,"jobTitle":")" + std::string(GetParam().value) + "\"");
  const Pulled pulled = pull_lines(line + user_line(bo_id));
  const IdentityRecord& ana = pulled.user(ana_id);
  EXPECT_EQ(ana.defect, GetParam().defect);
  EXPECT_EQ(ana.profile[Attribute::job_title], std::nullopt);
  EXPECT_EQ(ana.profile[Attribute::user_principal_name], "u");
  EXPECT_EQ(ana.account_enabled, false);
  EXPECT_THAT(pulled.all.rejected, IsEmpty());
  EXPECT_EQ(pulled.user(bo_id).defect, "");
}

INSTANTIATE_TEST_SUITE_P(Values, GraphDefectTest,
                         ::testing::Values(DefectCase{R"(a\u0000b)", "jobTitle holds NUL"},
                                           DefectCase{"a\xff"
                                                      "b",
                                                      "jobTitle holds invalid UTF-8"},
                                           DefectCase{"caf\xe9", "jobTitle holds invalid UTF-8"},
                                           DefectCase{R"(a\udcffb)", "jobTitle holds invalid UTF-8"},
                                           DefectCase{R"(\ud83d\u0041)", "jobTitle holds invalid UTF-8"},
                                           DefectCase{R"(\\\uD83D)", "jobTitle holds invalid UTF-8"},
                                           DefectCase{R"(\ud83d\ud83d\ude00)", "jobTitle holds invalid UTF-8"},
                                           DefectCase{"\xed\xa0\x80", "jobTitle holds invalid UTF-8"},
                                           DefectCase{"\xc0\xaf", "jobTitle holds invalid UTF-8"},
                                           DefectCase{"\xf4\x90\x80\x80", "jobTitle holds invalid UTF-8"},
                                           DefectCase{"\xe2\x82", "jobTitle holds invalid UTF-8"}));

TEST_F(GraphFileTest, DecodesEscapesAndUnicode) {
  const Pulled pulled =
      pull_lines(user_line(ana_id, R"("surname":"\u0160\u010cast\ud83d\ude00\"\\/","givenName":"Åse 美咲")"));
  EXPECT_EQ(pulled.user(ana_id).profile[Attribute::surname], "ŠČast😀\"\\/");
  EXPECT_EQ(pulled.user(ana_id).profile[Attribute::given_name], "Åse 美咲");
}

TEST_F(GraphFileTest, TellsPairsFromLoneSurrogatesWhereverABlockEnds) {
  const std::string lines =
      user_line(ana_id, R"("surname":"\ud83d\ude00\\udcff","jobTitle":"a\ud83d\\b","accountEnabled":false)") +
      user_line(bo_id);
  for (block_size_ = 1; block_size_ < 64; ++block_size_) {
    const Pulled pulled = pull_lines(lines);
    const IdentityRecord& ana = pulled.user(ana_id);
    EXPECT_EQ(ana.profile[Attribute::surname], "😀\\udcff") << block_size_;
    EXPECT_EQ(ana.defect, "jobTitle holds invalid UTF-8") << block_size_;
    EXPECT_EQ(ana.account_enabled, false) << block_size_;
    EXPECT_THAT(pulled.all.rejected, IsEmpty()) << block_size_;
  }
}

TEST_F(GraphFileTest, CutsAnEndlessValueBetweenCharacters) {
  std::string title;
  while (title.size() < 100'000) title += "aé€😀";
  const Pulled pulled = pull_lines(user_line(ana_id, R"("jobTitle":")" + title + "\""));
  const std::string& kept = pulled.user(ana_id).profile[Attribute::job_title].value();
  EXPECT_LE(kept.size(), 64U << 10U);
  EXPECT_GT(kept.size(), (64U << 10U) - 4);
  EXPECT_TRUE(title.starts_with(kept));
  EXPECT_EQ(pulled.user(ana_id).defect, "");
}

// --- lifecycle ------------------------------------------------------------------------------------------------------

TEST_F(GraphFileTest, ReadsSoftDeletesOfASnapshot) {
  const Pulled pulled = pull_lines(
      user_line(bo_id) + user_line(ana_id, R"("accountEnabled":true,"deletedDateTime":"2024-05-06T07:08:09.25Z")") +
      R"({"id":"33333333-3333-4333-8333-333333333333","@removed":{"reason":"changed"}})"
      "\n"
      R"({"id":"44444444-4444-4444-8444-444444444444","@removed":{"reason":"deleted"},"userPrincipalName":"x"})"
      "\n");
  const IdentityRecord& ana = pulled.user(ana_id);
  EXPECT_EQ(ana.lifecycle, core::Lifecycle::soft_deleted);
  EXPECT_EQ(ana.deleted_at, core::Timestamp(std::chrono::sys_days(std::chrono::May / 6 / 2024) + std::chrono::hours(7) +
                                            std::chrono::minutes(8) + std::chrono::milliseconds(9'250)));
  EXPECT_TRUE(ana.whole);
  const IdentityRecord& shown_by_id = pulled.user("33333333-3333-4333-8333-333333333333");
  EXPECT_EQ(shown_by_id.lifecycle, core::Lifecycle::soft_deleted);
  EXPECT_FALSE(shown_by_id.whole);
  EXPECT_TRUE(shown_by_id.stated.none());
  EXPECT_EQ(pulled.user("44444444-4444-4444-8444-444444444444").lifecycle, core::Lifecycle::gone);
}

TEST_F(GraphFileTest, ADeltaStatesOnlyWhatItNames) {
  const Pulled pulled = pull_delta(
      R"({"id":"11111111-1111-4111-8111-111111111111","jobTitle":null,"city":"Oslo","businessPhones":[],"assignedPlans":null})"
      "\n");
  const IdentityRecord& ana = pulled.user(ana_id);
  EXPECT_FALSE(ana.whole);
  EXPECT_EQ(ana.stated.count(), 3U);
  EXPECT_TRUE(ana.stated.test(static_cast<std::size_t>(Attribute::job_title)));
  EXPECT_TRUE(ana.stated.test(static_cast<std::size_t>(Attribute::business_phone)));
  EXPECT_EQ(ana.profile[Attribute::job_title], std::nullopt);
  EXPECT_EQ(ana.profile[Attribute::city], "Oslo");
  EXPECT_EQ(ana.account_enabled, std::nullopt);
  EXPECT_THAT(ana.plans.value(), IsEmpty());
  EXPECT_EQ(pulled.end.users, Completeness::changes);
}

TEST_F(GraphFileTest, RemovalInADeltaSaysNothingButTheLifecycle) {
  const Pulled pulled = pull_delta(
      R"({"id":"11111111-1111-4111-8111-111111111111","@removed":{"reason":"changed"},"jobTitle":"x","accountEnabled":true})"
      "\n"
      R"({"@removed":{"reason":"deleted"},"id":"22222222-2222-4222-8222-222222222222"})"
      "\n");
  EXPECT_EQ(pulled.user(ana_id).lifecycle, core::Lifecycle::soft_deleted);
  EXPECT_TRUE(pulled.user(ana_id).stated.none());
  EXPECT_EQ(pulled.user(ana_id).account_enabled, std::nullopt);
  EXPECT_EQ(pulled.user(bo_id).lifecycle, core::Lifecycle::gone);
}

TEST_F(GraphFileTest, ARemovalWithoutAReasonIsRejectedAndRestoresNobody) {
  for (const std::string_view removal : {"{}", R"({"reason":null})", R"({"reason":""})"}) {
    const Pulled pulled = pull_delta(user_line(ana_id, "\"@removed\":" + std::string(removal)) + user_line(bo_id));
    EXPECT_THAT(pulled.all.identities, SizeIs(1)) << removal;
    ASSERT_THAT(pulled.all.rejected, SizeIs(1)) << removal;
    EXPECT_EQ(pulled.all.rejected[0].object_id, guid(ana_id)) << removal;
  }
  EXPECT_EQ(pull_delta(user_line(ana_id, R"("@removed":null)")).user(ana_id).lifecycle, core::Lifecycle::present);
}

TEST_F(GraphFileTest, AnEmptyDeletionDateIsNone) {
  const Pulled pulled = pull_lines(user_line(ana_id, R"("deletedDateTime":"")"));
  EXPECT_EQ(pulled.user(ana_id).lifecycle, core::Lifecycle::present);
}

TEST_F(GraphFileTest, ABareRemovalOfARequestedGroupIsNoUserEvenWhereNestedGroupsCount) {
  request_.nested_groups = true;
  const Pulled pulled = pull_delta(user_line(ana_id) + R"({"id":")" + std::string(group_id) +
                                   R"(","@removed":{"reason":"deleted"}})"
                                   "\n"
                                   R"({"id":")" +
                                   std::string(bo_id) +
                                   R"(","@removed":{"reason":"changed"}})"
                                   "\n");
  EXPECT_THAT(pulled.all.identities, SizeIs(2));
  EXPECT_EQ(pulled.user(bo_id).lifecycle, core::Lifecycle::soft_deleted);
  ASSERT_THAT(pulled.end.groups, SizeIs(1));
  EXPECT_EQ(pulled.end.groups[0].members, Completeness::unreadable);
}

TEST_F(GraphFileTest, ReadsExpandedMembersAsLongAsTheyAreAllThereCanBe) {
  const auto group_of = [](std::size_t members) {
    std::string line = R"({"@odata.type":"#microsoft.graph.group","id":")" + std::string(group_id) + R"(","members":[)";
    for (std::size_t i = 0; i < members; ++i) line += (i == 0 ? "" : ",") + member(ana_id);
    return line + "]}\n";
  };
  for (const std::size_t members : {1U, 19U, 21U}) {
    const Pulled pulled = pull_lines(std::string(ana_line) + group_of(members));
    EXPECT_THAT(pulled.all.memberships, SizeIs(members));
    EXPECT_EQ(pulled.end.groups[0].members, Completeness::complete) << members;
  }
  const Pulled cut = pull_lines(std::string(ana_line) + group_of(20));
  EXPECT_EQ(cut.end.groups[0].members, Completeness::partial);
  EXPECT_THAT(cut.end.groups[0].detail, HasSubstr("$expand"));
}

TEST_F(GraphFileTest, LaterLinesOfADeltaComeLater) {
  const Pulled pulled =
      pull_delta(user_line(ana_id, R"("jobTitle":"first")") + user_line(ana_id, R"("jobTitle":"second")"));
  ASSERT_THAT(pulled.all.identities, SizeIs(2));
  EXPECT_EQ(pulled.all.identities[1].profile[Attribute::job_title], "second");
}

// --- groups and roles -----------------------------------------------------------------------------------------------

std::string group_line(std::string_view before, const std::string& members, std::string_view after = "") {
  return "{" + std::string(before) + R"("members@delta":[)" + members + "]" + std::string(after) + "}\n";
}
const std::string group_begin =
    R"("@odata.type":"#microsoft.graph.group","id":"3f6b2c1e-0000-4000-8000-000000000001",)";
const std::string group_after =
    R"(,"id":"3f6b2c1e-0000-4000-8000-000000000001","@odata.type":"#microsoft.graph.group")";

TEST_F(GraphFileTest, ReadsMembersAndOwnersOfANamedGroup) {
  const Pulled pulled = pull_lines(
      std::string(ana_line) +
      group_line(group_begin,
                 member(ana_id) + "," + member(other_group_id, "group") + "," + member(bo_id, "device") + "," +
                     R"({"id":"22222222-2222-4222-8222-222222222222","@removed":{"reason":"deleted"}})",
                 R"(,"owners@delta":[)" + member(bo_id) + "]"));
  ASSERT_THAT(pulled.all.memberships, SizeIs(4));
  const auto& records = pulled.all.memberships;
  EXPECT_EQ(records[0].group, guid(group_id));
  EXPECT_EQ(records[0].member.object_id, guid(ana_id));
  EXPECT_FALSE(records[0].member_is_group);
  EXPECT_TRUE(records[1].member_is_group);
  EXPECT_TRUE(records[2].removed);
  EXPECT_EQ(records[2].member.object_id, guid(bo_id));
  EXPECT_EQ(records[3].relation, MembershipRecord::Relation::owner);
  ASSERT_THAT(pulled.end.groups, SizeIs(1));
  EXPECT_EQ(pulled.end.groups[0].name, group_id);
  EXPECT_EQ(pulled.end.groups[0].object_id, guid(group_id));
  EXPECT_EQ(pulled.end.groups[0].members, Completeness::complete);
  EXPECT_EQ(pulled.end.groups[0].owners, Completeness::complete);
}

TEST_F(GraphFileTest, OnlyNamedGroupsAreDeliveredUnlessNestedOnesCount) {
  const std::string lines =
      std::string(ana_line) +
      R"({"@odata.type":"#microsoft.graph.group","id":"3f6b2c1e-0000-4000-8000-000000000002","members@delta":[)" +
      member(ana_id) + "]}\n";
  EXPECT_THAT(pull_lines(lines).all.memberships, IsEmpty());
  request_.nested_groups = true;
  const Pulled nested = pull_lines(lines);
  EXPECT_THAT(nested.all.memberships, SizeIs(1));
  ASSERT_THAT(nested.end.groups, SizeIs(2));
  EXPECT_EQ(nested.end.groups[0].members, Completeness::unreadable);
  EXPECT_EQ(nested.end.groups[1].object_id, guid(other_group_id));
  EXPECT_EQ(nested.end.groups[1].members, Completeness::complete);
}

struct CoverageCase {
  std::string_view name;
  config::FileMode mode;
  std::string line;
  Completeness expected;
  std::string_view detail;
};

class GraphCoverageTest : public GraphFileTest, public ::testing::WithParamInterface<CoverageCase> {};

TEST_P(GraphCoverageTest, SaysHowMuchOfAGroupIsKnown) {
  configured_.mode = GetParam().mode;
  const Pulled pulled = pull_lines(std::string(ana_line) + GetParam().line);
  ASSERT_THAT(pulled.end.groups, SizeIs(1));
  EXPECT_EQ(pulled.end.groups[0].members, GetParam().expected) << GetParam().name;
  EXPECT_EQ(pulled.end.groups[0].owners, GetParam().expected) << GetParam().name;
  EXPECT_THAT(pulled.end.groups[0].detail, HasSubstr(GetParam().detail));
}

const std::string empty_group =
    R"({"@odata.type":"#microsoft.graph.group","id":"3F6B2C1E-0000-4000-8000-000000000001"})"
    "\n";
using config::FileMode;

INSTANTIATE_TEST_SUITE_P(
    Lines, GraphCoverageTest,
    ::testing::Values(
        CoverageCase{"empty group", FileMode::snapshot, empty_group, Completeness::complete, ""},
        CoverageCase{"no line", FileMode::snapshot, "", Completeness::unreadable, "has no group"},
        CoverageCase{"empty group in a delta", FileMode::delta, empty_group, Completeness::changes, ""},
        CoverageCase{"no line in a delta", FileMode::delta, "", Completeness::changes, ""},
        CoverageCase{
            "deleted", FileMode::delta,
            R"({"@odata.type":"#microsoft.graph.group","id":"3f6b2c1e-0000-4000-8000-000000000001","@removed":{"reason":"deleted"}})"
            "\n",
            Completeness::unreadable, "deleted"},
        CoverageCase{"deleted without type", FileMode::delta,
                     R"({"id":"3f6b2c1e-0000-4000-8000-000000000001","@removed":{"reason":"deleted"}})"
                     "\n",
                     Completeness::unreadable, "deleted"},
        CoverageCase{"broken line of the group", FileMode::snapshot,
                     "{" + group_begin +
                         R"("members@delta":[{"id":)"
                         "\n",
                     Completeness::unreadable, "tenant.jsonl:2"},
        CoverageCase{"one whole, one broken line", FileMode::snapshot,
                     empty_group + "{" + group_begin +
                         R"("members@delta":[{"id":)"
                         "\n",
                     Completeness::unreadable, "tenant.jsonl:3"},
        CoverageCase{"broken line, whose is not known", FileMode::snapshot,
                     empty_group + R"({"members@delta":[{"id":)"
                                   "\n",
                     Completeness::unreadable, "tenant.jsonl:3"},
        CoverageCase{"broken line of a user", FileMode::snapshot,
                     empty_group + R"({"userPrincipalName":)"
                                   "\n",
                     Completeness::complete, ""},
        CoverageCase{"member without id", FileMode::snapshot,
                     group_line(group_begin, R"({"@odata.type":"#microsoft.graph.user"})"), Completeness::unreadable,
                     "tenant.jsonl:2"},
        CoverageCase{"member that is a text", FileMode::snapshot, group_line(group_begin, R"("x")"),
                     Completeness::unreadable, "tenant.jsonl:2"},
        CoverageCase{"group without id", FileMode::snapshot,
                     empty_group + R"({"@odata.type":"#microsoft.graph.group","members@delta":[]})"
                                   "\n",
                     Completeness::unreadable, "without a usable id"}));

TEST_F(GraphFileTest, ADnCannotNameAGroupHere) {
  request_.groups = {"CN=Sales,DC=contoso,DC=example"};
  const Pulled pulled = pull_lines(std::string(ana_line));
  EXPECT_EQ(pulled.end.groups[0].members, Completeness::unreadable);
  EXPECT_THAT(pulled.end.groups[0].detail, HasSubstr("object id"));
}

TEST_F(GraphFileTest, ReadsRolesAndTheirCoverage) {
  const Pulled pulled =
      pull_lines(std::string(ana_line) + R"({"@odata.type":"#microsoft.graph.directoryRole","members@delta":[)" +
                 member(ana_id) + "," + member(group_id, "group") +
                 R"(],"roleTemplateId":"62e90394-69f5-4237-9190-012177145e10"})"
                 "\n");
  ASSERT_THAT(pulled.all.roles, SizeIs(1));
  EXPECT_EQ(pulled.all.roles[0].role, RoleName::global_administrator);
  EXPECT_EQ(pulled.all.roles[0].member.object_id, guid(ana_id));
  EXPECT_THAT(pulled.end.roles, ElementsAre(Completeness::complete, Completeness::complete, Completeness::complete,
                                            Completeness::not_carried));
  EXPECT_TRUE(pulled.end.nested_groups_read);
}

TEST_F(GraphFileTest, ABrokenRoleMakesRolesUnknown) {
  const Pulled pulled =
      pull_lines(std::string(ana_line) + R"({"@odata.type":"#microsoft.graph.directoryRole","members@delta":[]})"
                                         "\n");
  EXPECT_EQ(pulled.end.roles[0], Completeness::unreadable);
  EXPECT_THAT(pulled.end.warnings,
              ElementsAre(HasSubstr("administrator roles are unknown until the file is right: "
                                    "tenant.jsonl:2"),
                          HasSubstr("tenant.jsonl:2 (the directory role has no usable "
                                    "roleTemplateId: export that property too) does not even say")));
  EXPECT_THAT(pulled.all.rejected, SizeIs(1));
}

TEST_F(GraphFileTest, ALargeGroupFillsManyPagesWhereverItsIdStands) {
  constexpr std::size_t count = 30'000;
  std::string members;
  for (std::size_t i = 0; i < count; ++i) {
    std::string id = "99999999-0000-4000-8000-000000000000";
    const std::string digits = std::to_string(i);
    id.replace(id.size() - digits.size(), digits.size(), digits);
    members += (i > 0 ? "," : "") + member(id);
  }
  for (const std::string& line : {group_line(group_begin, members), group_line("", members, group_after),
                                  group_line(R"("id":"3f6b2c1e-0000-4000-8000-000000000001",)", members)}) {
    const Pulled pulled = pull_lines(line + std::string(ana_line));
    EXPECT_LE(pulled.largest_page, 5'500U);
    ASSERT_THAT(pulled.all.memberships, SizeIs(count));
    EXPECT_EQ(pulled.all.memberships[0].member.object_id, guid("99999999-0000-4000-8000-000000000000"));
    EXPECT_EQ(pulled.all.memberships[count - 1].member.object_id, guid("99999999-0000-4000-8000-000000029999"));
    EXPECT_EQ(pulled.all.memberships[count - 1].group, guid(group_id));
    EXPECT_EQ(pulled.end.groups[0].members, Completeness::complete);
    EXPECT_EQ(pulled.end.records, 2U);
    EXPECT_EQ(pulled.user(ana_id).account_enabled, true);
  }
}

TEST_F(GraphFileTest, ALargeGroupNobodyAskedForIsPassedOver) {
  request_.groups.clear();
  std::string members = member(ana_id);
  for (std::size_t i = 0; i < 10'000; ++i) members += "," + member(bo_id);
  const Pulled pulled = pull_lines(group_line("", members, group_after) + std::string(ana_line));
  EXPECT_THAT(pulled.all.memberships, IsEmpty());
  EXPECT_THAT(pulled.all.identities, SizeIs(1));
}

TEST_F(GraphFileTest, TheSameGroupOnSeveralLinesAddsUp) {
  const Pulled pulled = pull_lines(std::string(ana_line) + group_line(group_begin, member(ana_id)) +
                                   group_line(group_begin, member(bo_id)));
  EXPECT_THAT(pulled.all.memberships, SizeIs(2));
  EXPECT_EQ(pulled.end.groups[0].members, Completeness::complete);
}

// --- saved answers --------------------------------------------------------------------------------------------------

TEST_F(GraphFileTest, ReadsASavedAnswer) {
  const std::string ana(ana_line.substr(0, ana_line.size() - 1));
  const std::string broken = R"({"userPrincipalName":"no id"})";
  const std::string on_one_line =
      R"({"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users","value":[)" + ana +
      R"(,{"id":"22222222-2222-4222-8222-222222222222","displayName":"Bo"},)" + broken +
      R"(],"@odata.deltaLink":"https://graph.microsoft.com/v1.0/users/delta?$deltatoken=x"})";
  const std::string over_many_lines =
      "{\n  \"@odata.context\": \"https://graph.microsoft.com/v1.0/$metadata#users\",\n"
      "  \"value\": [\n" +
      ana +
      ",\n {\"id\":\n\"22222222-2222-4222-8222-222222222222\","
      "\"displayName\":\"Bo\"},\n" +
      broken + "\n]\n}\n";
  const std::string list =
      "[\n" + ana + ",\n{\"id\": \"22222222-2222-4222-8222-222222222222\", \"accountEnabled\": true},\n" + broken + "]";
  for (const std::string& answer : {on_one_line + "\n", over_many_lines, over_many_lines + over_many_lines, list}) {
    const Pulled pulled = pull_lines(answer);
    const std::size_t answers = answer.size() > over_many_lines.size() * 3 / 2 ? 2 : 1;
    EXPECT_THAT(pulled.all.identities, SizeIs(2 * answers)) << answer;
    EXPECT_EQ(pulled.user(bo_id).object_id, guid(bo_id));
    ASSERT_THAT(pulled.all.rejected, SizeIs(answers));
    EXPECT_EQ(pulled.all.rejected[0].where, "tenant.jsonl:1, item 3");
    EXPECT_EQ(pulled.end.records, 3U * answers);
  }
}

TEST_F(GraphFileTest, ABrokenAnswerOnOneLineHidesWhoeverFollows) {
  const Pulled pulled =
      pull_lines(user_line(bo_id) + R"({"value":[)" +
                 R"({"id":"11111111-1111-4111-8111-111111111111","userPrincipalName":"a"},)" + "x]}\n");
  EXPECT_THAT(pulled.all.identities, SizeIs(2));
  ASSERT_THAT(pulled.all.rejected, SizeIs(1));
  EXPECT_EQ(pulled.all.rejected[0].object_id, std::nullopt);
  EXPECT_EQ(pulled.end.groups[0].members, Completeness::unreadable);
  EXPECT_EQ(pulled.end.roles[0], Completeness::unreadable);
}

TEST_F(GraphFileTest, ABrokenDocumentFailsTheRun) {
  const std::string message = failure("answer.json", "{\n\"value\": [\n" + user_line(bo_id) + ",\n nonsense ]\n}\n");
  EXPECT_THAT(message, HasSubstr("answer.json:1: the JSON document that begins here is broken behind its item 1"));
  EXPECT_THAT(failure("answer.json", "{\n\"value\": [\n" + user_line(bo_id)), HasSubstr("truncated"));
}

}  // namespace
}  // namespace dvsync::source::file
