#include "dvsync/store/postgres/connection.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <mutex>

#include "answer.hpp"
#include "conninfo.hpp"
#include "errors.hpp"
#include "session.hpp"
#include "session_settings.hpp"

namespace dvsync::store {
namespace {

constexpr std::chrono::milliseconds slice{200};  // how soon a stop is noticed while nothing comes
constexpr std::chrono::seconds longest_farewell{10};
// Where the connection string does away with statement_timeout, and for reading, which takes as long as its reader.
constexpr std::chrono::hours longest_without_timeout{6};

// Statements of ours name their schema (`our.`). The path is for what others hung on the table: triggers and functions
// of theirs may name things of its schema without saying so. Temporary tables come last, so that none passes for
// another.
std::string search_path(const std::string& quoted_schema) { return quoted_schema + ", pg_temp"; }

bool is_part_of_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; }

// `our.` becomes the schema, but for texts and names in quotes.
std::string qualified(std::string_view sql, const std::string& quoted_schema) {
  constexpr std::string_view word = "our.";
  std::string text;
  text.reserve(sql.size() + 64);
  char quote = 0;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (quote == 0 && sql.substr(i).starts_with(word) && (i == 0 || !is_part_of_name(sql[i - 1]))) {
      text += quoted_schema + '.';
      i += word.size() - 1;
      continue;
    }
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    }
    text += c;
  }
  return text;
}

std::unique_ptr<Session> connect(const std::string& conninfo, const std::string& place,
                                 const ConnectionSettings& settings) {
  try {
    return std::make_unique<Session>(conninfo, settings.application_name);
  } catch (const pqxx::pqxx_exception& error) {
    if (const auto mistake = mistake_in(conninfo); !mistake.empty()) {
      throw StoreError(StoreError::Kind::refused, "the connection string of " + place + ": " + mistake);
    }
    const auto message = on_one_line(error.base().what());
    throw ConnectError(
        kind_of_connect_failure(message),
        "cannot connect to PostgreSQL for " + place + ": " + message + connection_advice(conninfo, message),
        has_no_session_left(message));
  }
}

// Poolers that lend sessions whole, as far as this was found out a moment ago: a small pool has not always a second
// session to spare for the question.
class KnownPoolers {
 public:
  bool know(const std::string& conninfo) {
    const std::scoped_lock lock(mutex_);
    const auto found = since_.find(conninfo);
    return found != since_.end() && std::chrono::steady_clock::now() - found->second < good_for;
  }
  void add(const std::string& conninfo) {
    const std::scoped_lock lock(mutex_);
    since_[conninfo] = std::chrono::steady_clock::now();
  }

 private:
  static constexpr std::chrono::minutes good_for{1};
  std::mutex mutex_;
  std::map<std::string, std::chrono::steady_clock::time_point> since_;
};

KnownPoolers& known_poolers() {
  static KnownPoolers poolers;
  return poolers;
}

}  // namespace

Connection::Connection(const std::string& conninfo, std::string place, const ConnectionSettings& settings)
    : session_(connect(conninfo, place, settings)),
      place_(std::move(place)),
      stop_(settings.stop),
      lock_timeout_(settings.lock_timeout),
      limit_(longest_farewell) {}

Connection::Connection(const std::string& conninfo, const std::string& schema, std::string place,
                       const ConnectionSettings& settings)
    : Connection(conninfo, std::move(place), settings) {
  schema_ = schema;
  quoted_schema_ = quoted(schema);
  const auto sql = select_settings(literal(search_path(quoted_schema_)), server_version(),
                                   conninfo.find("statement_timeout") != std::string::npos) +
                   ", set_config('lock_timeout', '" + std::to_string(settings.lock_timeout.count()) +
                   "', false), (extract(epoch FROM current_setting('statement_timeout')::interval) * 1000)::bigint";
  // Behind a pooler the process that answers is not the one that was announced at login. Nothing is set there before it
  // is known whose session it would be set in.
  auto row = exec(sql + " AS statement_timeout WHERE pg_backend_pid() = " + std::to_string(backend_pid()));
  if (row.empty()) {
    require_session_of_its_own(conninfo);
    row = exec(sql);
  }
  const std::chrono::milliseconds timeout(row.number(0, row.columns() - 1));
  limit_ = timeout.count() > 0 ? timeout + settings.grace : longest_without_timeout;
}

// A pooler may lend the server's sessions for a transaction or a statement. Temporary tables, settings and the sign of
// life in the lease are then anybody's. Two sessions of ours that meet in one of the server's, or one of ours that
// moves from one to another, prove it.
void Connection::require_session_of_its_own(const std::string& conninfo) {
  if (known_poolers().know(conninfo)) return;
  constexpr int rounds = 3;
  const auto server_session = [](Connection& session) { return session.exec("SELECT pg_backend_pid()").number(0, 0); };
  Connection other(conninfo, place_, ConnectionSettings{});
  const auto mine = server_session(*this);
  for (int round = 0; round < rounds; ++round) {
    if (server_session(other) != mine && server_session(*this) == mine) continue;
    throw StoreError(StoreError::Kind::schema,
                     "PostgreSQL, " + place_ +
                         ": a connection pooler lends the server's sessions for a transaction or a statement at a "
                         "time, and dvsync needs sessions of its own: use session pooling (PgBouncer: pool_mode = "
                         "session) or connect to the server directly");
  }
  known_poolers().add(conninfo);
}

Connection::~Connection() = default;

void Connection::enter(const std::string& schema) {
  turn_to(schema, place_);
  exec("SELECT " + search_path_set());
}

void Connection::turn_to(const std::string& schema, std::string place) {
  place_ = std::move(place);
  schema_ = schema;
  quoted_schema_ = quoted(schema);
}

std::string Connection::search_path_set() const {
  return "set_config('search_path', " + literal(search_path(quoted_schema_)) + ", false)";
}

int Connection::backend_pid() const { return session_->backendpid(); }
int Connection::server_version() const { return session_->server_version(); }

std::string_view Connection::server_encoding() const {
  const char* encoding = PQparameterStatus(session_->raw(), "server_encoding");
  return encoding == nullptr ? std::string_view() : encoding;
}

bool Connection::broken() const { return session_->lost(); }

template <class Statement>
Rows Connection::run(const Statement& statement) {
  const auto watch = watched();
  try {
    if (auto* transaction = session_->innermost()) return Rows(std::make_shared<TextAnswer>(statement(*transaction)));
    pqxx::nontransaction alone(*session_);
    return Rows(std::make_shared<TextAnswer>(statement(alone)));
  } catch (const pqxx::pqxx_exception& error) {
    fail(watch, error.base().what());
  }
}

Rows Connection::exec(const std::string& sql) {
  statement_ = sql;
  return run([&](pqxx::transaction_base& transaction) { return transaction.exec(in_schema(sql)); });
}

Rows Connection::exec(const std::string& sql, const std::vector<Parameter>& parameters) {
  statement_ = sql;
  return run([&](pqxx::transaction_base& transaction) {
    return transaction.exec_params(in_schema(sql), pqxx::prepare::make_dynamic_params(parameters));
  });
}

Rows Connection::exec_uuids(const std::string& sql, const std::string& uuids, const std::string* bigints) {
  constexpr Oid uuid_array = 2951;
  constexpr Oid bigint_array = 1016;
  const std::array<Oid, 2> types{uuid_array, bigint_array};
  const std::array<const char*, 2> values{uuids.data(), bigints != nullptr ? bigints->data() : nullptr};
  const std::array<int, 2> lengths{static_cast<int>(uuids.size()),
                                   bigints != nullptr ? static_cast<int>(bigints->size()) : 0};
  const std::array<int, 2> binary{1, 1};
  statement_ = sql;
  const auto watch = watched();
  auto result = owned(PQexecParams(session_->raw(), in_schema(sql).c_str(), bigints != nullptr ? 2 : 1, types.data(),
                                   values.data(), lengths.data(), binary.data(), 1));
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) fail(watch, PQresultErrorMessage(result.get()));
  return Rows(std::make_shared<BinaryAnswer>(std::move(result)));
}

bool Connection::await_notification(std::chrono::milliseconds longest) {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + longest;
  const Watch watch(session_->lifeline(), {}, longest + longest_farewell);  // it waits in slices
  try {
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
      const auto wait = std::clamp<std::chrono::microseconds>(left, std::chrono::microseconds(0), slice);
      if (session_->await_notification(0, static_cast<long>(wait.count())) > 0) return true;
      if (left.count() <= 0 || stop_.stop_requested()) return false;
    }
  } catch (const pqxx::pqxx_exception& error) {
    fail(watch, error.base().what());
  }
}

std::string Connection::quoted(std::string_view identifier) const {
  try {
    return session_->quote_name(std::string(identifier));
  } catch (const pqxx::pqxx_exception&) {
    throw StoreError(StoreError::Kind::unavailable, "PostgreSQL, " + place_ + ": " + on_one_line(session_->reason()));
  }
}

std::string Connection::literal(std::string_view text) const {
  try {
    return session_->quote(std::string(text));
  } catch (const pqxx::pqxx_exception&) {
    throw StoreError(StoreError::Kind::unavailable, "PostgreSQL, " + place_ + ": " + on_one_line(session_->reason()));
  }
}

std::string Connection::named(std::string_view name) const { return quoted_schema_ + "." + std::string(name); }

std::string Connection::object(std::string_view name) const { return literal(named(name)) + "::regclass"; }

std::string Connection::in_schema(const std::string& sql) const { return qualified(sql, quoted_schema_); }

Watch Connection::watched() const { return {session_->lifeline(), stop_, limit_}; }

// A stop must not keep us from tidying up. Without memory for a watch nobody would end a wait, so the session is cut.
std::optional<Watch> Connection::farewell() const noexcept {
  try {
    return std::optional<Watch>(std::in_place, session_->lifeline(), std::stop_token(), longest_farewell);
  } catch (const std::exception&) {
    session_->lifeline()->cut();
    return std::nullopt;
  }
}

// `message`: in the verbose form of errors.hpp, unless the session is lost, which has its own.
void Connection::fail(const Watch& watch, std::string_view message) const {
  const bool lost = broken();
  if (message.empty()) message = "libpq gave no answer: is memory short?";
  const auto error = parse_error(lost ? session_->reason() : message);
  if (stop_.stop_requested() && (error.sqlstate == "57014" || watch.gave_up())) throw Interrupted();
  if (watch.gave_up()) {
    throw StoreError(StoreError::Kind::unavailable,
                     "PostgreSQL, " + place_ + ": the server is connected, but does not answer");
  }
  if (lost) throw StoreError(StoreError::Kind::unavailable, "PostgreSQL, " + place_ + ": " + error.message);
  throw_error(error, place_, statement_);
}

void Connection::begin() {
  const auto watch = watched();
  try {
    session_->transaction.emplace(*session_);
  } catch (const pqxx::pqxx_exception& error) {
    fail(watch, error.base().what());
  }
}

void Connection::commit() {
  const auto watch = watched();
  // A failure that libpqxx did not see (of a COPY) would make a rollback of it, without a word.
  if (PQtransactionStatus(session_->raw()) == PQTRANS_INERROR) {
    throw StoreError(StoreError::Kind::unavailable,
                     "PostgreSQL, " + place_ + ": a transaction that failed was to be committed");
  }
  try {
    session_->transaction->commit();
  } catch (const pqxx::in_doubt_error&) {
    throw StoreError(StoreError::Kind::unavailable,
                     "PostgreSQL, " + place_ +
                         ": the session was lost while it committed, and the last changes may or may not be there: " +
                         parse_error(session_->reason()).message);
  } catch (const pqxx::pqxx_exception& error) {
    fail(watch, error.base().what());
  }
  session_->transaction.reset();
}

// libpqxx, left to end a transaction that is open, forgets it first and so drops what was notified meanwhile.
void Connection::rollback() noexcept {
  leave_statement();
  const auto watch = farewell();
  try {
    if (session_->transaction) session_->transaction->abort();
  } catch (const std::exception&) {
    // The session is lost, and the transaction with it.
  }
  session_->transaction.reset();
}

void Connection::set_savepoint(std::optional<std::chrono::milliseconds> lock_timeout) {
  const auto watch = watched();
  const auto set = [](std::chrono::milliseconds timeout) {
    return "SET LOCAL lock_timeout = " + std::to_string(timeout.count());
  };
  try {
    session_->savepoints.push_back(std::make_unique<Subtransaction>(*session_->innermost(),
                                                                    lock_timeout ? "; " + set(*lock_timeout) : "",
                                                                    lock_timeout ? set(lock_timeout_) + "; " : ""));
  } catch (const pqxx::pqxx_exception& error) {
    fail(watch, error.base().what());
  }
}

void Connection::release_savepoint() {
  const auto watch = watched();
  try {
    session_->savepoints.back()->commit();
  } catch (const pqxx::pqxx_exception& error) {
    fail(watch, error.base().what());
  }
  session_->savepoints.pop_back();
}

void Connection::back_to_savepoint() noexcept {
  leave_statement();
  const auto watch = farewell();
  session_->savepoints.pop_back();
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
