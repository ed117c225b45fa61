// Group teams: read at once for everybody, they are what is read for some; and a user is found without an index on
// users.

#include "dvsync/store/group_teams.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "dvsync/store/access.hpp"
#include "postgres_server.hpp"

namespace dvsync::store {
namespace {

constexpr const char* team_tables =
    "CREATE TABLE team (teamid uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL, teamtype smallint, "
    "azureactivedirectoryobjectid uuid, membershiptype smallint);"
    "CREATE TABLE teammembership (teammembershipid uuid PRIMARY KEY DEFAULT gen_random_uuid(), teamid uuid NOT NULL, "
    "systemuserid uuid NOT NULL, UNIQUE (teamid, systemuserid));"
    // Five that follow a group, and one that does not.
    "INSERT INTO team (name, teamtype, azureactivedirectoryobjectid, membershiptype) SELECT 'team ' || n, CASE WHEN n "
    "< "
    "6 THEN 2 ELSE 0 END, gen_random_uuid(), 0 FROM generate_series(1, 6) n";

class Teams : public PostgresTest {
 protected:
  Teams() { session_.exec(team_tables); }

  // So many users, each in a team by this chance.
  void fill(int users, double chance) {
    session_.exec(
        "INSERT INTO teammembership (teamid, systemuserid) SELECT teamid, "
        "('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid FROM team, generate_series(1, $1::int) n WHERE "
        "random() < $2::float8",
        {std::to_string(users), std::to_string(chance)});
  }
  static core::SystemUser row(int number) {
    auto digits = std::to_string(number);
    digits.insert(0, 12 - digits.size(), '0');
    core::SystemUser row;
    row.systemuserid = *core::parse_guid("00000000-0000-4000-9000-" + digits);
    return row;
  }

  Connection session_{conninfo(), "public", "here"};
};

TEST_F(Teams, ReadAtOnceAreThoseThatAreReadForSome) {
  constexpr int users = 2000;
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  session_.exec("SELECT setseed($1::float8)", {std::to_string((seed % 1000) / 1000.0)});
  fill(users, 0.3);
  const Access access{.roles = nullptr, .teams = std::make_shared<GroupTeams>(session_)};
  std::vector<core::SystemUser> some;
  for (int number = 0; number <= users; ++number) some.push_back(row(number));
  auto all = some;
  const auto pointers = [](std::vector<core::SystemUser>& rows) {
    std::vector<core::SystemUser*> found;
    for (auto& one : rows) found.push_back(&one);
    return found;
  };
  access.read(session_, pointers(some));
  const auto of_all = access.read_all(session_);
  ASSERT_TRUE(of_all.teams);
  session_.exec("TRUNCATE teammembership");  // nothing is asked any more
  access.read(session_, pointers(all), of_all);
  for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i].teams, some[i].teams) << i;
  EXPECT_TRUE(some[0].teams.empty());
  EXPECT_TRUE(std::any_of(some.begin(), some.end(), [](const auto& one) { return one.teams.size() > 1; }));
  EXPECT_TRUE(std::none_of(some.begin(), some.end(), [](const auto& one) { return one.teams.size() > 5; }));
}

TEST_F(Teams, OfOneUserAreFoundByTheKeyOfTeamsAndUsers) {
  fill(20'000, 0.5);
  session_.exec("ANALYZE teammembership");
  const GroupTeams teams(session_);
  auto one = row(7);
  const Transaction transaction(session_);
  // What the session did before is counted in as long as it has not been reported.
  const auto scans = [this] {
    return session_.exec("SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'teammembership'").number(0, 0);
  };
  const auto before = scans();
  teams.read(session_, {&one});
  EXPECT_EQ(scans(), before) << "a look at every membership there is";
}

}  // namespace
}  // namespace dvsync::store
