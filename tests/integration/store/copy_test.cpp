// COPY, both ways, and what is left of a session after it failed.

#include <dlfcn.h>
#include <gmock/gmock.h>

#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/system_users.hpp"
#include "postgres_server.hpp"
#include "store/postgres/copy_tuples.hpp"

namespace {
int copies_left = -1;  // messages until libpq fails; -1: it does not
}

// Stands before libpq's own.
struct pg_conn;
extern "C" int PQgetCopyData(pg_conn* connection, char** buffer, int async) {
  static const auto real = reinterpret_cast<decltype(&PQgetCopyData)>(dlsym(RTLD_NEXT, "PQgetCopyData"));
  if (copies_left == 0) return -2;
  if (copies_left > 0) --copies_left;
  return real(connection, buffer, async);
}

namespace dvsync::store {
namespace {

class Copying : public PostgresTest {
 protected:
  void SetUp() override {
    session_.exec(
        "CREATE TABLE t (id uuid, name text, flag boolean, small smallint, big bigint, at timestamptz, list text[])");
  }
  template <class Lines>
  std::int64_t copy(Lines& lines) {
    session_.begin_copy(std::string("COPY t (") + columns + Lines::statement_end);
    session_.put_copy(lines.lines());
    return session_.end_copy();
  }
  template <class Lines>
  static void add(Lines& lines, const std::string& name) {
    lines.begin_line();
    lines.guid(id).text(std::string_view(name)).boolean(true).small(-3).big(1'234'567'890'123).timestamp(at);
    lines.end_line();
    lines.begin_line();
    lines.guid(std::optional<core::Guid>()).text(core::Text()).boolean(false).small(0).big(0).timestamp({});
    lines.end_line();
  }
  static constexpr const char* columns = "id, name, flag, small, big, at";
  static inline const core::Guid id = core::parse_guid("11111111-2222-3333-4444-555555555555").value();
  static inline const core::Timestamp at{std::chrono::microseconds(1'700'000'000'123'456)};
  Connection session_{conninfo(), "public", "here"};
};

TEST_F(Copying, BringsTheSameRowsInTextAndInBinary) {
  const std::string name = "a\\b\tc\nd\re \xc3\xa9";
  CopyLines text;
  add(text, name);
  CopyTuples binary;
  add(binary, name);
  EXPECT_EQ(copy(text), 2);
  EXPECT_EQ(copy(binary), 2);
  const auto rows = session_.exec(std::string(
      "SELECT DISTINCT id, name, flag, small, big, (extract(epoch FROM at) * 1000000)::bigint FROM t ORDER BY id"));
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows.guid(0, 0), id);
  EXPECT_EQ(rows.text(0, 1), name);
  EXPECT_TRUE(rows.boolean(0, 2));
  EXPECT_EQ(rows.number(0, 3), -3);
  EXPECT_EQ(rows.number(0, 4), 1'234'567'890'123);
  EXPECT_EQ(rows.timestamp(0, 5), at);
  for (const int column : {0, 1, 5}) EXPECT_TRUE(rows.null(1, column)) << column;
}

TEST_F(Copying, ReadsWhatItBroughtIn) {
  CopyTuples lines;
  add(lines, "Ana");
  copy(lines);
  session_.begin_reading("SELECT id, name, flag, small, big FROM t ORDER BY id");
  Rows rows;
  ASSERT_TRUE(session_.read(rows, 10));
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows.guid(0, 0), id);
  EXPECT_EQ(rows.text(0, 1), "Ana");
  EXPECT_TRUE(rows.boolean(0, 2));
  EXPECT_EQ(rows.number(0, 3), -3);
  EXPECT_TRUE(rows.null(1, 0));
  EXPECT_FALSE(session_.read(rows, 10));
}

TEST_F(Copying, LooksUpByBinaryArraysOfIds) {
  CopyTuples lines;
  add(lines, "Ana");
  copy(lines);
  UuidArray ids;
  ids.add(id);
  ids.add(core::Guid{});
  BigintArray numbers;
  numbers.add(-7);
  numbers.add(8);
  const auto rows =
      session_.exec_uuids("SELECT u.id, u.n, t.name FROM unnest($1, $2) AS u (id, n) LEFT JOIN t USING (id) ORDER BY n",
                          ids.bytes(), &numbers.bytes());
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows.guid(0, 0), id);
  EXPECT_EQ(rows.number(0, 1), -7);
  EXPECT_EQ(rows.text(0, 2), "Ana");
  EXPECT_TRUE(rows.null(1, 2));
}

TEST_F(Copying, ThatFailsInASavepointLeavesTheTransactionUsable) {
  session_.exec("CREATE UNIQUE INDEX ON t (id)");
  CopyTuples twice;
  add(twice, "Ana");
  add(twice, "Ana");
  CopyTuples once;
  add(once, "Ana");
  {
    Transaction transaction(session_);
    session_.exec("INSERT INTO t (name) VALUES ('before')");
    EXPECT_EQ(error_of([&] {
                Savepoint savepoint(session_);
                copy(twice);
                savepoint.release();
              }),
              "row: PostgreSQL refuses the row (23505, constraint t_id_idx)");
    Savepoint savepoint(session_);
    EXPECT_EQ(copy(once), 2);
    savepoint.release();
    transaction.commit();
  }
  EXPECT_EQ(other().exec("SELECT count(*) FROM t").number(0, 0), 3);
}

TEST_F(Copying, OfBytesThatMakeNoSenseIsARowError) {
  session_.begin_copy("COPY t FROM STDIN (FORMAT binary)");
  session_.put_copy("this is not what COPY reads");
  EXPECT_EQ(error_of([&] { session_.end_copy(); }), "row: PostgreSQL refuses the row (22P04)");
  EXPECT_EQ(session_.exec("SELECT 1").number(0, 0), 1);
}

// Neither the rows that are still to come nor a COPY that waits for more keep a session from its next statement.
TEST_F(Copying, ThatIsLeftInTheMiddleEndsWithItsTransaction) {
  {
    Chunks pieces(session_, "SELECT n FROM generate_series(1, 100000000) AS n", 10);
    Rows rows;
    EXPECT_TRUE(pieces.next(rows));
    EXPECT_GE(rows.size(), 10);
  }
  EXPECT_EQ(session_.exec("SELECT 1").number(0, 0), 1);
  {
    const Transaction transaction(session_);
    session_.begin_copy("COPY t (name) FROM STDIN");
    session_.put_copy("half\n");
  }
  EXPECT_EQ(session_.exec("SELECT count(*) FROM t").number(0, 0), 0);
}

TEST_F(Copying, ThatFailsWhileItIsReadIsAnErrorAndNotAnEnd) {
  session_.begin_reading("SELECT 1 / (5000 - n) FROM generate_series(1, 10000) AS n");
  Rows rows;
  EXPECT_EQ(error_of([&] {
              while (session_.read(rows, 100)) {
              }
            }),
            "row: PostgreSQL refuses the row (22012)");
  EXPECT_EQ(session_.exec("SELECT 1").number(0, 0), 1);
}

// libpq without memory says -2, and has not left the COPY.
TEST_F(Copying, ThatLibpqCannotReadOnEndsTheStatementAndNotNever) {
  for (const int messages : {0, 1, 7}) {
    Connection session(conninfo(), "public", "here");
    session.begin_reading("SELECT n FROM generate_series(1, 100000) AS n");
    copies_left = messages;
    Rows rows;
    EXPECT_THAT(error_of([&] {
                  while (session.read(rows, 3)) {
                  }
                }),
                testing::HasSubstr("PostgreSQL, here: "));
    copies_left = -1;
  }
}

TEST_F(Copying, ThatFailedIsNotCommittedAway) {
  Transaction transaction(session_);
  session_.begin_copy("COPY t FROM STDIN (FORMAT binary)");
  session_.put_copy("nonsense");
  EXPECT_NE(error_of([&] { session_.end_copy(); }), "none");
  EXPECT_NE(error_of([&] { transaction.commit(); }), "none");
}

}  // namespace
}  // namespace dvsync::store
