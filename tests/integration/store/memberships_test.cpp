// Memberships on their way into the mirror: a first load, lists of many that are compared in memory, changes, and users
// who are looked up meanwhile.

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "dvsync/store/lease.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/schema.hpp"
#include "dvsync/store/staging.hpp"
#include "postgres_server.hpp"

namespace dvsync::store {
namespace {

using source::Completeness;
using source::MembershipRecord;
using testing::UnorderedElementsAre;

constexpr std::size_t page_size = 2'000;
constexpr std::uint32_t many = 12'000;  // enough to be compared in memory before the last page comes

core::Guid numbered(std::uint8_t kind, std::uint32_t number) {
  core::Guid id;
  id.bytes[0] = kind;
  for (std::size_t i = 0; i < sizeof number; ++i) id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}
core::Guid user(std::uint32_t number) { return numbered(1, number); }
core::Guid group(std::uint32_t number) { return numbered(2, number); }

MembershipRecord member(std::uint32_t of, std::uint32_t number, bool removed = false) {
  MembershipRecord record;
  record.group = group(of);
  record.member.object_id = user(number);
  record.removed = removed;
  return record;
}
MembershipRecord member_by_name(std::uint32_t of, const std::string& name) {
  MembershipRecord record;
  record.group = group(of);
  record.member.kind = source::MemberRef::Kind::distinguished_name;
  record.member.name = name;
  return record;
}
std::vector<MembershipRecord> members(std::uint32_t of, std::uint32_t begin, std::uint32_t end) {
  std::vector<MembershipRecord> records;
  for (auto number = begin; number < end; ++number) records.push_back(member(of, number));
  return records;
}

class Memberships : public PostgresTest {
 protected:
  using Groups = std::map<std::uint32_t, Completeness>;

  void SetUp() override {
    configuration_.database.connection = conninfo();
    configuration_.database.mirror_schema = "directory";
    Connection owner(conninfo(), "directory", "the mirror");
    migrate(owner, SchemaKind::mirror, "directory", "owner", {});
    lease_ = Lease::try_take(conninfo(), "directory", "test", Lease::default_duration, holder_);
    mirror_ = open_mirror(configuration_);
  }

  // A pull of these memberships and of no users. `before_last_page`: what others do meanwhile.
  MergeReport pull(
      const std::vector<MembershipRecord>& records, const Groups& groups,
      const std::function<void()>& before_last_page = [] {}, const std::vector<std::uint32_t>& users = {}) {
    Staging staging(*mirror_, true);
    if (read_state(*mirror_).version == 0) staging.load_straight(!groups.empty());
    PageEncoder encoder;
    EncodedPage encoded;
    source::Page page;
    for (const auto number : users) page.identities.emplace_back().object_id = user(number);
    std::size_t at = 0;
    do {
      const auto end = std::min(at + page_size, records.size());
      page.memberships.assign(records.begin() + static_cast<std::ptrdiff_t>(at),
                              records.begin() + static_cast<std::ptrdiff_t>(end));
      if (end == records.size()) before_last_page();
      encoder.encode(page, encoded);
      staging.stage(encoded);
      page.identities.clear();
      at = end;
    } while (at < records.size());
    source::PullEnd end;
    end.users = Completeness::changes;
    std::vector<std::string> names;
    for (const auto& [number, told] : groups) {
      auto& coverage = end.groups.emplace_back();
      coverage.name = core::to_string(group(number));
      if (!nested_.contains(number)) names.push_back(coverage.name);
      coverage.object_id = group(number);
      coverage.members = told;
      coverage.owners = owners_;
    }
    return staging.merge(end, names, "file", *lease_, [](std::int64_t) {});
  }

  std::set<std::uint32_t> held(std::uint32_t of) {
    const auto rows = other().exec(
        "SELECT ('x' || right(member_key::text, 8))::bit(32)::int FROM directory.membership WHERE group_id = $1::uuid",
        {core::to_string(group(of))});
    std::set<std::uint32_t> numbers;
    for (int row = 0; row < rows.size(); ++row) numbers.insert(static_cast<std::uint32_t>(rows.number(row, 0)));
    return numbers;
  }
  std::int64_t count(const std::string& query) { return other().exec("SELECT count(*) FROM " + query).number(0, 0); }

  Completeness owners_ = Completeness::changes;
  std::set<std::uint32_t> nested_;  // groups that no environment names
  config::Configuration configuration_;
  LeaseHolder holder_;
  std::unique_ptr<Lease> lease_;
  std::unique_ptr<Connection> mirror_;
};

TEST_F(Memberships, OfAFirstLoadAreThoseOfGroupsThatWereTold) {
  auto records = members(1, 0, 5);
  records.push_back(member(7, 3));
  records.push_back(member(1, 9));
  pull(records, {{1, Completeness::complete}}, [] {}, {0, 1, 2});
  EXPECT_THAT(held(1), UnorderedElementsAre(0, 1, 2, 3, 4, 9));
  EXPECT_THAT(held(7), UnorderedElementsAre());
  EXPECT_EQ(count("directory.identity WHERE cardinality(direct_groups) = 1"), 3);
}

TEST_F(Memberships, OfAFirstLoadMayBeNamedTwiceWithdrawnOrKnownByName) {
  auto records = members(1, 0, 4'000);
  records.push_back(member(1, 17));
  records.push_back(member(1, 18, true));
  records.push_back(member(1, 4'001, true));
  records.push_back(member(1, 4'001));
  records.push_back(member_by_name(1, "cn=ana"));
  pull(records, {{1, Completeness::complete}});
  EXPECT_EQ(count("directory.membership WHERE member_id IS NOT NULL"), 4'000);
  EXPECT_EQ(held(1).count(18), 0);
  EXPECT_EQ(held(1).count(4'001), 1);
  EXPECT_EQ(count("directory.membership WHERE member_name = 'dn:cn=ana'"), 1);
}

TEST_F(Memberships, OfAFirstLoadMayBeWithdrawnThatNobodyNamed) {
  auto records = members(1, 0, 3);
  records.push_back(member(1, 9, true));
  pull(records, {{1, Completeness::complete}});
  EXPECT_THAT(held(1), UnorderedElementsAre(0, 1, 2));
}

TEST_F(Memberships, OfLongListsMoveWhereTheListsDo) {
  auto list = members(1, 0, many);
  list.push_back(member_by_name(1, "cn=ana"));
  list.push_back(member_by_name(1, "cn=ben"));
  const Groups complete{{1, Completeness::complete}};
  pull(list, complete, [] {}, {0, 1, 11'000, many});
  EXPECT_EQ(pull(list, complete).changed, 0);
  EXPECT_EQ(count("directory.membership"), many + 2);
  list.pop_back();
  list.push_back(member(1, many));
  list.erase(list.begin() + 11'000);
  list.erase(list.begin());
  EXPECT_EQ(pull(list, complete).changed, 3);  // 0, 11,000, and who has come
  EXPECT_EQ(count("directory.membership"), many);
  EXPECT_EQ(count("directory.membership WHERE member_name IS NOT NULL"), 1);
  const auto now = held(1);
  EXPECT_EQ(now.count(0) + now.count(11'000), 0);
  EXPECT_EQ(now.count(many), 1);
}

TEST_F(Memberships, OfOwnersMoveAsThoseOfMembersDo) {
  auto owners = members(1, 0, many);
  for (auto& one : owners) one.relation = MembershipRecord::Relation::owner;
  owners_ = Completeness::complete;
  pull(owners, {{1, Completeness::complete}}, [] {}, {0, 1});
  EXPECT_EQ(count("directory.identity WHERE cardinality(owned_groups) = 1"), 2);
  owners.erase(owners.begin());
  EXPECT_EQ(pull(owners, {{1, Completeness::complete}}).changed, 1);
  EXPECT_EQ(count("directory.membership WHERE relation = 1"), many - 1);
}

// Nobody names the inner group; it is told of because it is nested.
TEST_F(Memberships, OfANestedGroupAreThoseOfTheOuterOneFromTheFirstLoadOn) {
  auto records = members(2, 0, 3);
  auto& nesting = records.emplace_back();
  nesting.group = group(1);
  nesting.member.object_id = group(2);
  nesting.member_is_group = true;
  nested_ = {2};
  pull(records, {{1, Completeness::complete}, {2, Completeness::complete}}, [] {}, {0, 1, 2});
  EXPECT_EQ(count("directory.identity WHERE nested_groups = ARRAY['" + core::to_string(group(1)) + "'::uuid]"), 3);
}

TEST_F(Memberships, OfAFirstLoadHaveRoomThatLaterRowsDoNotGet) {
  const auto fill = [&] {
    return other()
               .exec("SELECT coalesce(reloptions::text, '') FROM pg_class WHERE oid = 'directory.identity'::regclass")
               .text(0, 0) == "{fillfactor=50}";
  };
  bool before_the_end = false;
  pull(members(1, 0, 5), {{1, Completeness::complete}}, [&] { before_the_end = fill(); });
  EXPECT_TRUE(before_the_end);
  EXPECT_FALSE(fill());
}

TEST_F(Memberships, OfAListThatIsNotWholeAreNotMissed) {
  pull(members(1, 0, many), {{1, Completeness::complete}});
  for (const auto told : {Completeness::changes, Completeness::partial, Completeness::unreadable}) {
    pull(members(1, 1'000, many), {{1, told}});
    EXPECT_EQ(count("directory.membership"), many);
  }
}

// Somebody was looked up and had left the group; after that the list says that she is in it.
TEST_F(Memberships, ThatALookUpWithdrewComeBackWhereTheListNamesThemLater) {
  const auto list = members(1, 0, many);
  const auto last = many - 1;
  pull(list, {{1, Completeness::complete}}, [] {}, {last});
  const auto look_up = [&] {
    other().exec("DELETE FROM directory.membership WHERE member_id = $1::uuid", {core::to_string(user(last))});
    other().exec("UPDATE directory.mirror SET version = version + 1");
    other().exec(
        "UPDATE directory.identity SET direct_groups = NULL, version = (SELECT version FROM directory.mirror)");
  };
  pull(list, {{1, Completeness::complete}}, look_up);
  EXPECT_EQ(held(1).count(last), 1);
  EXPECT_EQ(count("directory.identity WHERE cardinality(direct_groups) = 1"), 1);
}

// Somebody was looked up and had joined; the whole list does not name her. Its reading began before, so that changes
// since then will be told once more.
TEST_F(Memberships, ThatALookUpBroughtGoWhereTheListDoesNotNameThem) {
  pull(members(1, 0, many), {{1, Completeness::complete}}, [] {}, {many});
  const auto look_up = [&] {
    other().exec("UPDATE directory.mirror SET version = version + 1");
    other().exec(
        "INSERT INTO directory.membership (group_id, relation, member_id, member_key) VALUES ($1::uuid, 0, $2, $2)",
        {core::to_string(group(1)), core::to_string(user(many))});
    other().exec("UPDATE directory.identity SET direct_groups = ARRAY[$1::uuid], version = 2",
                 {core::to_string(group(1))});
  };
  pull(members(1, 0, many), {{1, Completeness::complete}}, look_up);
  EXPECT_EQ(held(1).count(many), 0);
  EXPECT_EQ(count("directory.identity WHERE direct_groups IS NOT NULL"), 0);
}

// What pulls in any order must leave, by the rules alone: the last word on a membership counts; a list that is whole
// drops whom it does not name.
class Model {
 public:
  void take(const std::vector<MembershipRecord>& records, const std::map<std::uint32_t, Completeness>& groups) {
    std::map<std::pair<core::Guid, core::Guid>, bool> last;
    for (const auto& record : records) last[{record.group, record.member.object_id}] = record.removed;
    for (const auto& [number, told] : groups) {
      auto& now = sets_[number];
      if (told == Completeness::complete) now.clear();
      for (const auto& [membership, removed] : last) {
        if (membership.first != group(number)) continue;
        if (removed) {
          now.erase(membership.second);
        } else {
          now.insert(membership.second);
        }
      }
    }
  }
  [[nodiscard]] const std::set<core::Guid>& of(std::uint32_t number) { return sets_[number]; }

 private:
  std::map<std::uint32_t, std::set<core::Guid>> sets_;
};

TEST_F(Memberships, OfRandomPullsAreWhatTheRulesSay) {
  const char* const given = std::getenv("DVSYNC_TEST_SEED");
  const auto seed = given != nullptr ? std::stoul(given) : std::random_device{}();
  std::cout << "DVSYNC_TEST_SEED=" << seed << '\n';
  std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
  const auto upto = [&](std::uint32_t end) { return std::uniform_int_distribution<std::uint32_t>(0, end - 1)(random); };
  constexpr std::uint32_t group_count = 3;
  Model model;
  for (int round = 0; round < 8; ++round) {
    SCOPED_TRACE(round);
    std::map<std::uint32_t, Completeness> groups;
    std::vector<MembershipRecord> records;
    for (std::uint32_t number = 1; number <= group_count; ++number) {
      groups[number] = upto(3) == 0 ? Completeness::changes : Completeness::complete;
      const auto first = upto(50);
      for (auto one = first; one < 4'500; ++one) {
        if (upto(100) != 0) records.push_back(member(number, one));
      }
    }
    std::shuffle(records.begin(), records.end(), random);
    for (auto withdrawn = upto(2) * upto(20); withdrawn > 0; --withdrawn) {
      const auto at = records.begin() + upto(static_cast<std::uint32_t>(records.size()));
      records.insert(at, member(1 + upto(group_count), upto(4'500), true));
    }
    pull(records, groups);
    model.take(records, groups);
    for (std::uint32_t number = 1; number <= group_count; ++number) {
      std::set<core::Guid> now;
      for (const auto one : held(number)) now.insert(user(one));
      EXPECT_TRUE(now == model.of(number))
          << "group " << number << ": " << now.size() << " of " << model.of(number).size() << " members, told "
          << static_cast<int>(groups[number]);
    }
  }
}

}  // namespace
}  // namespace dvsync::store
