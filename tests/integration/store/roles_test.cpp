// Security roles: read at once for everybody, they are what is read for some.

#include <gmock/gmock.h>

#include <random>

#include "dvsync/store/security_roles.hpp"
#include "postgres_server.hpp"

namespace dvsync::store {
namespace {

constexpr const char* tables =
    "CREATE TABLE systemuser (systemuserid uuid PRIMARY KEY, businessunitid uuid);"
    "CREATE TABLE role (roleid uuid PRIMARY KEY, name text, businessunitid uuid);"
    "CREATE TABLE systemuserroles (systemuserroleid uuid PRIMARY KEY DEFAULT gen_random_uuid(), systemuserid uuid, "
    "roleid uuid);"
    "CREATE TABLE sync_role (systemuserid uuid PRIMARY KEY, roleids uuid[] NOT NULL);"
    "CREATE TABLE organization (orgdborgsettings text);";

class Roles : public PostgresTest {
 protected:
  Roles() {
    session_.exec(tables);
    // Three units, each with the three roles.
    session_.exec(
        "INSERT INTO role SELECT gen_random_uuid(), name, unit FROM unnest(ARRAY['Basic User', 'Maker', 'Other']) "
        "name, "
        "unnest($1::uuid[]) unit",
        {"{" + unit(1) + "," + unit(2) + "," + unit(3) + "}"});
  }

  static std::string unit(int number) { return "00000000-0000-4000-8000-00000000000" + std::to_string(number); }

  // So many rows, with roles and memories by chance.
  void fill(int rows, unsigned seed) {
    session_.exec("SELECT setseed($1::float8)", {std::to_string((seed % 1000) / 1000.0)});
    session_.exec(
        "INSERT INTO systemuser SELECT ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, CASE WHEN "
        "random() < 0.2 "
        "THEN NULL ELSE ('00000000-0000-4000-8000-' || lpad((1 + floor(random() * 3))::int::text, 12, '0'))::uuid END "
        "FROM generate_series(1, $1::int) n",
        {std::to_string(rows)});
    session_.exec(
        "INSERT INTO systemuserroles (systemuserid, roleid) SELECT systemuserid, roleid FROM systemuser, role WHERE "
        "random() < 0.3");
    session_.exec(
        "INSERT INTO sync_role SELECT systemuserid, coalesce(array_agg(roleid) FILTER (WHERE random() < 0.3), '{}') "
        "FROM "
        "systemuser, role GROUP BY systemuserid");
  }

  [[nodiscard]] std::vector<core::SystemUser> rows() {
    const auto found = session_.exec("SELECT systemuserid::text FROM systemuser ORDER BY random()");
    std::vector<core::SystemUser> all(static_cast<std::size_t>(found.size()));
    for (int row = 0; row < found.size(); ++row) {
      all[static_cast<std::size_t>(row)].systemuserid = *core::parse_guid(found.text(row, 0));
    }
    return all;
  }

  Connection session_{conninfo(), "public", "here"};
};

std::vector<core::SystemUser*> pointers(std::vector<core::SystemUser>& rows) {
  std::vector<core::SystemUser*> all;
  for (auto& row : rows) all.push_back(&row);
  return all;
}

TEST_F(Roles, ReadAtOnceAreThoseThatAreReadForSome) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  fill(3000, seed);
  for (const char* settings :
       {"", "<o><EnableOwnershipAcrossBusinessUnits>true</EnableOwnershipAcrossBusinessUnits></o>"}) {
    session_.exec("TRUNCATE organization");
    session_.exec("INSERT INTO organization VALUES (nullif($1, ''))", {settings});
    const SecurityRoles roles(session_, {"basic user", "Maker"}, core::parse_guid(unit(2)));
    auto some = rows();
    auto all = some;
    roles.read(session_, pointers(some));
    SecurityRoles::take(*roles.read_all(session_), pointers(all));
    for (std::size_t i = 0; i < some.size(); ++i) {
      ASSERT_EQ(all[i].roles, some[i].roles) << core::to_string(some[i].systemuserid);
    }
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [](const auto& row) { return row.roles.held != row.roles.given; }));
  }
}

TEST_F(Roles, OfARowWithoutAnyAreThoseOfItsBusinessUnit) {
  const SecurityRoles roles(session_, {"Basic User"}, core::parse_guid(unit(1)));
  core::SystemUser row;
  row.systemuserid = *core::parse_guid("00000000-0000-4000-9000-000000000077");
  SecurityRoles::take(*roles.read_all(session_), {&row});
  EXPECT_EQ(row.roles, (core::RowRoles{.held = 0, .given = 0, .available = 1}));
}

}  // namespace
}  // namespace dvsync::store
