#include "dvsync/store/postgres/connection.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "session_settings.hpp"

namespace dvsync::store {
namespace {

constexpr int slice_ms = 200;  // how soon a stop is noticed while a statement runs
constexpr std::chrono::minutes longest_silence{15};
constexpr std::chrono::seconds longest_farewell{30};

// A view of libpq's message without its trailing newline.
std::string trimmed(const char* message) {
  std::string text = message == nullptr ? "" : message;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

std::string field(const PGresult* result, int code) {
  const char* value = result == nullptr ? nullptr : PQresultErrorField(result, code);
  return value == nullptr ? "" : value;
}

// Also what a foreign table's own triggers and indexes say of one row: too long for an index (54), or not now (55000).
bool is_row_error(std::string_view sqlstate) {
  constexpr std::array<std::string_view, 10> classes{"21", "22", "23", "27", "2F", "38", "39", "44", "54", "P0"};
  return sqlstate == "55000" || std::find(classes.begin(), classes.end(), sqlstate.substr(0, 2)) != classes.end();
}

StoreError::Kind kind_of(std::string_view sqlstate) {
  if (sqlstate == "42501" || sqlstate.starts_with("28")) return StoreError::Kind::denied;
  if (sqlstate.starts_with("42") || sqlstate == "3F000" || sqlstate == "3D000") return StoreError::Kind::schema;
  return StoreError::Kind::unavailable;  // connection, resources, shutdown, deadlock, serialisation: try again
}

StoreError::Kind kind_of_connect_failure(std::string_view message) {
  const bool denied =
      message.find("authentication failed") != std::string_view::npos ||
      message.find("no pg_hba.conf entry") != std::string_view::npos ||
      message.find("no password supplied") != std::string_view::npos ||
      (message.find("role \"") != std::string_view::npos && message.find("does not exist") != std::string_view::npos);
  return denied ? StoreError::Kind::denied : StoreError::Kind::unavailable;
}

PGconn* connect(const std::string& conninfo) {
  const std::array<const char*, 10> keywords{
      "connect_timeout",      "keepalives_idle",  "keepalives_interval", "keepalives_count", "tcp_user_timeout",
      "target_session_attrs", "application_name", "client_encoding",     "dbname",           nullptr};
  const std::array<const char*, 10> values{
      "10", "30", "10", "3", "60000", "read-write", "dvsync", "UTF8", conninfo.c_str(), nullptr};
  return PQconnectdbParams(keywords.data(), values.data(), 1);
}

// libpq looks for a server that takes writes, and does not say why it found none.
std::string advice_for(std::string_view message) {
  if (message.find("session is read-only") == std::string_view::npos) return "";
  return ". dvsync writes: name the primary server, or reset default_transaction_read_only there";
}

std::string search_path(const std::string& quoted_schema) { return quoted_schema + ", pg_temp"; }

std::int64_t parse_number(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// smallint, integer or bigint: big-endian, signed.
std::int64_t number_from_bytes(std::string_view bytes) {
  std::uint64_t number = !bytes.empty() && (bytes.front() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(number);
}

}  // namespace

std::string_view Rows::text(int row, int column) const {
  if (!result_) return copied_.bytes(row, column);
  return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::optional<std::string> Rows::optional_text(int row, int column) const {
  if (null(row, column)) return std::nullopt;
  return std::string(text(row, column));
}

std::int64_t Rows::number(int row, int column) const {
  return binary_ ? number_from_bytes(text(row, column)) : parse_number(text(row, column));
}

std::optional<core::Guid> Rows::guid(int row, int column) const {
  if (null(row, column)) return std::nullopt;
  const auto value = text(row, column);
  if (!binary_) return core::parse_guid(value);
  core::Guid guid;
  if (value.size() != guid.bytes.size()) return std::nullopt;
  std::memcpy(guid.bytes.data(), value.data(), value.size());
  return guid;
}

std::optional<std::int64_t> Rows::optional_number(int row, int column) const {
  if (null(row, column)) return std::nullopt;
  return number(row, column);
}

bool Rows::boolean(int row, int column) const {
  const auto value = text(row, column);
  return !value.empty() && value.front() == (binary_ ? '\1' : 't');
}

void Rows::clear() {
  result_.reset();
  copied_.clear();
  binary_ = true;
}

std::int64_t Rows::affected() const { return parse_number(PQcmdTuples(result_.get())); }

Connection::Connection(const std::string& conninfo, std::string place)
    : handle_(connect(conninfo), &PQfinish), place_(std::move(place)) {
  if (broken()) {
    const auto message = trimmed(PQerrorMessage(handle_.get()));
    throw StoreError(kind_of_connect_failure(message),
                     "cannot connect to PostgreSQL for " + place_ + ": " + message + advice_for(message));
  }
  PQsetNoticeProcessor(
      handle_.get(), [](void*, const char*) {}, nullptr);
}

Connection::Connection(const std::string& conninfo, const std::string& schema, std::string place)
    : Connection(conninfo, std::move(place)) {
  const auto settings = select_settings(literal(search_path(quoted(schema))), server_version(),
                                        conninfo.find("statement_timeout") != std::string::npos);
  // Behind a pooler the process that answers is not the one that was announced at login. Nothing is set there before it
  // is known whose session it would be set in.
  if (!exec(settings + " WHERE pg_backend_pid() = " + std::to_string(backend_pid())).empty()) return;
  require_session_of_its_own(conninfo);
  exec(settings);
}

// A pooler may lend the server's sessions for a transaction or a statement. Temporary tables, settings and the sign of
// life in the lease are then anybody's. Two sessions of ours that meet in one of the server's, or one of ours that
// moves from one to another, prove it.
void Connection::require_session_of_its_own(const std::string& conninfo) {
  constexpr int rounds = 3;
  const auto server_session = [](Connection& session) { return session.exec("SELECT pg_backend_pid()").number(0, 0); };
  Connection other(conninfo, place_);
  const auto mine = server_session(*this);
  for (int round = 0; round < rounds; ++round) {
    if (server_session(other) != mine && server_session(*this) == mine) continue;
    throw StoreError(StoreError::Kind::schema,
                     "PostgreSQL, " + place_ +
                         ": a connection pooler lends the server's sessions for a transaction or a statement at a "
                         "time, and dvsync needs sessions of its own: use session pooling (PgBouncer: pool_mode = "
                         "session) or connect to the server directly");
  }
}

void Connection::enter(const std::string& schema) { exec("SET search_path = " + search_path(quoted(schema))); }

Rows Connection::exec(const std::string& sql) {
  send(sql);
  return finish();
}

Rows Connection::exec(const std::string& sql, const std::vector<Parameter>& parameters) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const auto& parameter : parameters) values.push_back(parameter ? parameter->c_str() : nullptr);
  if (PQsendQueryParams(handle_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr,
                        nullptr, 0) == 0) {
    fail(nullptr);
  }
  return finish();
}

Rows Connection::exec_uuids(const std::string& sql, const std::string& uuids, const std::string* bigints) {
  constexpr Oid uuid_array = 2951;
  constexpr Oid bigint_array = 1016;
  const std::array<Oid, 2> types{uuid_array, bigint_array};
  const std::array<const char*, 2> values{uuids.data(), bigints != nullptr ? bigints->data() : nullptr};
  const std::array<int, 2> lengths{static_cast<int>(uuids.size()),
                                   bigints != nullptr ? static_cast<int>(bigints->size()) : 0};
  const std::array<int, 2> binary{1, 1};
  if (PQsendQueryParams(handle_.get(), sql.c_str(), bigints != nullptr ? 2 : 1, types.data(), values.data(),
                        lengths.data(), binary.data(), 1) == 0) {
    fail(nullptr);
  }
  return finish();
}

void Connection::send(const std::string& sql) {
  if (PQsendQuery(handle_.get(), sql.c_str()) == 0) fail(nullptr);
}

bool Connection::await_notification(std::chrono::milliseconds longest) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  for (bool any = false;;) {
    if (PQconsumeInput(handle_.get()) == 0) fail(nullptr);
    while (PGnotify* notification = PQnotifies(handle_.get())) {
      PQfreemem(notification);
      any = true;
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (any || left <= 0 || stop_.stop_requested()) return any;
    pollfd waiting{PQsocket(handle_.get()), POLLIN, 0};
    if (poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left, slice_ms))) < 0 && errno != EINTR)
      fail(nullptr);
  }
}

void Connection::begin_copy(const std::string& statement) {
  if (PQsendQuery(handle_.get(), statement.c_str()) == 0) fail(nullptr);
  wait_readable();
  const std::unique_ptr<PGresult, decltype(&PQclear)> answer(PQgetResult(handle_.get()), &PQclear);
  if (PQresultStatus(answer.get()) == PGRES_COPY_IN) return;
  while (PGresult* rest = PQgetResult(handle_.get())) PQclear(rest);
  fail(answer.get());
}

void Connection::put_copy(std::string_view lines) {
  if (lines.empty()) return;
  if (PQputCopyData(handle_.get(), lines.data(), static_cast<int>(lines.size())) != 1) {
    PQputCopyEnd(handle_.get(), "given up");
    finish();  // throws with the server's own reason
    fail(nullptr);
  }
}

std::int64_t Connection::end_copy() {
  if (PQputCopyEnd(handle_.get(), nullptr) != 1) fail(nullptr);
  return finish().affected();
}

void Connection::begin_reading(const std::string& query) {
  send("COPY (" + query + ") TO STDOUT (FORMAT binary)");
  wait_readable();
  const std::unique_ptr<PGresult, decltype(&PQclear)> answer(PQgetResult(handle_.get()), &PQclear);
  if (PQresultStatus(answer.get()) == PGRES_COPY_OUT) return;
  while (PGresult* rest = PQgetResult(handle_.get())) PQclear(rest);
  fail(answer.get());
}

bool Connection::read(Rows& rows, int most) {
  rows.clear();
  if (broken()) fail(nullptr);
  if (PQtransactionStatus(handle_.get()) != PQTRANS_ACTIVE) return false;  // the end has been read
  while (rows.size() < most) {
    if (read_some(rows.copied_)) continue;
    finish();
    break;
  }
  return !rows.empty();
}

// False: that was all.
bool Connection::read_some(CopiedRows& rows) {
  char* message = nullptr;
  std::optional<std::chrono::steady_clock::time_point> waiting_since;
  for (bool cancelled = false;;) {
    const int size = PQgetCopyData(handle_.get(), &message, 1);
    if (size > 0) {
      const std::unique_ptr<char, decltype(&PQfreemem)> freed(message, &PQfreemem);
      if (rows.add({message, static_cast<std::size_t>(size)})) return true;
      throw StoreError(StoreError::Kind::unavailable, "PostgreSQL, " + place_ + ": its answer to COPY makes no sense");
    }
    if (size < 0) return false;  // the end, or a failure: finish() tells which
    pollfd waiting{PQsocket(handle_.get()), POLLIN, 0};
    const int ready = poll(&waiting, 1, slice_ms);
    if (ready < 0 && errno != EINTR) fail(nullptr);
    if (ready >= 0 && PQconsumeInput(handle_.get()) == 0) fail(nullptr);
    if (stop_.stop_requested() && !std::exchange(cancelled, true)) cancel();  // and its failure comes as the end
    const auto now = std::chrono::steady_clock::now();
    if (ready > 0 || !waiting_since) waiting_since = now;
    if (now - *waiting_since > longest_silence) {
      throw StoreError(StoreError::Kind::unavailable, "PostgreSQL, " + place_ + ": no rows for 15 minutes");
    }
  }
}

// To the end of the statement in hand, whatever it answers. A server that does not even end it is left alone.
void Connection::drain() {
  const auto until = std::chrono::steady_clock::now() + longest_farewell;
  for (bool copying = false;;) {
    char* message = nullptr;
    const int size = copying ? PQgetCopyData(handle_.get(), &message, 1) : -1;
    if (size > 0) PQfreemem(message);
    copying = copying && size >= 0;
    const bool waiting = copying ? size == 0 : PQisBusy(handle_.get()) != 0;
    if (waiting) {
      pollfd input{PQsocket(handle_.get()), POLLIN, 0};
      poll(&input, 1, slice_ms);
      if (PQconsumeInput(handle_.get()) == 0) return;
      if (std::chrono::steady_clock::now() > until) return handle_.reset();
    } else if (!copying) {
      const std::unique_ptr<PGresult, decltype(&PQclear)> rest(PQgetResult(handle_.get()), &PQclear);
      if (!rest) return;
      copying = PQresultStatus(rest.get()) == PGRES_COPY_OUT;
    }
  }
}

void Connection::cancel() noexcept {
  std::array<char, 256> ignored{};
  const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> cancel(PQgetCancel(handle_.get()), &PQfreeCancel);
  if (cancel) PQcancel(cancel.get(), ignored.data(), static_cast<int>(ignored.size()));
}

std::string Connection::quoted(std::string_view identifier) const {
  const std::unique_ptr<char, decltype(&PQfreemem)> text(
      PQescapeIdentifier(handle_.get(), identifier.data(), identifier.size()), &PQfreemem);
  if (!text) fail(nullptr);
  return text.get();
}

std::string Connection::literal(std::string_view text) const {
  const std::unique_ptr<char, decltype(&PQfreemem)> escaped(PQescapeLiteral(handle_.get(), text.data(), text.size()),
                                                            &PQfreemem);
  if (!escaped) fail(nullptr);
  return escaped.get();
}

bool Connection::in_transaction() const {
  const auto status = PQtransactionStatus(handle_.get());
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

void Connection::rollback() noexcept {
  if (broken()) return;
  const auto stop = std::exchange(stop_, {});  // a stop must not keep us from tidying up
  try {
    if (PQtransactionStatus(handle_.get()) == PQTRANS_ACTIVE) {
      if (PQputCopyEnd(handle_.get(), "given up") != 1) cancel();  // it is we who read
      drain();
    }
    if (in_transaction()) exec("ROLLBACK");
  } catch (const std::exception&) {
    // The session is lost: the server rolls back by itself.
  }
  stop_ = stop;
}

Rows Connection::finish() {
  std::unique_ptr<PGresult, decltype(&PQclear)> last(nullptr, &PQclear);
  for (;;) {
    wait_readable();
    std::unique_ptr<PGresult, decltype(&PQclear)> next(PQgetResult(handle_.get()), &PQclear);
    if (!next) break;
    const auto status = PQresultStatus(next.get());
    const bool failed = status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
    if (!last || PQresultStatus(last.get()) != PGRES_FATAL_ERROR || failed) last = std::move(next);
    if (broken()) break;
  }
  if (!last) fail(nullptr);
  const auto status = PQresultStatus(last.get());
  if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) fail(last.get());
  return Rows(last.release());
}

void Connection::wait_readable() {
  bool cancelled = false;
  while (PQisBusy(handle_.get()) != 0) {
    pollfd waiting{PQsocket(handle_.get()), POLLIN, 0};
    const int ready = poll(&waiting, 1, slice_ms);
    if (ready >= 0 && PQconsumeInput(handle_.get()) == 0) return;  // PQgetResult reports the loss
    if (ready < 0 && errno != EINTR) return;
    if (stop_.stop_requested() && !cancelled) {
      cancel();
      cancelled = true;
    }
  }
}

void Connection::fail(const PGresult* result) const {
  const auto sqlstate = field(result, PG_DIAG_SQLSTATE);
  auto message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (message.empty()) message = trimmed(PQerrorMessage(handle_.get()));
  if (stop_.stop_requested() && sqlstate == "57014") throw Interrupted();
  if (is_row_error(sqlstate)) {
    // The primary message of these classes can hold the row's values: the constraint and the code say enough.
    const auto constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    const auto column = field(result, PG_DIAG_COLUMN_NAME);
    std::string what = "PostgreSQL refuses the row (" + sqlstate;
    if (!constraint.empty()) what += ", constraint " + constraint;
    if (!column.empty()) what += ", column " + column;
    throw RowError(sqlstate, what + ")");
  }
  if (sqlstate == "55P03" || sqlstate == "40P01") throw ContentionError("PostgreSQL, " + place_ + ": " + message);
  throw StoreError(kind_of(sqlstate), "PostgreSQL, " + place_ + ": " + message);
}

std::string to_array(const std::vector<std::string>& items) {
  std::string text = "{";
  for (const auto& item : items) {
    if (text.size() > 1) text += ',';
    text += '"';
    for (const char c : item) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + "}";
}

}  // namespace dvsync::store
