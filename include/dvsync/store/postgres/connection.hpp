#pragma once
// A PostgreSQL session, on libpq. libpqxx 6.4 reconnects behind the caller's back, which would lose temporary tables
// and walk around the fence; here a lost session stays lost (docs/dependencies.md).
//
// One thread at a time. Every failure is a StoreError without values; a statement that fails on the data of a row
// (SQLSTATE classes 22, 23, 44, 54, P0 and the like) is a RowError, so that the row can be isolated.

#include <libpq-fe.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/error.hpp"
#include "dvsync/store/postgres/copied_rows.hpp"

namespace dvsync::store {

class RowError : public StoreError {
 public:
  RowError(std::string sqlstate, const std::string& message)
      : StoreError(Kind::refused, message), sqlstate_(std::move(sqlstate)) {}
  [[nodiscard]] const std::string& sqlstate() const { return sqlstate_; }
  [[nodiscard]] bool unique_violation() const { return sqlstate_ == "23505"; }

 private:
  std::string sqlstate_;
};

// Somebody else held what the statement waited for (lock_timeout, deadlock): roll back, and try again.
class ContentionError : public StoreError {
 public:
  explicit ContentionError(const std::string& message) : StoreError(Kind::unavailable, message) {}
};

// A query's answer, in text or (bulk) in PostgreSQL's binary forms; texts are the same in both. Valid as long as it
// lives.
class Rows {
 public:
  explicit Rows(PGresult* result) : result_(result, &PQclear), binary_(PQbinaryTuples(result) != 0) {}
  Rows() : result_(nullptr, &PQclear), binary_(true) {}  // for Connection::read()
  [[nodiscard]] int size() const { return result_ ? PQntuples(result_.get()) : copied_.size(); }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] bool null(int row, int column) const {
    return result_ ? PQgetisnull(result_.get(), row, column) != 0 : copied_.null(row, column);
  }
  [[nodiscard]] std::string_view text(int row, int column) const;
  [[nodiscard]] std::optional<std::string> optional_text(int row, int column) const;
  [[nodiscard]] std::int64_t number(int row, int column) const;  // null: 0
  [[nodiscard]] std::optional<std::int64_t> optional_number(int row, int column) const;
  [[nodiscard]] std::optional<core::Guid> guid(int row, int column) const;
  [[nodiscard]] bool boolean(int row, int column) const;  // null: false
  [[nodiscard]] std::int64_t affected() const;            // rows of an INSERT, UPDATE, DELETE
  void clear();                                           // none left; keeps its memory

 private:
  friend class Connection;
  std::unique_ptr<PGresult, decltype(&PQclear)> result_;
  CopiedRows copied_;  // if there is no result
  bool binary_;
};

using Parameter = std::optional<std::string>;

class Connection {
 public:
  // `conninfo` is the configuration's; limits it does not set get defaults (connect_timeout, keepalives,
  // tcp_user_timeout, target_session_attrs=read-write, statement_timeout). `schema` becomes the search_path. Whatever
  // else statements depend on is set too (postgres/session_settings.hpp). `place` names the server in messages ("the
  // mirror", "environment contoso"). Throws StoreError schema if a pooler lends the server's sessions piece by piece.
  Connection(const std::string& conninfo, const std::string& schema, std::string place);

  // From now on in this schema: one session can serve several.
  void enter(const std::string& schema);

  // Checked between slices while a statement runs; on a stop the statement is cancelled and Interrupted thrown.
  void stop_on(std::stop_token stop) { stop_ = std::move(stop); }

  Rows exec(const std::string& sql);
  Rows exec(const std::string& sql, const std::vector<Parameter>& parameters);
  // Two arrays of one length in binary form, for bulk look-ups: $1 uuid[] and, if given, $2 bigint[]. Answers in
  // binary.
  Rows exec_uuids(const std::string& sql, const std::string& uuids, const std::string* bigints = nullptr);

  // As others see it in pg_stat_activity (application_name).
  void call_itself(const std::string& name) { exec("SET application_name = " + literal(name)); }

  // After LISTEN: waits until a notification comes, or a stop is requested, but not longer than `longest`; takes all
  // that came. Whether any did.
  bool await_notification(std::chrono::milliseconds longest);

  // COPY … FROM STDIN: `statement`, then any number of chunks of whole lines, then the end.
  void begin_copy(const std::string& statement);
  void put_copy(std::string_view lines);
  std::int64_t end_copy();

  // A query's rows in binary, as the server makes them (COPY … TO STDOUT): begin_reading(), then read() until it says
  // that there were no more. Cheaper than a cursor, whose rows the server stores away before it sends them.
  void begin_reading(const std::string& query);
  bool read(Rows& rows, int most);

  [[nodiscard]] std::string quoted(std::string_view identifier) const;  // "identifier"
  [[nodiscard]] std::string literal(std::string_view text) const;       // 'text'
  [[nodiscard]] int backend_pid() const { return PQbackendPID(handle_.get()); }
  [[nodiscard]] int server_version() const { return PQserverVersion(handle_.get()); }  // 150004: 15.4
  // As PostgreSQL calls it: "UTF8", "LATIN1".
  [[nodiscard]] std::string_view server_encoding() const {
    const char* encoding = PQparameterStatus(handle_.get(), "server_encoding");
    return encoding == nullptr ? std::string_view() : encoding;
  }
  [[nodiscard]] const std::string& place() const { return place_; }
  [[nodiscard]] bool in_transaction() const;
  // Whether the session is known to be lost.
  [[nodiscard]] bool broken() const { return PQstatus(handle_.get()) != CONNECTION_OK; }
  void rollback() noexcept;

 private:
  Connection(const std::string& conninfo, std::string place);  // connects and sets nothing
  void require_session_of_its_own(const std::string& conninfo);
  void send(const std::string& sql);
  Rows finish();  // waits for the last statement sent and returns its last result
  void wait_readable();
  bool read_some(CopiedRows& rows);
  void drain();
  void cancel() noexcept;
  [[noreturn]] void fail(const PGresult* result) const;

  std::unique_ptr<PGconn, decltype(&PQfinish)> handle_;
  std::string place_;
  std::stop_token stop_;
};

// BEGIN on construction; rolled back unless committed.
class Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) { connection_.exec("BEGIN"); }
  ~Transaction() {
    if (!committed_) connection_.rollback();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    connection_.exec("COMMIT");
    committed_ = true;
  }

 private:
  Connection& connection_;
  bool committed_ = false;
};

// "{a,b}" for a text parameter cast to an array.
[[nodiscard]] std::string to_array(const std::vector<std::string>& items);

}  // namespace dvsync::store
