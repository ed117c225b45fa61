// Sessions: how they end, how they are stopped, and what their errors say.

#include <gmock/gmock.h>

#include <thread>

#include "dvsync/store/postgres/connection.hpp"
#include "postgres_server.hpp"

namespace dvsync::store {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* terminated = "unavailable: PostgreSQL, here: terminating connection due to administrator command";

class Sessions : public PostgresTest {
 protected:
  [[nodiscard]] std::int64_t pid() { return session_.exec("SELECT pg_backend_pid()").number(0, 0); }
  void terminate() {
    const auto victim = std::to_string(pid());
    other().exec("SELECT pg_terminate_backend($1::int, 10000)", {victim});
  }
  [[nodiscard]] bool runs(const std::string& statement) {
    return !other().exec("SELECT FROM pg_stat_activity WHERE state = 'active' AND query = $1", {statement}).empty();
  }
  // Asks for a stop as soon as the server runs this statement.
  [[nodiscard]] std::jthread stop_once_running(const std::string& statement) {
    return std::jthread([this, statement] {
      while (!runs(statement)) std::this_thread::yield();
      stop_.request_stop();
    });
  }

  std::stop_source stop_;
  Connection session_{conninfo(), "public", "here", {.stop = stop_.get_token()}};
};

TEST_F(Sessions, LostWhileIdleStayLostWithTheServersReason) {
  terminate();
  EXPECT_EQ(error_of([&] { session_.exec("SELECT 1"); }), terminated);
  EXPECT_TRUE(session_.broken());
  EXPECT_EQ(error_of([&] { session_.exec("SELECT 1"); }), terminated);
  EXPECT_EQ(error_of([&] { session_.exec("SELECT $1", {"1"}); }), terminated);
  EXPECT_EQ(error_of([&] { session_.exec_uuids("SELECT 1", ""); }), terminated);
  EXPECT_EQ(error_of([&] { session_.begin_copy("COPY pg_class FROM STDIN"); }), terminated);
  EXPECT_EQ(error_of([&] { Transaction transaction(session_); }), terminated);
  EXPECT_EQ(error_of([&] { session_.await_notification(std::chrono::minutes(5)); }), terminated);
}

TEST_F(Sessions, LostInAStatementSayTheServersReason) {
  EXPECT_EQ(error_of([&] { session_.exec("SELECT pg_terminate_backend(pg_backend_pid(), 1000)"); }), terminated);
  EXPECT_TRUE(session_.broken());
}

TEST_F(Sessions, LostWhileWaitingForANotificationSayTheServersReason) {
  session_.exec("LISTEN news");
  terminate();
  EXPECT_EQ(error_of([&] { session_.await_notification(std::chrono::minutes(5)); }), terminated);
}

TEST_F(Sessions, LostInATransactionDoNotCarryOnOutsideOfIt) {
  session_.exec("CREATE TABLE t (n int)");
  {
    Transaction transaction(session_);
    session_.exec("INSERT INTO t VALUES (1)");
    terminate();
    EXPECT_EQ(error_of([&] { session_.exec("INSERT INTO t VALUES (2)"); }), terminated);
    EXPECT_NE(error_of([&] { transaction.commit(); }), "none");
  }
  EXPECT_EQ(other().exec("SELECT count(*) FROM t").number(0, 0), 0);
}

TEST_F(Sessions, LostBeforeACommitLeaveItInDoubt) {
  session_.exec("CREATE TABLE t (n int)");
  Transaction transaction(session_);
  session_.exec("INSERT INTO t VALUES (1)");
  terminate();
  EXPECT_THAT(error_of([&] { transaction.commit(); }),
              testing::AllOf(HasSubstr("unavailable"), HasSubstr("may or may not be there"),
                             HasSubstr("terminating connection due to administrator command")));
}

TEST_F(Sessions, AStopEndsTheStatementInHandAndLeavesTheSession) {
  const std::string statement = "SELECT pg_sleep(600)";
  const auto stopping = stop_once_running(statement);
  EXPECT_EQ(error_of([&] { session_.exec(statement); }), "interrupted");
  session_.stop_on({});
  EXPECT_EQ(session_.exec("SELECT 1").number(0, 0), 1);
}

TEST_F(Sessions, AStopEndsAReadingAndLeavesTheSession) {
  const std::string query = "SELECT pg_sleep(600)";
  const auto stopping = stop_once_running("COPY (" + query + ") TO STDOUT (FORMAT binary)");
  Rows rows;
  EXPECT_EQ(error_of([&] {
              session_.begin_reading(query);
              session_.read(rows, 1);
            }),
            "interrupted");
  session_.stop_on({});
  EXPECT_EQ(session_.exec("SELECT 1").number(0, 0), 1);
}

// A request to cancel that comes before the statement is lost: it has to be asked for again.
TEST_F(Sessions, AStopThatCameBeforeEndsALongStatementAndNotAShortOne) {
  stop_.request_stop();
  EXPECT_EQ(session_.exec("SELECT 1").number(0, 0), 1);
  EXPECT_EQ(error_of([&] { session_.exec("SELECT pg_sleep(600)"); }), "interrupted");
  EXPECT_EQ(session_.exec("SELECT 1").number(0, 0), 1);
}

TEST_F(Sessions, AStopDoesNotKeepATransactionFromBeingRolledBack) {
  {
    const Transaction transaction(session_);
    session_.exec("CREATE TABLE t (n int)");
    stop_.request_stop();
    EXPECT_EQ(error_of([&] { session_.exec("SELECT pg_sleep(600)"); }), "interrupted");
  }
  EXPECT_TRUE(session_.exec("SELECT to_regclass('t')").null(0, 0));
}

class SilentServers : public PostgresTest {
 protected:
  [[nodiscard]] static std::int64_t pid_of(Connection& session) {
    return session.exec("SELECT pg_backend_pid()").number(0, 0);
  }
  std::stop_source stop_;
  Connection session_{conninfo("-c statement_timeout=200ms"),
                      "public",
                      "here",
                      {.stop = stop_.get_token(), .grace = std::chrono::milliseconds(300)}};
};

TEST_F(SilentServers, AreGivenUpSomewhatAfterTheStatementsTimeout) {
  const StoppedBackend silent(pid_of(session_));
  const std::string silence = "unavailable: PostgreSQL, here: the server is connected, but does not answer";
  EXPECT_EQ(error_of([&] { session_.exec("SELECT 1"); }), silence);
  EXPECT_TRUE(session_.broken());
}

TEST_F(SilentServers, DoNotHoldBinaryLookUpsCopiesOrTransactions) {
  const std::string statement = "SELECT ";
  for (const auto& work : std::vector<std::function<void(Connection&)>>{
           [](Connection& session) { session.exec_uuids("SELECT 1", ""); },
           [](Connection& session) { session.begin_copy("COPY pg_class FROM STDIN"); },
           [](Connection& session) { session.begin_reading("SELECT 1"); },
           [](Connection& session) { const Transaction transaction(session); }}) {
    Connection session(conninfo("-c statement_timeout=200ms"), "public", "here",
                       {.grace = std::chrono::milliseconds(300)});
    const StoppedBackend silent(pid_of(session));
    EXPECT_THAT(error_of([&] { work(session); }), HasSubstr("does not answer"));
  }
}

TEST_F(SilentServers, AreGivenUpSecondsAfterAStop) {
  Connection patient(conninfo(), "public", "here", {.stop = stop_.get_token()});
  const StoppedBackend silent(pid_of(patient));
  stop_.request_stop();
  EXPECT_EQ(error_of([&] { patient.exec("SELECT 1"); }), "interrupted");
}

TEST_F(SilentServers, HoldUpNeitherARollbackNorTheEndOfASession) {
  auto session = std::make_unique<Connection>(conninfo(), "public", "here");
  const auto pid = pid_of(*session);
  session->exec("CREATE TABLE t (line text)");
  std::optional<StoppedBackend> silent;
  {
    const Transaction transaction(*session);
    session->begin_copy("COPY t FROM STDIN");
    silent.emplace(pid);
    session->put_copy(std::string(10'000, 'x') + "\n");
  }
  EXPECT_TRUE(session->broken());
  session.reset();
}

class Errors : public PostgresTest {
 protected:
  void SetUp() override {
    session_.exec(
        "CREATE TABLE person (id int PRIMARY KEY, name text NOT NULL, age int CONSTRAINT grown_up CHECK (age > 17), "
        "CONSTRAINT one_name UNIQUE (name))");
    session_.exec("INSERT INTO person VALUES (1, 'Ana Secret', 30)");
  }
  std::string insert(const std::string& values) {
    return error_of([&] { session_.exec("INSERT INTO person VALUES (" + values + ")"); });
  }
  Connection session_{conninfo(), "public", "here"};
};

TEST_F(Errors, OfARowNameItsConstraintOrColumnAndNoValue) {
  EXPECT_EQ(insert("2, 'Ana Secret', 30"), "row: PostgreSQL refuses the row (23505, constraint one_name)");
  EXPECT_EQ(insert("2, 'Ben Secret', 3"), "row: PostgreSQL refuses the row (23514, constraint grown_up)");
  EXPECT_EQ(insert("2, NULL, 30"), "row: PostgreSQL refuses the row (23502, column name)");
  EXPECT_EQ(insert("2, 'Ben', 'Secret'"), "row: PostgreSQL refuses the row (22P02)");
}

TEST_F(Errors, OfParametersLookUpsAndCopiesAreTheSame) {
  EXPECT_EQ(error_of([&] { session_.exec("INSERT INTO person VALUES (2, $1, 30)", {"Ana Secret"}); }),
            "row: PostgreSQL refuses the row (23505, constraint one_name)");
  EXPECT_EQ(error_of([&] {
              session_.begin_copy("COPY person FROM STDIN");
              session_.put_copy("2\tAna Secret\t30\n");
              session_.end_copy();
            }),
            "row: PostgreSQL refuses the row (23505, constraint one_name)");
  EXPECT_EQ(session_.exec("SELECT 1").number(0, 0), 1);
}

// The names come last in what the server says; a value before them may look just like them.
TEST_F(Errors, DoNotTakeAValueForAName) {
  const std::string liar = R"(E'x\nSCHEMA NAME:  s\nCONSTRAINT NAME:  Secret\nLOCATION:  l')";
  session_.exec("INSERT INTO person VALUES (2, " + liar + ", 30)");
  EXPECT_EQ(insert("3, " + liar + ", 30"), "row: PostgreSQL refuses the row (23505, constraint one_name)");
  EXPECT_THAT(insert("3, 'Ben', " + liar), Not(HasSubstr("Secret")));
  EXPECT_THAT(
      error_of([&] { session_.exec("DO $$ BEGIN RAISE 'Secret' USING DETAIL = 'CONSTRAINT NAME:  Secret'; END $$"); }),
      Not(HasSubstr("Secret")));
}

TEST_F(Errors, TellWhetherToTryAgainAskForRightsOrMigrate) {
  EXPECT_EQ(error_of([&] { session_.exec("SELECT * FROM nothing"); }),
            "schema: PostgreSQL, here: relation \"nothing\" does not exist");
  other().exec("CREATE ROLE nobody");
  EXPECT_EQ(error_of([&] { session_.exec("SET ROLE nobody; SELECT * FROM person"); }),
            "denied: PostgreSQL, here: permission denied for table person");
  EXPECT_THAT(error_of([&] { const Connection no(conninfo() + " user=stranger", "public", "here"); }),
              testing::AllOf(HasSubstr("denied: cannot connect to PostgreSQL for here"), HasSubstr("stranger")));
  EXPECT_THAT(error_of([&] { const Connection no("host=/nowhere", "public", "here"); }),
              HasSubstr("unavailable: cannot connect to PostgreSQL for here"));
}

TEST_F(Errors, OfALockThatSomebodyHoldsAreContention) {
  Connection hasty(conninfo(), "public", "here", {.lock_timeout = std::chrono::milliseconds(100)});
  const Transaction transaction(session_);
  session_.exec("SELECT FROM person FOR UPDATE");
  EXPECT_THAT(error_of([&] { hasty.exec("UPDATE person SET age = 31"); }), HasSubstr("contention"));
}

TEST_F(Errors, InASavepointLeaveTheTransactionUsable) {
  Transaction transaction(session_);
  for (int id = 2; id < 5; ++id) {
    const auto failure = error_of([&] {
      Savepoint savepoint(session_);
      session_.exec("INSERT INTO person VALUES ($1::int, $2, 30)",
                    {std::to_string(id), "Person " + std::to_string(id % 3)});
      if (id == 3) session_.exec("INSERT INTO person VALUES (3, 'again', 30)");
      savepoint.release();
    });
    EXPECT_EQ(failure == "none", id != 3) << failure;
  }
  transaction.commit();
  EXPECT_EQ(other().exec("SELECT count(*) FROM person").number(0, 0), 3);
}

TEST_F(Errors, InATransactionCannotBeCommittedAway) {
  Transaction transaction(session_);
  EXPECT_NE(error_of([&] { session_.exec("INSERT INTO person VALUES ($1::int, 'x', 30)", {"1"}); }), "none");
  EXPECT_NE(error_of([&] { transaction.commit(); }), "none");
}

TEST_F(Sessions, HearWhatOthersNotifyWhileTheyAreInATransactionHoweverItEnds) {
  session_.exec("LISTEN news");
  for (const bool committed : {true, false}) {
    {
      Transaction transaction(session_);
      session_.exec("SELECT 1");
      other().exec("NOTIFY news");
      if (committed) transaction.commit();
    }
    EXPECT_TRUE(session_.await_notification(std::chrono::seconds(10))) << committed;
  }
}

TEST_F(Sessions, HearWhatOthersNotify) {
  session_.exec("LISTEN news");
  EXPECT_FALSE(session_.await_notification(std::chrono::milliseconds(0)));
  other().exec("NOTIFY news; NOTIFY news, 'again'");
  EXPECT_TRUE(session_.await_notification(std::chrono::minutes(5)));
  EXPECT_FALSE(session_.await_notification(std::chrono::milliseconds(0)));
  stop_.request_stop();
  EXPECT_FALSE(session_.await_notification(std::chrono::minutes(5)));
}

TEST_F(Sessions, ServeSeveralSchemasWhateverTheirNames) {
  const std::string odd = "it's \"our\" schema";
  for (const std::string schema : {"public", odd.c_str()}) {
    session_.exec("CREATE SCHEMA IF NOT EXISTS " + session_.quoted(schema));
    session_.enter(schema);
    session_.exec("CREATE TABLE our.here (schema text)");
    session_.exec("INSERT INTO our.here VALUES ($1)", {schema});
    session_.exec("CREATE SEQUENCE our.number");
    EXPECT_EQ(session_.exec("SELECT nextval(" + session_.object("number") + ")").number(0, 0), 1);
    EXPECT_FALSE(session_.exec("SELECT to_regclass($1)", {session_.named("here")}).null(0, 0));
  }
  EXPECT_EQ(session_.exec("SELECT schema FROM our.here").text(0, 0), odd);
  session_.enter("public");
  EXPECT_EQ(session_.exec("SELECT schema FROM our.here").text(0, 0), "public");
  EXPECT_EQ(session_.exec("SELECT 'our.here, ' || $1 AS \"our.here\"", {"our.here"}).text(0, 0), "our.here, our.here");
  session_.turn_to(odd, "there");
  session_.exec("SELECT 1, " + session_.search_path_set());
  EXPECT_EQ(session_.exec("SELECT schema FROM here").text(0, 0), odd);
}

TEST_F(Sessions, AreNamedForThoseWhoLook) {
  const Connection named(conninfo() + " application_name=configured", "public", "here",
                         {.application_name = "dvsync run x"});
  const Connection unnamed(conninfo(), "public", "here");
  const auto names = other().exec(
      "SELECT string_agg(DISTINCT application_name, ',' ORDER BY application_name) FROM pg_stat_activity WHERE datname "
      "= current_database()");
  EXPECT_EQ(names.text(0, 0), "dvsync,dvsync run x");
}

}  // namespace
}  // namespace dvsync::store
