// Security groups, groups nested in them, owners, and the administrator roles.

#include <algorithm>

#include "integration/graph/graph_test.hpp"

namespace dvsync::source::graph::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class MembershipRounds : public GraphTest {
 protected:
  const GroupCompleteness& coverage(const PullEnd& end, const std::string& id) {
    const auto found = std::find_if(end.groups.begin(), end.groups.end(),
                                    [&](const GroupCompleteness& each) { return each.object_id == guid(id); });
    return end.groups.at(static_cast<std::size_t>(found - end.groups.begin()));
  }
  void link(int group, const std::string& id, const std::string& type = "user",
            const std::string& relation = "members") {
    tell({{"do", "link"}, {"group", group_id(group)}, {"id", id}, {"type", type}, {"relation", relation}});
  }
  void unlink(int group, const std::string& id) { tell({{"do", "unlink"}, {"group", group_id(group)}, {"id", id}}); }
  std::size_t initial_group_queries() {
    const auto lines = requests();
    return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
      return line.find("groups/delta?$select=members,owners&$filter=") != std::string::npos;
    }));
  }
};

const std::string global_administrator = "62e90394-69f5-4237-9190-012177145e10";
const std::string power_platform_administrator = "11648597-926c-4cf3-9c36-bcebb0ba8dcc";
const std::string dynamics365_administrator = "44367163-eba1-44c3-98af-f5787879f96a";

TEST_F(MembershipRounds, MembersAndOwnersFollowTheGroup) {
  put_group(1, {1, 2}, {3});
  MirrorModel mirror;
  const Pulled first = pull(mirror);
  EXPECT_EQ(coverage(first.end, group_id(1)).members, Completeness::complete);
  EXPECT_EQ(coverage(first.end, group_id(1)).name, group_id(1));
  EXPECT_THAT(mirror.group(group_id(1)).members, ElementsAre(guid(user_id(1)), guid(user_id(2))));
  EXPECT_THAT(mirror.group(group_id(1)).owners, ElementsAre(guid(user_id(3))));

  unlink(1, user_id(1));
  link(1, user_id(4), "user", "owners");
  const Pulled second = pull(mirror);
  EXPECT_EQ(coverage(second.end, group_id(1)).members, Completeness::changes);
  EXPECT_THAT(mirror.group(group_id(1)).members, ElementsAre(guid(user_id(2))));
  EXPECT_THAT(mirror.group(group_id(1)).owners, SizeIs(2));
  expect_like_fresh(mirror);
}

TEST_F(MembershipRounds, EmptyGroupIsAFact) {
  put_group(1);
  MirrorModel mirror;
  const Pulled pulled = pull(mirror);
  EXPECT_EQ(coverage(pulled.end, group_id(1)).members, Completeness::complete);
  EXPECT_TRUE(mirror.group(group_id(1)).readable);
}

TEST_F(MembershipRounds, LargeGroupComesInPiecesOverSeveralPages) {
  put_group(1);
  json::array links;
  for (int i = 0; i < 1700; ++i) {
    links.push_back(json::object{{"do", "link"}, {"group", group_id(1)}, {"id", user_id(i)}});
  }
  tell(links);
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(mirror.group(group_id(1)).members, SizeIs(1700));
  EXPECT_THAT(requests(), Contains(StartsWith("part GET /v1.0/groups/delta?$skiptoken=")).Times(3));
}

TEST_F(MembershipRounds, MoreThanFiftyGroupsTakeSeveralFilters) {
  for (int i = 1; i <= 101; ++i) {
    put_group(i, {i});
  }
  MirrorModel mirror;
  pull(mirror);
  EXPECT_EQ(initial_group_queries(), 3U);
  for (int i = 1; i <= 101; ++i) {
    EXPECT_THAT(mirror.group(group_id(i)).members, ElementsAre(guid(user_id(i))));
  }
  EXPECT_THAT(mirror.cursor, SizeIs(4));
  const auto from = source();
  const Pulled quiet = pull(*from, request(mirror.cursor), mirror);
  EXPECT_EQ(quiet.end.records, 0U);
  EXPECT_THAT(requests(), SizeIs(1 + 1 + 3 + 3));
}

TEST_F(MembershipRounds, NewlyNamedGroupIsCompleteAfterItsOwnFirstRound) {
  put_group(1, {1});
  MirrorModel mirror;
  pull(mirror);
  put_group(2, {2});
  requests();

  const Pulled pulled = pull(mirror);

  EXPECT_EQ(coverage(pulled.end, group_id(1)).members, Completeness::changes);
  EXPECT_EQ(coverage(pulled.end, group_id(2)).members, Completeness::complete);
  EXPECT_EQ(initial_group_queries(), 1U);
  EXPECT_THAT(mirror.group(group_id(2)).members, ElementsAre(guid(user_id(2))));
}

TEST_F(MembershipRounds, GroupThatIsNamedAgainIsReadFromScratch) {
  put_group(1, {1});
  put_group(2, {2});
  MirrorModel mirror;
  pull(mirror);
  groups = {group_id(1)};
  link(2, user_id(3));
  pull(mirror);
  groups = {group_id(1), group_id(2)};

  const Pulled pulled = pull(mirror);

  EXPECT_EQ(coverage(pulled.end, group_id(1)).members, Completeness::changes);
  EXPECT_EQ(coverage(pulled.end, group_id(2)).members, Completeness::complete);
  EXPECT_THAT(mirror.group(group_id(2)).members, SizeIs(2));
}

TEST_F(MembershipRounds, MissingGroupIsUnreadableNeverEmpty) {
  put_group(1, {1});
  groups.push_back(group_id(9));
  MirrorModel mirror;
  for (int round = 0; round < 2; ++round) {
    const Pulled pulled = pull(mirror);
    EXPECT_EQ(coverage(pulled.end, group_id(9)).members, Completeness::unreadable);
    EXPECT_THAT(coverage(pulled.end, group_id(9)).detail, HasSubstr("no such group"));
    EXPECT_NE(coverage(pulled.end, group_id(1)).members, Completeness::unreadable);
  }
  put_group(9, {5});
  groups.pop_back();
  const Pulled pulled = pull(mirror);
  EXPECT_EQ(coverage(pulled.end, group_id(9)).members, Completeness::complete);
  EXPECT_THAT(mirror.group(group_id(9)).members, SizeIs(1));
}

TEST_F(MembershipRounds, DeletedGroupStaysUnreadableUntilItIsBack) {
  put_group(1, {1});
  put_group(2, {2});
  MirrorModel mirror;
  pull(mirror);
  for (const std::string reason : {"deleted", "changed"}) {
    tell({{"do", "delete_group"}, {"id", group_id(2)}, {"reason", reason}});
    for (int round = 0; round < 2; ++round) {
      const Pulled pulled = pull(mirror);
      EXPECT_EQ(coverage(pulled.end, group_id(2)).members, Completeness::unreadable);
      EXPECT_EQ(coverage(pulled.end, group_id(1)).members, Completeness::changes);
    }
    put_group(2, {3});
    groups.pop_back();
    const Pulled back = pull(mirror);
    EXPECT_EQ(coverage(back.end, group_id(2)).members, Completeness::complete);
    EXPECT_THAT(mirror.group(group_id(2)).members, ElementsAre(guid(user_id(3))));
  }
}

TEST_F(MembershipRounds, GroupNotNamedByAnIdIsUnreadable) {
  groups = {"cn=staff,dc=contoso"};
  MirrorModel mirror;
  const Pulled pulled = pull(mirror);
  EXPECT_EQ(pulled.end.groups.at(0).members, Completeness::unreadable);
  EXPECT_EQ(pulled.end.groups.at(0).name, "cn=staff,dc=contoso");
}

TEST_F(MembershipRounds, NestedGroupsAreFollowedToAnyDepthLoopsIncluded) {
  put_group(1, {1});
  put_group(2, {2});
  put_group(3, {3});
  link(1, group_id(2), "group");
  link(2, group_id(3), "group");
  link(3, group_id(1), "group");
  groups = {group_id(1)};
  nested = true;
  MirrorModel mirror;
  const Pulled pulled = pull(mirror);
  EXPECT_TRUE(pulled.end.nested_groups_read);
  EXPECT_THAT(pulled.end.groups, SizeIs(3));
  EXPECT_THAT(mirror.group(group_id(1)).nested, ElementsAre(guid(group_id(2))));
  EXPECT_THAT(mirror.group(group_id(3)).members, ElementsAre(guid(user_id(3))));
  EXPECT_THAT(mirror.group(group_id(3)).nested, ElementsAre(guid(group_id(1))));

  put_group(4, {4});
  link(3, group_id(4), "group");
  link(2, user_id(9));
  groups = {group_id(1)};
  const Pulled next = pull(mirror);
  EXPECT_EQ(coverage(next.end, group_id(4)).members, Completeness::complete);
  EXPECT_EQ(coverage(next.end, group_id(2)).members, Completeness::changes);
  EXPECT_THAT(mirror.group(group_id(2)).members, SizeIs(2));
  expect_like_fresh(mirror);
}

TEST_F(MembershipRounds, NestedGroupsAreLeftAloneUnlessSomebodyHonoursThem) {
  put_group(1, {1});
  put_group(2, {2});
  link(1, group_id(2), "group");
  groups = {group_id(1)};
  MirrorModel mirror;
  const Pulled plain = pull(mirror);
  EXPECT_FALSE(plain.end.nested_groups_read);
  EXPECT_THAT(plain.end.groups, SizeIs(1));
  EXPECT_THAT(mirror.group(group_id(1)).nested, IsEmpty());

  nested = true;
  const Pulled honoured = pull(mirror);
  EXPECT_EQ(coverage(honoured.end, group_id(1)).members, Completeness::complete);
  EXPECT_THAT(mirror.group(group_id(1)).nested, SizeIs(1));
  EXPECT_THAT(mirror.group(group_id(2)).members, SizeIs(1));

  nested = false;
  const Pulled again = pull(mirror);
  EXPECT_EQ(coverage(again.end, group_id(1)).members, Completeness::changes);
  EXPECT_THAT(again.end.groups, SizeIs(1));
}

TEST_F(MembershipRounds, NestedGroupThatCouldNotBeReadIsTriedAgain) {
  put_group(1);
  put_group(2, {2});
  link(1, group_id(2), "group");
  groups = {group_id(1)};
  nested = true;
  fault({{"match", "groups/delta.*filter=id%20eq%20'" + group_id(2)},
         {"where", "part"},
         {"status", 403},
         {"code", "Authorization_RequestDenied"}});
  MirrorModel mirror;
  EXPECT_EQ(coverage(pull(mirror).end, group_id(2)).members, Completeness::unreadable);
  EXPECT_EQ(coverage(pull(mirror).end, group_id(2)).members, Completeness::complete);
  EXPECT_THAT(mirror.group(group_id(2)).members, SizeIs(1));
}

TEST_F(MembershipRounds, DevicesAndApplicationsAreNoMembers) {
  put_group(1, {1});
  link(1, user_id(7), "device");
  link(1, user_id(8), "servicePrincipal", "owners");
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(mirror.group(group_id(1)).members, ElementsAre(guid(user_id(1))));
  EXPECT_THAT(mirror.group(group_id(1)).owners, IsEmpty());
}

TEST_F(MembershipRounds, MemberWithoutAnIdMakesTheGroupUnreadable) {
  put_group(1, {1});
  fault({{"match", "groups/delta"},
         {"where", "part"},
         {"inject", {{{"id", group_id(1)}, {"members@delta", {{{"@odata.type", "#microsoft.graph.user"}}}}}}}});
  MirrorModel mirror;
  EXPECT_EQ(coverage(pull(mirror).end, group_id(1)).members, Completeness::unreadable);
  EXPECT_EQ(coverage(pull(mirror).end, group_id(1)).members, Completeness::complete);
}

TEST_F(MembershipRounds, RolesAreReadByTemplateInEveryRun) {
  tell(json::array{
      json::object{{"do", "put_role"}, {"template", global_administrator}, {"members", {{{"id", user_id(1)}}}}},
      json::object{{"do", "put_role"},
                   {"template", dynamics365_administrator},
                   {"members", {{{"id", user_id(2)}}, {{"id", user_id(3)}, {"type", "servicePrincipal"}}}}}});
  MirrorModel mirror;
  const Pulled pulled = pull(mirror);
  EXPECT_THAT(mirror.role(RoleName::global_administrator), ElementsAre(guid(user_id(1))));
  EXPECT_THAT(mirror.role(RoleName::dynamics365_administrator), ElementsAre(guid(user_id(2))));
  EXPECT_EQ(pulled.end.roles[static_cast<std::size_t>(RoleName::licensed)], Completeness::not_carried);
  EXPECT_FALSE(pulled.end.everybody_licensed);

  tell({{"do", "put_role"}, {"template", global_administrator}, {"members", json::array{}}});
  pull(mirror);
  EXPECT_THAT(mirror.role(RoleName::global_administrator), IsEmpty());
}

TEST_F(MembershipRounds, RoleThatWasNeverActivatedIsAnEmptySet) {
  MirrorModel mirror;
  const Pulled pulled = pull(mirror);
  EXPECT_EQ(pulled.end.roles[static_cast<std::size_t>(RoleName::power_platform_administrator)], Completeness::complete);
  EXPECT_THAT(pulled.end.warnings, IsEmpty());
}

TEST_F(MembershipRounds, RoleAssignedToAGroupIsAWarning) {
  tell({{"do", "put_role"},
        {"template", power_platform_administrator},
        {"members", {{{"id", group_id(1)}, {"type", "group"}}}}});
  MirrorModel mirror;
  EXPECT_THAT(pull(mirror).end.warnings, ElementsAre(HasSubstr("Power Platform Administrator is assigned to a group")));
  EXPECT_THAT(mirror.role(RoleName::power_platform_administrator), IsEmpty());
}

TEST_F(MembershipRounds, AgentUsersAreMembersOwnersAndAdministrators) {
  put_group(1, {1});
  link(1, user_id(7), "agentUser");
  link(1, user_id(8), "agentUser", "owners");
  tell({{"do", "put_role"},
        {"template", global_administrator},
        {"members", {{{"id", user_id(7)}, {"type", "agentUser"}}}}});
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(mirror.group(group_id(1)).members, ElementsAre(guid(user_id(1)), guid(user_id(7))));
  EXPECT_THAT(mirror.group(group_id(1)).owners, ElementsAre(guid(user_id(8))));
  EXPECT_THAT(mirror.role(RoleName::global_administrator), ElementsAre(guid(user_id(7))));
}

TEST_F(MembershipRounds, MemberOfAnUnknownTypeStaysAMemberAndIsTold) {
  put_group(1, {1});
  link(1, user_id(7), "cloudUser");
  tell({{"do", "put_role"},
        {"template", global_administrator},
        {"members", {{{"id", user_id(7)}, {"type", "cloudUser"}}}}});
  MirrorModel mirror;
  const Pulled pulled = pull(mirror);
  EXPECT_THAT(mirror.group(group_id(1)).members, ElementsAre(guid(user_id(1)), guid(user_id(7))));
  EXPECT_THAT(mirror.role(RoleName::global_administrator), ElementsAre(guid(user_id(7))));
  ASSERT_THAT(pulled.unknown_objects, SizeIs(2));
  EXPECT_EQ(pulled.unknown_objects[0].object_id, guid(user_id(7)));
}

// A refused link or query of a group or a role makes that one unknown, and leaves users and leavers alone.
TEST_F(MembershipRounds, RefusedGroupLeavesUsersAlone) {
  put_user(1);
  put_group(1, {1});
  for (const auto& [status, code] :
       {std::pair{400, "BadRequest"}, std::pair{404, "Request_ResourceNotFound"}, std::pair{422, "Unprocessable"}}) {
    MirrorModel mirror;
    pull(mirror);
    tell({{"do", "recycle_user"}, {"id", user_id(1)}});
    fault({{"match", "groups/delta"}, {"where", "part"}, {"status", status}, {"code", code}, {"times", 9}});
    const Pulled pulled = pull(mirror);
    EXPECT_EQ(coverage(pulled.end, group_id(1)).members, Completeness::unreadable) << code;
    EXPECT_THAT(coverage(pulled.end, group_id(1)).detail, HasSubstr(code));
    EXPECT_EQ(pulled.end.users, Completeness::changes) << code;
    EXPECT_EQ(mirror.identity(user_id(1)).lifecycle, core::Lifecycle::soft_deleted) << code;
    tell({{"do", "clear_faults"}});
    EXPECT_EQ(coverage(pull(mirror).end, group_id(1)).members, Completeness::complete) << code;
    tell({{"do", "restore_user"}, {"id", user_id(1)}});
  }
}

TEST_F(MembershipRounds, RefusedGroupLinkIsReadAnew) {
  put_group(1, {1});
  MirrorModel mirror;
  pull(mirror);
  fault({{"match", "groups/delta\\?\\$deltatoken"}, {"where", "part"}, {"status", 422}, {"code", "Whatever"}});
  EXPECT_EQ(coverage(pull(mirror).end, group_id(1)).members, Completeness::complete);
}

TEST_F(MembershipRounds, GroupThatSpoilsTheQueryOfManyIsUnknownAlone) {
  put_group(1, {1});
  put_group(2, {2});
  put_group(3, {3});
  fault({{"match", "groups/delta.*id%20eq%20'" + group_id(2)},
         {"where", "part"},
         {"status", 400},
         {"code", "BadRequest"},
         {"times", 9}});
  MirrorModel mirror;
  const Pulled pulled = pull(mirror);
  EXPECT_EQ(coverage(pulled.end, group_id(1)).members, Completeness::complete);
  EXPECT_EQ(coverage(pulled.end, group_id(2)).members, Completeness::unreadable);
  EXPECT_EQ(coverage(pulled.end, group_id(3)).members, Completeness::complete);
}

TEST_F(MembershipRounds, RefusedRoleIsUnknownAlone) {
  put_user(1);
  tell({{"do", "put_role"}, {"template", global_administrator}, {"members", {{{"id", user_id(1)}}}}});
  fault({{"match", "directoryRoles.*" + std::string(dynamics365_administrator)},
         {"where", "part"},
         {"status", 400},
         {"code", "BadRequest"},
         {"times", 9}});
  MirrorModel mirror;
  const Pulled pulled = pull(mirror);
  EXPECT_EQ(pulled.end.roles[static_cast<std::size_t>(RoleName::global_administrator)], Completeness::complete);
  EXPECT_EQ(pulled.end.roles[static_cast<std::size_t>(RoleName::dynamics365_administrator)], Completeness::unreadable);
  EXPECT_THAT(pulled.end.warnings, ElementsAre(HasSubstr("Dynamics 365 Administrator: 400 BadRequest")));
  EXPECT_TRUE(mirror.knows(user_id(1)));
}

TEST_F(MembershipRounds, MissingRightsLeaveGroupsAndRolesUnknown) {
  put_user(1);
  put_group(1, {1});
  MirrorModel mirror;
  pull(mirror);
  tell({{"do", "permissions"}, {"granted", {"User.Read.All"}}});

  const Pulled pulled = pull(mirror);

  EXPECT_EQ(pulled.end.users, Completeness::changes);
  EXPECT_EQ(coverage(pulled.end, group_id(1)).members, Completeness::unreadable);
  EXPECT_THAT(coverage(pulled.end, group_id(1)).detail, HasSubstr("GroupMember.Read.All"));
  EXPECT_EQ(pulled.end.roles[0], Completeness::unreadable);
  EXPECT_THAT(pulled.end.warnings, Contains(HasSubstr("RoleManagement.Read.Directory")).Times(3));

  tell(
      {{"do", "permissions"}, {"granted", {"User.Read.All", "GroupMember.Read.All", "RoleManagement.Read.Directory"}}});
  EXPECT_EQ(coverage(pull(mirror).end, group_id(1)).members, Completeness::complete);
}

}  // namespace
}  // namespace dvsync::source::graph::testing
