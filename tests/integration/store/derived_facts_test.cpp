// Groups and roles of users, derived by a first load of everybody at once, and by later pulls of those who were
// touched.

#include <gmock/gmock.h>

#include <cstdlib>
#include <iostream>
#include <random>

#include "dvsync/store/lease.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/schema.hpp"
#include "dvsync/store/staging.hpp"
#include "postgres_server.hpp"

namespace dvsync::store {
namespace {

using source::Completeness;

constexpr std::uint8_t users = 40;
constexpr std::uint8_t groups = 6;  // the first three have a name; the others are nested in some of them

core::Guid numbered(std::uint8_t kind, std::uint8_t number) {
  core::Guid id;
  id.bytes.front() = kind;
  id.bytes.back() = number;
  return id;
}
core::Guid user(std::uint8_t number) { return numbered(1, number); }
core::Guid group(std::uint8_t number) { return numbered(2, number); }

source::Page everybody() {
  source::Page page;
  for (std::uint8_t number = 0; number < users; ++number) {
    auto& identity = page.identities.emplace_back();
    identity.object_id = user(number);
    identity.distinguished_name = "cn=user" + std::to_string(number);
    identity.login = "login" + std::to_string(number);
  }
  return page;
}

class DerivedFacts : public PostgresTest {
 protected:
  using Random = std::mt19937;

  void SetUp() override {
    configuration_.database.connection = conninfo();
    configuration_.database.mirror_schema = "directory";
    begin_anew();
  }

  void begin_anew() {
    mirror_.reset();
    lease_.reset();
    other().exec("DROP SCHEMA IF EXISTS directory CASCADE");
    Connection owner(conninfo(), "directory", "the mirror");
    migrate(owner, SchemaKind::mirror, "directory", "owner", {});
    lease_ = Lease::try_take(conninfo(), "directory", "test", Lease::default_duration, holder_);
    mirror_ = open_mirror(configuration_);
  }

  void pull(const source::Page& page) {
    Staging staging(*mirror_, true);
    if (read_state(*mirror_).version == 0) staging.load_straight(true);
    EncodedPage encoded;
    PageEncoder().encode(page, encoded);
    staging.stage(encoded);
    source::PullEnd end;
    end.users = Completeness::changes;
    std::vector<std::string> names;
    for (std::uint8_t number = 0; number < groups; ++number) {
      auto& coverage = end.groups.emplace_back();
      coverage.name = core::to_string(group(number));
      coverage.object_id = group(number);
      coverage.distinguished_name = "cn=group" + std::to_string(number);
      coverage.members = coverage.owners = Completeness::changes;
      if (number < 3) names.push_back(coverage.name);
    }
    staging.merge(end, names, "file", *lease_, [](std::int64_t) {});
  }

  std::vector<std::string> derived() {
    const auto rows = other().exec(
        "SELECT concat_ws(' ', object_id, roles, 'direct', direct_groups, 'owned', owned_groups, 'nested', "
        "nested_groups) FROM directory.identity ORDER BY object_id");
    std::vector<std::string> lines;
    for (int row = 0; row < rows.size(); ++row) lines.emplace_back(rows.text(row, 0));
    return lines;
  }

  // By its id or by one of its names.
  static source::MemberRef reference(Random& random, std::uint8_t number) {
    source::MemberRef reference;
    reference.kind = static_cast<source::MemberRef::Kind>(random() % 3);
    using Kind = source::MemberRef::Kind;
    if (reference.kind == Kind::object_id) reference.object_id = user(number);
    if (reference.kind == Kind::distinguished_name) reference.name = "cn=user" + std::to_string(number);
    if (reference.kind == Kind::login) reference.name = "login" + std::to_string(number);
    return reference;
  }

  static source::Page random_memberships(Random& random) {
    source::Page page;
    for (int i = 0; i < 60; ++i) {
      auto& record = page.memberships.emplace_back();
      record.group = group(static_cast<std::uint8_t>(random() % groups));
      record.relation = static_cast<source::MembershipRecord::Relation>(random() % 4 == 0);
      record.member_is_group = random() % 6 == 0;
      if (!record.member_is_group) {
        record.member = reference(random, static_cast<std::uint8_t>(random() % users));
        continue;
      }
      const auto nested = static_cast<std::uint8_t>(random() % groups);  // loops are part of it
      record.relation = source::MembershipRecord::Relation::member;
      record.member.object_id = group(nested);
      if (random() % 2 == 0) continue;
      record.member.kind = source::MemberRef::Kind::distinguished_name;
      record.member.name = "cn=group" + std::to_string(nested);
    }
    for (int i = 0; i < 10; ++i) {
      auto& record = page.roles.emplace_back();
      record.role = static_cast<source::RoleName>(random() % 4);
      record.member = reference(random, static_cast<std::uint8_t>(random() % users));
    }
    return page;
  }

  config::Configuration configuration_;
  LeaseHolder holder_;
  std::unique_ptr<Lease> lease_;
  std::unique_ptr<Connection> mirror_;
};

TEST_F(DerivedFacts, AreThoseOfAFirstLoadWhenTheyComeLater) {
  const char* const given = std::getenv("DVSYNC_TEST_SEED");
  const auto seed = given != nullptr ? std::stoul(given) : std::random_device{}();
  std::cout << "DVSYNC_TEST_SEED=" << seed << '\n';
  Random random(static_cast<Random::result_type>(seed));
  for (int round = 0; round < 4; ++round) {
    SCOPED_TRACE(round);
    auto at_once = random_memberships(random);
    const auto later = at_once;
    at_once.identities = everybody().identities;
    begin_anew();
    pull(at_once);
    const auto first = derived();
    begin_anew();
    pull(everybody());
    pull(later);
    EXPECT_EQ(derived(), first);
  }
}

// The index is made at the end of the first load, and by any pull that does not find it.
TEST_F(DerivedFacts, HaveTheIndexOfMembers) {
  const auto is_there = [&] {
    return other().exec("SELECT to_regclass('directory.membership_id') IS NOT NULL").boolean(0, 0);
  };
  EXPECT_FALSE(is_there());
  pull(everybody());
  EXPECT_TRUE(is_there());
  other().exec("DROP INDEX directory.membership_id");
  pull({});
  EXPECT_TRUE(is_there());
}

}  // namespace
}  // namespace dvsync::store
