// Batches: rows and their log in one transaction, under the fence, with what the table refuses left out.

#include "dvsync/store/batch.hpp"

#include <gmock/gmock.h>

#include "dvsync/store/preflight.hpp"
#include "dvsync/store/schema.hpp"
#include "postgres_server.hpp"

namespace dvsync::store {
namespace {

using testing::HasSubstr;

core::Guid user(std::uint8_t number) {
  core::Guid id;
  id.bytes[15] = number;
  return id;
}

class Batches : public PostgresTest {
 protected:
  void SetUp() override {
    Connection owner(conninfo(), "contoso", "environment contoso");
    migrate(owner, SchemaKind::environment, "contoso", "owner", {});
    session_ = std::make_unique<Connection>(conninfo(), "contoso", "environment contoso");
    config::Environment environment;
    environment.schema = "contoso";
    settings_.binary = require_ready(*session_, environment, Use::writing).binary;
  }
  static core::Change create(std::uint8_t number, const std::string& name) {
    core::Change change;
    change.action = core::Decision::create;
    change.object_id = user(number);
    change.after[core::Column::domainname] = name;
    return change;
  }
  std::vector<RefusedChange> write(std::vector<core::Change> changes) {
    Batch batch(*session_, settings_, 0, 7, ++batch_no_);
    auto refused = batch.write(changes, std::vector<std::vector<std::string>>(changes.size()), false);
    batch.log_batch({});
    batch.commit();
    return refused;
  }
  std::int64_t count(const std::string& table) {
    return other().exec("SELECT count(*) FROM contoso." + table).number(0, 0);
  }

  std::unique_ptr<Connection> session_;
  WriteSettings settings_;
  int batch_no_ = 0;
};

TEST_F(Batches, WriteRowsAndTheirLogTogether) {
  EXPECT_TRUE(settings_.binary);
  EXPECT_TRUE(write({create(1, "ana@x"), create(2, "ben@x")}).empty());
  EXPECT_EQ(count("systemuser"), 2);
  EXPECT_EQ(count("sync_change"), 2);
  const auto rows = read_rows(*session_, {user(1), user(3)}, Lock::no);
  ASSERT_EQ(rows.size(), 1U);
  core::Change change;
  change.action = core::Decision::disable;
  change.object_id = user(1);
  change.before = change.after = rows.at(user(1));
  change.after.isdisabled = true;
  change.columns.add(core::Column::isdisabled);
  EXPECT_TRUE(write({change}).empty());
  EXPECT_TRUE(read_rows(*session_, {user(1)}, Lock::no).at(user(1)).isdisabled);
  EXPECT_EQ(other().exec("SELECT fields FROM contoso.sync_change WHERE action = 'disable'").text(0, 0),
            R"({"isdisabled": [false, true]})");
}

// Requests of two askers that are answered together.
TEST_F(Batches, OfOneTransactionWriteEachItsOwn) {
  write({create(1, "ana@x"), create(2, "ben@x")});
  const auto rows = read_rows(*session_, {user(1), user(2)}, Lock::no);
  Transaction transaction(*session_);
  for (const std::uint8_t number : {1, 2}) {
    core::Change change;
    change.action = core::Decision::disable;
    change.object_id = user(number);
    change.before = change.after = rows.at(user(number));
    change.after.isdisabled = true;
    change.columns.add(core::Column::isdisabled);
    std::vector<core::Change> changes{change};
    Batch batch(*session_, settings_, 8, ++batch_no_);
    batch.hold_until_end(
        {{user(number), core::GuardClass::absent, core::Decision::disable, core::Reason::entitled, {}}});
    EXPECT_TRUE(batch.write(changes, {{}}, false).empty());
    session_->exec("DELETE FROM contoso.sync_pending WHERE run_id = 8 AND object_id = '" + core::to_string(user(1)) +
                   "'");
  }
  transaction.commit();
  EXPECT_EQ(other().exec("SELECT count(*) FROM contoso.systemuser WHERE isdisabled").number(0, 0), 2);
  EXPECT_EQ(count("sync_pending"), 1) << "what the first has let go stays away";
}

TEST_F(Batches, LeaveOutWhatTheTableRefusesAndWriteTheRest) {
  other().exec("ALTER TABLE contoso.systemuser ADD CHECK (domainname <> 'bad@x')");
  std::vector<core::Change> changes;
  for (std::uint8_t number = 1; number <= 40; ++number)
    changes.push_back(create(number, number % 8 == 0 ? "bad@x" : "good@x"));
  const auto refused = write(changes);
  ASSERT_EQ(refused.size(), 5U);
  EXPECT_EQ(refused.front().object_id, user(8));
  EXPECT_EQ(refused.front().detail, "PostgreSQL refuses the row (23514, constraint systemuser_domainname_check)");
  EXPECT_FALSE(refused.front().why == RefusedChange::Why::exists_now);
  EXPECT_EQ(count("systemuser"), 35);
  EXPECT_EQ(count("sync_change"), 35);
}

TEST_F(Batches, SayWhenSomebodyElseCreatedTheRowMeanwhile) {
  write({create(1, "ana@x")});
  const auto refused = write({create(1, "ana@x"), create(2, "ben@x")});
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_TRUE(refused.front().why == RefusedChange::Why::exists_now);
  EXPECT_EQ(count("systemuser"), 2);
}

TEST_F(Batches, LeaveNothingBehindUnlessTheyAreCommitted) {
  std::vector<core::Change> changes{create(1, "ana@x")};
  {
    Batch batch(*session_, settings_, 0, 7, 1);
    EXPECT_TRUE(batch.write(changes, std::vector<std::vector<std::string>>(changes.size()), false).empty());
  }
  EXPECT_EQ(count("systemuser"), 0);
  EXPECT_EQ(count("sync_change"), 0);
}

TEST_F(Batches, AreRefusedOnceAnotherHasRaisedTheFence) {
  other().exec("UPDATE contoso.sync_state SET fence = 5");
  EXPECT_EQ(error_of([&] { const Batch batch(*session_, settings_, 4, 7, 1); }),
            "fenced: another dvsync works on environment contoso; this one stops writing");
}

}  // namespace
}  // namespace dvsync::store
