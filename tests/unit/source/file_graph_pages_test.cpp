// graph-jsonl: answers that say that there is more, objects of types derived from user, texts that exporters leave.

#include <gmock/gmock.h>

#include <string>

#include "unit/source/file_fixture.hpp"

namespace dvsync::source::file {
namespace {

using core::Attribute;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string users_context = R"("@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users",)";
const std::string groups_context = R"("@odata.context":"https://graph.microsoft.com/v1.0/$metadata#groups",)";
const std::string next_link = R"("@odata.nextLink":"https://graph.microsoft.com/v1.0/users?$skiptoken=AAA")";

std::string user(std::string_view id, std::string_view more = R"("accountEnabled":true)") {
  return R"({"id":")" + std::string(id) + R"(","userPrincipalName":"u@contoso.example",)" + std::string(more) + "}";
}

std::string link(std::string_view id, std::string_view type = "user") {
  return R"({"@odata.type":"#microsoft.graph.)" + std::string(type) + R"(","id":")" + std::string(id) + "\"}";
}

std::string group(const std::string& lists) {
  return R"({"@odata.type":"#microsoft.graph.group","id":")" + std::string(group_id) + "\"," + lists + "}";
}

class GraphPagesTest : public FileTest {
 protected:
  GraphPagesTest() { request_.groups = {std::string(group_id)}; }
  Pulled pull_text(const std::string& text) { return pull("answer.json", text); }
};

struct Answer {
  std::string name;
  std::string text;
};
void PrintTo(const Answer& answer, std::ostream* out) { *out << answer.name; }

class UsersGoOn : public GraphPagesTest, public ::testing::WithParamInterface<Answer> {};

TEST_P(UsersGoOn, SoNobodyIsAbsent) {
  const Pulled pulled = pull_text(GetParam().text);
  EXPECT_EQ(pulled.end.users, Completeness::partial);
  EXPECT_THAT(pulled.end.warnings, Contains(HasSubstr("the list of users is not complete")));
  EXPECT_THAT(pulled.all.identities, ::testing::Not(IsEmpty()));
  EXPECT_THAT(pulled.all.rejected, IsEmpty());
}

const std::string ana = user(ana_id);
const std::string bo = user(bo_id);

INSTANTIATE_TEST_SUITE_P(
    Answers, UsersGoOn,
    ::testing::Values(
        Answer{"LinkBeforeTheItems", "{" + users_context + next_link + R"(,"value":[)" + ana + "]}\n"},
        Answer{"LinkBehindTheItems", "{" + users_context + R"("value":[)" + ana + "]," + next_link + "}\n"},
        Answer{"LinkWithoutAContext", "{" + next_link + R"(,"value":[)" + ana + "]}\n"},
        Answer{"OverManyLines", "{\n" + users_context + "\n\"value\": [\n" + ana + "\n],\n" + next_link + "\n}\n"},
        Answer{"AListOfAnswers", "[{" + users_context + next_link + R"(,"value":[)" + ana + "]}]\n"},
        Answer{"AListWithALinkAtItsEnd", "[" + ana + "," + bo + ",{" + next_link + "}]\n"},
        Answer{"ALineWithNothingButALink", ana + "\n{" + next_link + "}\n"},
        Answer{"TheLastOfTwoPages", "{" + users_context + next_link + R"(,"value":[)" + ana + "]}\n{" + users_context +
                                        next_link + R"(,"value":[)" + bo + "]}\n"},
        Answer{"AnotherListFollows", "{" + users_context + next_link + R"(,"value":[)" + ana + "]}\n{" +
                                         groups_context + R"("value":[]})" + "\n"},
        Answer{"FewerThanCounted", "{" + users_context + R"("@odata.count":3,"value":[)" + ana + "," + bo + "]}\n"},
        Answer{"CountBehindTheItems", "{" + users_context + R"("value":[)" + ana + R"(],"@odata.count":"2"})" + "\n"},
        Answer{"MembersOfAGroup",
               R"({"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#directoryObjects",)" + next_link +
                   R"(,"value":[)" + ana + "]}\n"}),
    [](const auto& instance) { return instance.param.name; });

class UsersEnd : public GraphPagesTest, public ::testing::WithParamInterface<Answer> {};

TEST_P(UsersEnd, SoWhoIsNotThereIsAbsent) {
  const Pulled pulled = pull_text(GetParam().text);
  EXPECT_EQ(pulled.end.users, Completeness::complete);
  EXPECT_THAT(pulled.end.warnings, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Answers, UsersEnd,
    ::testing::Values(
        Answer{"AllPages", "{" + users_context + next_link + R"(,"value":[)" + ana + "]}\n{" + users_context +
                               R"("value":[)" + bo + "]}\n"},
        Answer{"AllPagesInAList", "[{" + users_context + next_link + R"(,"value":[)" + ana + "]},{" + users_context +
                                      R"("value":[)" + bo + "]}]\n"},
        Answer{"AllThatWereCounted", "{" + users_context + R"("@odata.count":2,)" + next_link + R"(,"value":[)" + ana +
                                         "]}\n{" + users_context + R"("value":[)" + bo + "]}\n"},
        Answer{"NoLink", "{" + users_context + R"("@odata.nextLink":null,"value":[)" + ana + "]}\n"},
        Answer{"DeltaLink", "{" + users_context +
                                R"("@odata.deltaLink":"https://graph.microsoft.com/v1.0/users/delta?$deltatoken=A",)" +
                                R"("value":[)" + ana + "]}\n"},
        Answer{"OnlyGroupsGoOn", ana + "\n{" + groups_context + next_link + R"(,"value":[]})" + "\n"}),
    [](const auto& instance) { return instance.param.name; });

TEST_F(GraphPagesTest, ADeltaThatGoesOnStaysADelta) {
  configured_.mode = config::FileMode::delta;
  const Pulled pulled = pull_text("{" + users_context + next_link + R"(,"value":[)" + ana + "]}\n");
  EXPECT_EQ(pulled.end.users, Completeness::changes);
  EXPECT_THAT(pulled.end.warnings, ElementsAre(HasSubstr("@odata.nextLink")));
}

struct ListCase {
  std::string name;
  std::string lists;
  Completeness members;
  Completeness owners;
};
void PrintTo(const ListCase& list, std::ostream* out) { *out << list.name; }

class GroupGoesOn : public GraphPagesTest, public ::testing::WithParamInterface<ListCase> {};

TEST_P(GroupGoesOn, AndIsOnlyPartlyKnown) {
  const Pulled pulled = pull_text(ana + "\n" + group(GetParam().lists));
  ASSERT_THAT(pulled.end.groups, SizeIs(1));
  EXPECT_EQ(pulled.end.groups[0].members, GetParam().members);
  EXPECT_EQ(pulled.end.groups[0].owners, GetParam().owners);
  EXPECT_EQ(pulled.end.users, Completeness::complete) << "the users are all there";
  EXPECT_THAT(pulled.all.memberships, ::testing::Not(IsEmpty())) << "who is listed is a member";
  EXPECT_THAT(pulled.end.warnings, Contains(HasSubstr("is only partly known")));
}

const std::string one_member = R"("members@delta":[)" + link(ana_id) + "]";

INSTANTIATE_TEST_SUITE_P(
    Lists, GroupGoesOn,
    ::testing::Values(
        ListCase{"Members", one_member + R"(,"members@odata.nextLink":"https://graph.microsoft.com/v1.0/groups/x")",
                 Completeness::partial, Completeness::complete},
        ListCase{"ExpandedMembers", R"("members@odata.nextLink":"https://x","members":[)" + link(ana_id) + "]",
                 Completeness::partial, Completeness::complete},
        ListCase{"Owners", R"("owners":[)" + link(ana_id) + R"(],"owners@odata.nextLink":"https://x")",
                 Completeness::complete, Completeness::partial},
        ListCase{"MembersCounted", one_member + R"(,"members@odata.count":7)", Completeness::partial,
                 Completeness::complete},
        ListCase{"MembersAndOwners",
                 one_member + R"(,"members@odata.nextLink":"https://x","owners@odata.nextLink":"https://y")",
                 Completeness::partial, Completeness::partial}),
    [](const auto& instance) { return instance.param.name; });

TEST_F(GraphPagesTest, GroupsOfAnAnswerThatGoesOnMayHaveMoreMembers) {
  const Pulled pulled =
      pull_text(ana + "\n{" + groups_context + next_link + R"(,"value":[)" + group(one_member) + "]}\n");
  EXPECT_EQ(pulled.end.groups[0].members, Completeness::partial);
  EXPECT_THAT(pulled.all.memberships, SizeIs(1));
}

TEST_F(GraphPagesTest, ARoleWhoseMembersGoOnIsOnlyPartlyKnown) {
  const Pulled pulled = pull_text(ana + R"(
{"@odata.type":"#microsoft.graph.directoryRole","roleTemplateId":"62e90394-69f5-4237-9190-012177145e10","members":[)" +
                                  link(ana_id) + R"(],"members@odata.nextLink":"https://x"})" + "\n");
  EXPECT_EQ(pulled.end.roles[0], Completeness::partial);
  EXPECT_THAT(pulled.all.roles, SizeIs(1));
  EXPECT_THAT(pulled.end.warnings, ElementsAre(HasSubstr("administrator roles are only partly known")));
}

// --- types derived from user (docs/rules.md D17) ---------------------------------------------------------------------

TEST_F(GraphPagesTest, AnAgentUserIsAUserInEveryList) {
  const std::string agent = R"({"@odata.type":"#microsoft.graph.agentUser","id":")" + std::string(ana_id) +
                            R"(","userPrincipalName":"agent@contoso.example","accountEnabled":true})";
  const std::string role =
      R"({"@odata.type":"#microsoft.graph.directoryRole","roleTemplateId":"62e90394-69f5-4237-9190-012177145e10",)"
      R"("members@delta":[)" +
      link(ana_id, "agentUser") + "]}\n";
  for (const auto mode : {config::FileMode::snapshot, config::FileMode::delta}) {
    configured_.mode = mode;
    const Pulled pulled = pull_text(agent + "\n" +
                                    group(R"("members@delta":[)" + link(ana_id, "agentUser") + R"(],"owners@delta":[)" +
                                          link(ana_id, "agentUser") + "]") +
                                    "\n" + role);
    EXPECT_EQ(pulled.user(ana_id).agent, true);
    EXPECT_THAT(pulled.all.memberships, SizeIs(2));
    EXPECT_THAT(pulled.all.roles, SizeIs(1));
    EXPECT_THAT(pulled.all.unknown_objects, IsEmpty());
  }
  EXPECT_EQ(pull_text(R"({"@odata.type":"#microsoft.graph.user",)" + ana.substr(1) + "\n").user(ana_id).agent, false);
}

TEST_F(GraphPagesTest, AnObjectOfAnUnknownTypeIsToldAndStaysInItsGroups) {
  for (const std::string type : {"cloudUser", "agentUser2", "directoryObject"}) {
    const Pulled pulled =
        pull_text(bo + "\n" + R"({"@odata.type":"#microsoft.graph.)" + type + R"(","id":")" + std::string(ana_id) +
                  R"(","accountEnabled":false})" + "\n" + group(R"("members@delta":[)" + link(ana_id, type) + "]"));
    EXPECT_THAT(pulled.all.identities, SizeIs(1)) << type;
    EXPECT_THAT(pulled.all.rejected, IsEmpty()) << type;
    ASSERT_THAT(pulled.all.unknown_objects, SizeIs(2)) << type;
    EXPECT_EQ(pulled.all.unknown_objects[0].object_id, guid(ana_id)) << type;
    EXPECT_EQ(pulled.all.unknown_objects[0].where, "answer.json:2") << type;
    ASSERT_THAT(pulled.all.memberships, SizeIs(1)) << type;
    EXPECT_EQ(pulled.all.memberships[0].member.object_id, guid(ana_id)) << type;
  }
}

// --- texts that exporters leave
// ---------------------------------------------------------------------------------------

TEST_F(GraphPagesTest, ATextThatAnExporterLeftLeavesTheFactAlone) {
  const Pulled pulled = pull_text(
      user(ana_id,
           R"("accountEnabled":true,"userType":"Member","jobTitle":"System.Object","businessPhones":)"
           R"("System.String[]","assignedPlans":["Microsoft.Graph.PowerShell.Models.MicrosoftGraphAssignedPlan"])") +
      "\n" + user(bo_id, R"("accountEnabled":true,"businessPhones":["System.Object[]"],"city":"Oslo")") + "\n");
  const IdentityRecord& ana_record = pulled.user(ana_id);
  EXPECT_FALSE(ana_record.stated.test(static_cast<std::size_t>(Attribute::job_title)));
  EXPECT_FALSE(ana_record.stated.test(static_cast<std::size_t>(Attribute::business_phone)));
  EXPECT_EQ(ana_record.plans, std::nullopt);
  EXPECT_EQ(ana_record.account_enabled, true);
  EXPECT_TRUE(ana_record.stated.test(static_cast<std::size_t>(Attribute::country))) << "absent in a snapshot: empty";
  EXPECT_EQ(pulled.user(bo_id).profile[Attribute::city], "Oslo");
  EXPECT_FALSE(pulled.user(bo_id).stated.test(static_cast<std::size_t>(Attribute::business_phone)));
  EXPECT_THAT(pulled.all.rejected, IsEmpty());
  ASSERT_THAT(pulled.end.warnings, SizeIs(1)) << "one warning for all of them";
  EXPECT_THAT(pulled.end.warnings[0], HasSubstr("4"));
}

TEST_F(GraphPagesTest, AnAccountStateThatAnExporterSpoiledIsUnknown) {
  const Pulled pulled = pull_text(user(ana_id, R"("accountEnabled":"System.Nullable`1[System.Boolean]")") + "\n");
  EXPECT_EQ(pulled.user(ana_id).account_enabled, std::nullopt);
  EXPECT_THAT(pulled.all.rejected, IsEmpty());
}

}  // namespace
}  // namespace dvsync::source::file
