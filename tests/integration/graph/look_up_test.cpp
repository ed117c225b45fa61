// One user, asked for directly.

#include <algorithm>

#include "integration/graph/graph_test.hpp"
#include "source/graph/retry_policy.hpp"

namespace dvsync::source::graph::testing {
namespace {

using Kind = SourceError::Kind;
using Relation = MembershipRecord::Relation;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class LookUps : public GraphTest {
 protected:
  LookUp look_up(const std::string& name, const Cursor& cursor = {}) {
    UserReference reference;
    reference.object_id = core::parse_guid(name);
    reference.user_name = name;
    return source()->look_up(reference, request(cursor), {}).value();
  }
  static std::vector<std::string> groups_of(const LookUp& found, Relation relation) {
    std::vector<std::string> ids;
    for (const MembershipRecord& record : found.page.memberships) {
      if (record.relation == relation) {
        ids.push_back(core::to_string(record.group));
      }
    }
    return ids;
  }
};

TEST_F(LookUps, FindByIdAndByNameWithAnyCharacters) {
  put_user(1, {{"userPrincipalName", "o'neil_home.example#EXT#@contoso.example"},
               {"givenName", "Sean"},
               {"accountEnabled", true},
               {"userType", "Guest"}});
  for (const std::string& name : {user_id(1), std::string("O'Neil_home.example#EXT#@contoso.example")}) {
    const LookUp found = look_up(name);
    ASSERT_THAT(found.page.identities, SizeIs(1));
    const IdentityRecord& identity = found.page.identities.front();
    EXPECT_EQ(identity.object_id, guid(user_id(1)));
    EXPECT_EQ(identity.lifecycle, core::Lifecycle::present);
    EXPECT_TRUE(identity.whole);
    EXPECT_EQ(identity.profile[core::Attribute::given_name], "Sean");
    EXPECT_EQ(identity.guest, true);
  }
}

TEST_F(LookUps, TellDirectMembersFromNestedOnes) {
  put_user(1);
  put_group(1);
  put_group(2, {1});
  put_group(3, {1}, {1});
  put_group(4);
  tell({{"do", "link"}, {"group", group_id(1)}, {"id", group_id(2)}, {"type", "group"}});
  groups = {group_id(1), group_id(3), group_id(4)};

  const LookUp plain = look_up(user_id(1));
  EXPECT_THAT(groups_of(plain, Relation::member), ElementsAre(group_id(3)));
  EXPECT_THAT(groups_of(plain, Relation::owner), ElementsAre(group_id(3)));
  ASSERT_THAT(plain.groups, SizeIs(3));
  EXPECT_EQ(plain.groups[0].members, Completeness::complete);

  nested = true;
  MirrorModel mirror;
  pull(mirror);
  const LookUp followed = look_up(user_id(1), mirror.cursor);
  EXPECT_THAT(groups_of(followed, Relation::member), ElementsAre(group_id(2), group_id(3)))
      << "the mirror knows that one is nested in another";
}

TEST_F(LookUps, UserInNoGroupCostsNoListOfGroups) {
  put_user(1);
  put_group(1, {2});
  EXPECT_THAT(groups_of(look_up(user_id(1)), Relation::member), IsEmpty());
  EXPECT_THAT(requests(), Not(Contains(HasSubstr("memberOf"))));
}

TEST_F(LookUps, LongListsOfOwnersAndGroupsAreReadToTheEnd) {
  put_user(1);
  for (int i = 1; i <= 5; ++i) {
    put_group(i, {1}, {7, 8, 1});
  }
  tell({{"do", "reference_page"}, {"size", 2}});
  const LookUp found = look_up(user_id(1));
  EXPECT_THAT(groups_of(found, Relation::member), SizeIs(5));
  EXPECT_THAT(groups_of(found, Relation::owner), SizeIs(5));
}

TEST_F(LookUps, ManyGroupsAreCheckedTwentyAtATime) {
  put_user(1);
  for (int i = 1; i <= 45; ++i) {
    put_group(i, i % 2 == 0 ? std::vector{1} : std::vector<int>{});
  }
  EXPECT_THAT(groups_of(look_up(user_id(1)), Relation::member), SizeIs(22));
}

TEST_F(LookUps, RolesOfThisUserOnly) {
  put_user(1);
  tell({{"do", "put_role"},
        {"template", "62e90394-69f5-4237-9190-012177145e10"},
        {"members", {{{"id", user_id(1)}}, {{"id", user_id(2)}}}}});
  const LookUp found = look_up(user_id(1));
  ASSERT_THAT(found.page.roles, SizeIs(1));
  EXPECT_EQ(found.page.roles[0].role, RoleName::global_administrator);
  EXPECT_EQ(found.roles[0], Completeness::complete);
  EXPECT_EQ(found.roles[3], Completeness::not_carried);
}

TEST_F(LookUps, RecycledUserIsSoftDeletedWithItsTime) {
  put_user(1);
  tell({{"do", "recycle_user"}, {"id", user_id(1)}});
  const LookUp found = look_up(user_id(1));
  ASSERT_THAT(found.page.identities, SizeIs(1));
  const IdentityRecord& identity = found.page.identities.front();
  EXPECT_EQ(identity.lifecycle, core::Lifecycle::soft_deleted);
  EXPECT_TRUE(identity.deleted_at.has_value());
  EXPECT_FALSE(identity.whole);
  EXPECT_TRUE(identity.stated.none());
}

TEST_F(LookUps, UnknownIdIsGoneAndUnknownNameIsNobody) {
  const LookUp by_id = look_up(user_id(9));
  ASSERT_THAT(by_id.page.identities, SizeIs(1));
  EXPECT_EQ(by_id.page.identities.front().lifecycle, core::Lifecycle::gone);
  EXPECT_THAT(look_up("nobody@contoso.example").page.identities, IsEmpty());
}

TEST_F(LookUps, MissingRightsAndGroupsAreUnreadable) {
  put_user(1);
  put_group(1, {1});
  groups = {group_id(1), group_id(9), "staff"};
  const LookUp some = look_up(user_id(1));
  EXPECT_EQ(some.groups[0].members, Completeness::complete);
  EXPECT_EQ(some.groups[1].members, Completeness::unreadable);
  EXPECT_EQ(some.groups[2].members, Completeness::unreadable);
  tell({{"do", "permissions"}, {"granted", {"User.Read.All"}}});
  const LookUp none = look_up(user_id(1));
  EXPECT_EQ(none.groups[0].members, Completeness::unreadable);
  EXPECT_THAT(none.groups[0].detail, HasSubstr("GroupMember.Read.All"));
  EXPECT_EQ(none.roles[0], Completeness::unreadable);
}

TEST_F(LookUps, AnswerSoonOrNotAtAll) {
  put_user(1);
  fault({{"match", "users/"}, {"status", 429}, {"headers", {{"Retry-After", "600"}}}, {"times", 100}});
  EXPECT_THROW(look_up(user_id(1)), SourceError);
  std::chrono::milliseconds waited{0};
  for (const auto wait : clock.waits) {
    waited += wait;
  }
  EXPECT_LE(waited, std::chrono::seconds{20});
}

TEST_F(LookUps, AStuckServerIsGivenUpInSeconds) {
  put_user(1);
  const Limits shipped = options.interactive;
  EXPECT_LE(shipped.retry.patience + shipped.http.total, std::chrono::seconds{30});
  options.interactive.http.total = std::chrono::milliseconds{200};
  fault({{"match", "users/"}, {"stall", true}, {"times", 100}});
  EXPECT_THROW(look_up(user_id(1)), SourceError);
  EXPECT_THAT(requests(), SizeIs(shipped.retry.attempts));
}

TEST_F(LookUps, PatienceEndsHoweverTheTimePassed) {
  RetryBudget budget(options.interactive.retry, clock);
  budget.wait(0, std::nullopt, "trouble", {});
  clock.advance(options.interactive.retry.patience);
  EXPECT_THROW(budget.wait(1, std::nullopt, "trouble", {}), SourceError);
}

TEST_F(LookUps, MissingPermissionIsDenied) {
  tell({{"do", "permissions"}, {"granted", json::array{}}});
  try {
    look_up(user_id(1));
    FAIL() << "no error";
  } catch (const SourceError& error) {
    EXPECT_EQ(error.kind(), Kind::denied);
  }
}

}  // namespace
}  // namespace dvsync::source::graph::testing
