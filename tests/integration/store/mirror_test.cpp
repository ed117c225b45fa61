// The mirror: pulls are merged with their version, and only by whoever holds the lease.

#include "dvsync/store/mirror.hpp"

#include <gmock/gmock.h>

#include "dvsync/store/lease.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/schema.hpp"
#include "dvsync/store/staging.hpp"
#include "postgres_server.hpp"

namespace dvsync::store {
namespace {

using testing::HasSubstr;

core::Guid user(std::uint8_t number) {
  core::Guid id;
  id.bytes[15] = number;
  return id;
}

class Mirror : public PostgresTest {
 protected:
  void SetUp() override {
    configuration_.database.connection = conninfo();
    configuration_.database.mirror_schema = "directory";
    Connection owner(conninfo(), "directory", "the mirror");
    migrate(owner, SchemaKind::mirror, "directory", "owner", {});
    lease_ = take("first");
  }
  std::unique_ptr<Lease> take(const std::string& name) {
    return Lease::try_take(conninfo(), "directory", name, Lease::default_duration, holder_);
  }
  // A pull of these users, as a listing of everybody.
  MergeReport pull(const std::vector<std::pair<std::uint8_t, std::string>>& users,
                   source::Completeness coverage = source::Completeness::complete) {
    source::Page page;
    for (const auto& [number, name] : users) {
      source::IdentityRecord record;
      record.object_id = user(number);
      record.account_enabled = true;
      record.profile.values.front() = name;
      page.identities.push_back(record);
    }
    EncodedPage encoded;
    PageEncoder().encode(page, encoded);
    const auto mirror = open_mirror(configuration_);
    Staging staging(*mirror, true);
    if (read_state(*mirror).version == 0) staging.load_straight(false);
    staging.stage(encoded);
    source::PullEnd end;
    end.users = coverage;
    end.cursor = {{"users", "link"}};
    return staging.merge(end, {}, "file", *lease_, [](std::int64_t) {});
  }
  std::int64_t living() {
    return other().exec("SELECT count(*) FROM directory.identity WHERE lifecycle < 2").number(0, 0);
  }

  config::Configuration configuration_;
  LeaseHolder holder_;
  std::unique_ptr<Lease> lease_;
};

TEST_F(Mirror, TakesOverAPullWithItsCursorAndOneVersion) {
  const auto report = pull({{1, "ana@x"}, {2, "ben@x"}});
  EXPECT_EQ(report.version, 1);
  EXPECT_EQ(report.changed, 2);
  const auto state = read_state(*open_mirror(configuration_));
  EXPECT_EQ(state.version, 1);
  EXPECT_EQ(state.identities, 2);
  EXPECT_TRUE(state.listing_complete);
  EXPECT_EQ(state.cursor.at("users"), "link");
}

TEST_F(Mirror, MovesOnlyWhatChangedAndFindsWhoIsAbsent) {
  pull({{1, "ana@x"}, {2, "ben@x"}, {3, "eve@x"}});
  const auto report = pull({{1, "ana@x"}, {2, "ben@y"}});
  EXPECT_EQ(report.version, 2);
  EXPECT_EQ(report.changed, 2);
  EXPECT_EQ(report.absent, 1);
  EXPECT_EQ(living(), 2);
  const auto again = pull({{1, "ana@x"}, {2, "ben@y"}});
  EXPECT_EQ(again.changed, 0);
  EXPECT_EQ(again.absent, 0);
}

TEST_F(Mirror, CallsNobodyAbsentInAListOfChanges) {
  pull({{1, "ana@x"}, {2, "ben@x"}});
  EXPECT_EQ(pull({{1, "ana@y"}}, source::Completeness::changes).absent, 0);
  EXPECT_EQ(living(), 2);
}

TEST_F(Mirror, RejectsTwoRecordsOfOneUserThatDiffer) {
  const auto report = pull({{1, "ana@x"}, {2, "ben@x"}, {2, "other@x"}});
  EXPECT_EQ(report.rejected, 1);
  EXPECT_EQ(living(), 1);
}

TEST_F(Mirror, IsWrittenOnlyUnderTheLease) {
  pull({{1, "ana@x"}});
  EXPECT_EQ(take("second"), nullptr);
  EXPECT_EQ(holder_.name, "first");
  other().exec("UPDATE directory.lease SET expires_at = now() - interval '1 s'");
  const auto second = take("second");
  ASSERT_NE(second, nullptr);
  EXPECT_GT(second->fence(), lease_->fence());
  EXPECT_THAT(error_of([&] { pull({{1, "ana@y"}}); }), HasSubstr("fenced: another dvsync"));
  EXPECT_THAT(error_of([&] { lease_->raise_above(100); }), HasSubstr("fenced"));
  EXPECT_EQ(read_state(*open_mirror(configuration_)).version, 1);
}

TEST_F(Mirror, LeasesAreFreeOnceTheirSessionIsGone) {
  other().exec("SELECT pg_terminate_backend(backend_pid, 10000) FROM directory.lease");
  EXPECT_NE(take("second"), nullptr);
}

TEST_F(Mirror, LeasesAreGivenBack) {
  lease_.reset();
  EXPECT_NE(take("second"), nullptr);
}

TEST_F(Mirror, OfAnotherVersionIsRefused) {
  other().exec("INSERT INTO directory.schema_version VALUES (99)");
  EXPECT_THAT(error_of([&] { (void)open_mirror(configuration_); }),
              HasSubstr("schema: schema directory has version 99"));
  configuration_.database.mirror_schema = "elsewhere";
  EXPECT_THAT(error_of([&] { (void)open_mirror(configuration_); }), HasSubstr("run `dvsync migrate`"));
}

}  // namespace
}  // namespace dvsync::store
