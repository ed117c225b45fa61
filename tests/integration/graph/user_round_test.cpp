// First rounds, delta rounds, and how they merge (docs/sources.md, Delta queries).

#include "integration/graph/graph_test.hpp"

namespace dvsync::source::graph::testing {
namespace {

using core::Attribute;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class UserRounds : public GraphTest {};

TEST_F(UserRounds, FirstRoundListsEverybodyWithEveryAttribute) {
  put_user(1, {{"userPrincipalName", "ana@contoso.example"},
               {"givenName", "Ana"},
               {"surname", "Li"},
               {"displayName", "Ana Li"},
               {"jobTitle", "Head"},
               {"mail", "ana.li@contoso.example"},
               {"businessPhones", {"+47 22", "+47 33"}},
               {"mobilePhone", "+47 9"},
               {"faxNumber", "+47 8"},
               {"streetAddress", "Storgata 1"},
               {"city", "Oslo"},
               {"state", "Viken"},
               {"postalCode", "0155"},
               {"country", "Norway"},
               {"accountEnabled", true},
               {"userType", "Guest"},
               {"assignedPlans",
                {{{"servicePlanId", "6EA4C1EF-c259-46df-bce2-943342cd3cb2"}, {"capabilityStatus", "Enabled"}},
                 {{"servicePlanId", "ea2cf03b-ac60-46ae-9c1d-eeaeb63cec86"}, {"capabilityStatus", "Warning"}},
                 {{"servicePlanId", "ca6e61ec-d4f4-41eb-8b88-d96e0e14323f"}, {"capabilityStatus", "Suspended"}}}}});
  put_user(2, {{"userPrincipalName", "bo@contoso.example"}, {"accountEnabled", false}});

  MirrorModel mirror;
  const Pulled pulled = pull(mirror);

  EXPECT_EQ(pulled.end.users, Completeness::complete);
  EXPECT_EQ(pulled.end.records, 2U);
  const ModelUser& ana = mirror.identity(user_id(1));
  EXPECT_EQ(ana.profile[Attribute::user_principal_name], "ana@contoso.example");
  EXPECT_EQ(ana.profile[Attribute::given_name], "Ana");
  EXPECT_EQ(ana.profile[Attribute::surname], "Li");
  EXPECT_EQ(ana.profile[Attribute::display_name], "Ana Li");
  EXPECT_EQ(ana.profile[Attribute::job_title], "Head");
  EXPECT_EQ(ana.profile[Attribute::mail], "ana.li@contoso.example");
  EXPECT_EQ(ana.profile[Attribute::business_phone], "+47 22");
  EXPECT_EQ(ana.profile[Attribute::mobile_phone], "+47 9");
  EXPECT_EQ(ana.profile[Attribute::fax_number], "+47 8");
  EXPECT_EQ(ana.profile[Attribute::street_address], "Storgata 1");
  EXPECT_EQ(ana.profile[Attribute::city], "Oslo");
  EXPECT_EQ(ana.profile[Attribute::state], "Viken");
  EXPECT_EQ(ana.profile[Attribute::postal_code], "0155");
  EXPECT_EQ(ana.profile[Attribute::country], "Norway");
  EXPECT_EQ(ana.account_enabled, true);
  EXPECT_EQ(ana.guest, true);
  EXPECT_EQ(ana.plans,
            (std::vector{guid("6ea4c1ef-c259-46df-bce2-943342cd3cb2"), guid("ea2cf03b-ac60-46ae-9c1d-eeaeb63cec86")}));
  EXPECT_EQ(mirror.identity(user_id(2)).account_enabled, false);
  EXPECT_EQ(mirror.identity(user_id(2)).profile[Attribute::surname], std::nullopt);
}

TEST_F(UserRounds, EveryRecordOfAFirstRoundIsWhole) {
  put_user(1);
  MirrorModel mirror;
  EXPECT_TRUE(pull(mirror).identities.at(0).whole);
}

TEST_F(UserRounds, QuietDeltaRoundCostsOneRequestForUsersAndOneBatch) {
  put_user(1);
  put_group(1, {1});
  MirrorModel mirror;
  pull(mirror);
  requests();

  const Pulled pulled = pull(mirror);

  EXPECT_EQ(pulled.end.users, Completeness::changes);
  EXPECT_EQ(pulled.end.records, 0U);
  EXPECT_THAT(
      requests(),
      ElementsAre(StartsWith("GET /v1.0/users/delta?$deltatoken="), "POST /v1.0/$batch",
                  StartsWith("part GET /v1.0/directoryRoles"), StartsWith("part GET /v1.0/directoryRoles"),
                  StartsWith("part GET /v1.0/directoryRoles"), StartsWith("part GET /v1.0/groups/delta?$deltatoken=")));
}

TEST_F(UserRounds, DeltaKeepsWhatIsAbsentAndClearsWhatIsNull) {
  for (const bool minimal : {false, true}) {
    tell({{"do", "reset"}});
    put_user(1, {{"userPrincipalName", "ana@contoso.example"},
                 {"jobTitle", "Head"},
                 {"city", "Oslo"},
                 {"accountEnabled", true},
                 {"businessPhones", {"+47"}}});
    tell({{"do", "quirks"}, {"minimal", minimal}});
    MirrorModel mirror;
    pull(mirror);

    put_user(1, {{"jobTitle", nullptr}, {"surname", "Li"}, {"businessPhones", json::array{}}});
    const Pulled pulled = pull(mirror);

    EXPECT_EQ(pulled.end.users, Completeness::changes);
    EXPECT_FALSE(pulled.identities.at(0).whole);
    const ModelUser& ana = mirror.identity(user_id(1));
    EXPECT_EQ(ana.profile[Attribute::job_title], std::nullopt);
    EXPECT_EQ(ana.profile[Attribute::business_phone], std::nullopt);
    EXPECT_EQ(ana.profile[Attribute::surname], "Li");
    EXPECT_EQ(ana.profile[Attribute::city], "Oslo") << "minimal: " << minimal;
    EXPECT_EQ(ana.account_enabled, true);
    expect_like_fresh(mirror);
  }
}

TEST_F(UserRounds, RecycledUserIsSoftDeletedAndComesBackWhenRestored) {
  put_user(1);
  MirrorModel mirror;
  pull(mirror);

  tell({{"do", "recycle_user"}, {"id", user_id(1)}});
  pull(mirror);
  EXPECT_EQ(mirror.identity(user_id(1)).lifecycle, core::Lifecycle::soft_deleted);
  EXPECT_EQ(mirror.identity(user_id(1)).profile[Attribute::given_name], "u1");

  tell({{"do", "restore_user"}, {"id", user_id(1)}});
  pull(mirror);
  EXPECT_EQ(mirror.identity(user_id(1)).lifecycle, core::Lifecycle::present);
  expect_like_fresh(mirror);
}

TEST_F(UserRounds, PurgedUserIsGone) {
  put_user(1);
  MirrorModel mirror;
  pull(mirror);
  tell({{"do", "purge_user"}, {"id", user_id(1)}});
  pull(mirror);
  EXPECT_EQ(mirror.identity(user_id(1)).lifecycle, core::Lifecycle::gone);
}

TEST_F(UserRounds, FirstRoundMayAlreadyShowRemovedUsers) {
  put_user(1);
  put_user(2);
  tell(json::array{json::object{{"do", "recycle_user"}, {"id", user_id(1)}},
                   json::object{{"do", "purge_user"}, {"id", user_id(2)}},
                   json::object{{"do", "quirks"}, {"removed_in_first_round", true}}});
  MirrorModel mirror;
  const Pulled pulled = pull(mirror);
  EXPECT_EQ(pulled.end.users, Completeness::complete);
  EXPECT_EQ(mirror.identity(user_id(1)).lifecycle, core::Lifecycle::soft_deleted);
  EXPECT_EQ(mirror.identity(user_id(2)).lifecycle, core::Lifecycle::gone);
  EXPECT_FALSE(pulled.identities.at(0).whole);
}

TEST_F(UserRounds, EmptyPagesReplaysAndAnyOrderMakeNoDifference) {
  tell({{"do", "generate_users"}, {"count", 50}});
  MirrorModel plain;
  pull(plain);
  tell({{"do", "quirks"}, {"page_size", 7}, {"empty_page_every", 3}, {"replay", true}});
  MirrorModel quirky;
  const Pulled pulled = pull(quirky);
  EXPECT_GT(pulled.end.records, 50U);
  EXPECT_TRUE(quirky.living() == plain.living());
}

TEST_F(UserRounds, SecondPullRightAfterTheFirstSaysNothing) {
  put_user(1);
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(pull(mirror).identities, IsEmpty());
}

TEST_F(UserRounds, FullReadsEverythingWhateverTheCursor) {
  put_user(1);
  MirrorModel mirror;
  pull(mirror);
  PullRequest everything = request(mirror.cursor);
  everything.full = true;
  const Pulled pulled = pull(everything, mirror);
  EXPECT_EQ(pulled.end.users, Completeness::complete);
  EXPECT_THAT(pulled.identities, SizeIs(1));
}

TEST_F(UserRounds, RereadFindsAccountStatesThatTheDeltaKeptQuiet) {
  tell({{"do", "generate_users"}, {"count", 1001}});
  put_user(1);
  MirrorModel mirror;
  pull(mirror);
  tell({{"do", "put_user"},
        {"id", user_id(1)},
        {"silent", true},
        {"accountEnabled", false},
        {"assignedPlans",
         {{{"servicePlanId", "6ea4c1ef-c259-46df-bce2-943342cd3cb2"}, {"capabilityStatus", "Enabled"}}}}});
  pull(mirror);
  ASSERT_EQ(mirror.identity(user_id(1)).account_enabled, true);

  PullRequest reread = request(mirror.cursor);
  reread.reread = true;
  const Pulled pulled = pull(reread, mirror);

  EXPECT_EQ(pulled.end.users, Completeness::changes);
  EXPECT_THAT(pulled.identities, SizeIs(1002));
  EXPECT_EQ(mirror.identity(user_id(1)).account_enabled, false);
  EXPECT_THAT(*mirror.identity(user_id(1)).plans, SizeIs(1));
  EXPECT_EQ(mirror.identity(user_id(1)).profile[Attribute::given_name], "u1");
  expect_like_fresh(mirror);
}

TEST_F(UserRounds, RereadAddsNothingToAFirstRound) {
  put_user(1);
  PullRequest reread = request();
  reread.reread = true;
  MirrorModel mirror;
  pull(reread, mirror);
  for (const std::string& line : requests()) {
    EXPECT_THAT(line, Not(StartsWith("GET /v1.0/users?")));
  }
}

TEST_F(UserRounds, PagesOfAPullStaySmall) {
  tell({{"do", "generate_users"}, {"count", 5000}});
  const auto from = source();
  const auto pull = from->pull(request());
  Page page;
  std::size_t seen = 0;
  while (pull->next(page, {})) {
    EXPECT_LE(page.identities.size(), 2200U);
    seen += page.identities.size();
  }
  EXPECT_EQ(seen, 5000U);
  EXPECT_TRUE(page.empty());
}

}  // namespace
}  // namespace dvsync::source::graph::testing
