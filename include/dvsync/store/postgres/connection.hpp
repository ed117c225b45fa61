#pragma once
// A PostgreSQL session in a schema: the mirror's or an environment's. Statements name the schema's tables and functions
// with the word `our` ("SELECT … FROM our.identity"), temporary tables and PostgreSQL's own without it; where a name is
// a value, object("sync_state") is what `'our.sync_state'::regclass` would be. So one session can serve several
// schemas.
//
// A lost session stays lost: it would come back without its temporary tables and locks, and walk
// around the fence.
//
// One thread at a time. Every failure is a StoreError without values (errors.hpp). No wait is without a limit: a server
// that is connected and silent costs the session, somewhat after statement_timeout should have ended the statement.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/store/postgres/errors.hpp"
#include "dvsync/store/postgres/rows.hpp"

namespace dvsync::store {

class Session;
class Watch;

using Parameter = std::optional<std::string>;

struct ConnectionSettings {
  std::stop_token stop = {};          // ends the statement in hand within half a second: Interrupted
  std::string application_name = {};  // as others see it in pg_stat_activity; empty: what the connection string says
  std::chrono::milliseconds lock_timeout = std::chrono::seconds(60);
  // Beyond statement_timeout, before a server counts as silent.
  std::chrono::milliseconds grace = std::chrono::seconds(60);
};

class Connection {
 public:
  // `conninfo` is the configuration's; limits it does not set get defaults (connect_timeout, keepalives,
  // tcp_user_timeout, target_session_attrs=read-write, statement_timeout). Whatever else statements depend on is set
  // too (postgres/session_settings.hpp). `place` names the server in messages ("the mirror", "environment contoso").
  // Throws StoreError schema if a pooler lends the server's sessions piece by piece.
  Connection(const std::string& conninfo, const std::string& schema, std::string place,
             const ConnectionSettings& settings = {});
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // From now on in this schema.
  void enter(const std::string& schema);
  // The same, but the search path is left to the next statement: a SELECT of search_path_set() among others.
  void turn_to(const std::string& schema, std::string place);
  [[nodiscard]] std::string search_path_set() const;
  [[nodiscard]] const std::string& schema() const { return schema_; }

  void stop_on(std::stop_token stop) { stop_ = std::move(stop); }

  Rows exec(const std::string& sql);
  Rows exec(const std::string& sql, const std::vector<Parameter>& parameters);
  // Two arrays of one length in binary form, for bulk look-ups: $1 uuid[] and, if given, $2 bigint[]. Answers in
  // binary.
  Rows exec_uuids(const std::string& sql, const std::string& uuids, const std::string* bigints = nullptr);

  void call_itself(const std::string& name) { exec("SET application_name = " + literal(name)); }

  // After LISTEN, outside of a transaction: waits until a notification comes, or a stop is requested, but not longer
  // than `longest`; takes all that came. Whether any did.
  bool await_notification(std::chrono::milliseconds longest);

  // COPY … FROM STDIN: `statement`, then any number of chunks of whole lines, then the end.
  void begin_copy(const std::string& statement);
  void put_copy(std::string_view lines);
  std::int64_t end_copy();
  // All of it at once; nothing is asked of the server where there are no lines. How many rows were taken.
  std::int64_t copy_in(const std::string& statement, std::string_view lines);

  // A query's rows in binary, as the server makes them (COPY … TO STDOUT): begin_reading(), then read() until it says
  // that there were no more. Cheaper than a cursor, whose rows the server stores away before it sends them.
  void begin_reading(const std::string& query);
  bool read(Rows& rows, int most);

  [[nodiscard]] std::string quoted(std::string_view identifier) const;  // "identifier"
  [[nodiscard]] std::string literal(std::string_view text) const;       // 'text'
  [[nodiscard]] std::string named(std::string_view name) const;         // "schema".name, as a value of a parameter
  [[nodiscard]] std::string object(std::string_view name) const;        // '"schema".name'::regclass
  [[nodiscard]] int backend_pid() const;
  [[nodiscard]] int server_version() const;                // 150004: 15.4
  [[nodiscard]] std::string_view server_encoding() const;  // as PostgreSQL calls it: "UTF8", "LATIN1"
  [[nodiscard]] const std::string& place() const { return place_; }
  // Whether the session is known to be lost.
  [[nodiscard]] bool broken() const;

 private:
  friend class Transaction;
  friend class Savepoint;

  Connection(const std::string& conninfo, std::string place, const ConnectionSettings& settings);  // sets nothing
  void require_session_of_its_own(const std::string& conninfo);
  template <class Statement>
  Rows run(const Statement& statement);
  [[nodiscard]] Watch watched() const;
  [[nodiscard]] std::optional<Watch> farewell() const noexcept;
  [[nodiscard]] std::string in_schema(const std::string& sql) const;
  [[noreturn]] void fail(const Watch& watch, std::string_view message) const;
  void leave_statement() noexcept;
  Rows finish_copy(const Watch& watch);

  void begin();
  void commit();
  void rollback() noexcept;
  void set_savepoint(std::optional<std::chrono::milliseconds> lock_timeout);
  void release_savepoint();
  void back_to_savepoint() noexcept;

  std::unique_ptr<Session> session_;
  std::string place_;
  std::string schema_;
  std::string quoted_schema_;
  std::string statement_;  // the last one, to say what failed
  std::stop_token stop_;
  std::chrono::milliseconds lock_timeout_;
  std::chrono::milliseconds limit_;
};

// BEGIN on construction; rolled back unless committed.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) { connection_.begin(); }
  ~Transaction() {
    if (!committed_) connection_.rollback();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  // Throws as every statement does. A session that is lost meanwhile leaves it open whether the changes are there.
  void commit() {
    connection_.commit();
    committed_ = true;
  }

 private:
  Connection& connection_;
  bool committed_ = false;
};

// A part of a transaction that may fail and be tried otherwise: back to its beginning unless released. One may stand
// within another. `lock_timeout`: another one than the session's, until then.
class Savepoint {
 public:
  explicit Savepoint(Connection& connection, std::optional<std::chrono::milliseconds> lock_timeout = {})
      : connection_(connection) {
    connection_.set_savepoint(lock_timeout);
  }
  ~Savepoint() {
    if (!released_) connection_.back_to_savepoint();
  }
  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;
  void release() {
    connection_.release_savepoint();
    released_ = true;
  }

 private:
  Connection& connection_;
  bool released_ = false;
};

// "{a,b}" for a text parameter cast to an array.
[[nodiscard]] std::string to_array(const std::vector<std::string>& items);

}  // namespace dvsync::store
