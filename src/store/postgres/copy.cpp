// COPY in binary, both ways, on libpq's own handle: libpqxx knows only its text, and only line by line.

#include "answer.hpp"
#include "dvsync/store/postgres/connection.hpp"
#include "session.hpp"

namespace dvsync::store {
namespace {

constexpr std::chrono::minutes longest_silence{15};

constexpr int copy_failed = -2;  // PQgetCopyData: libpq itself has failed, most likely for want of memory

using Message = std::unique_ptr<char, decltype(&PQfreemem)>;

// The end of whatever the server still answers.
void skip_results(PGconn* connection) {
  while (const auto result = owned(PQgetResult(connection))) {
    if (PQresultStatus(result.get()) == PGRES_COPY_OUT) {
      int size = 0;
      for (char* message = nullptr; (size = PQgetCopyData(connection, &message, 0)) > 0;) PQfreemem(message);
      if (size == copy_failed) return;  // its end is out of reach, and the answer would be COPY for ever
    }
    if (PQstatus(connection) != CONNECTION_OK) return;  // it would say so for ever
  }
}

}  // namespace

void Connection::begin_copy(const std::string& statement) {
  statement_ = statement;
  const auto watch = watched();
  const auto answer = owned(PQexec(session_->raw(), in_schema(statement).c_str()));
  if (PQresultStatus(answer.get()) != PGRES_COPY_IN) fail(watch, PQresultErrorMessage(answer.get()));
}

void Connection::put_copy(std::string_view lines) {
  if (lines.empty()) return;
  const auto watch = watched();
  if (PQputCopyData(session_->raw(), lines.data(), static_cast<int>(lines.size())) == 1) return;
  PQputCopyEnd(session_->raw(), "given up");
  finish_copy(watch);  // throws with the server's own reason
  fail(watch, PQerrorMessage(session_->raw()));
}

std::int64_t Connection::end_copy() {
  const auto watch = watched();
  if (PQputCopyEnd(session_->raw(), nullptr) != 1) fail(watch, PQerrorMessage(session_->raw()));
  return finish_copy(watch).affected();
}

std::int64_t Connection::copy_in(const std::string& statement, std::string_view lines) {
  if (lines.empty()) return 0;
  begin_copy(statement);
  put_copy(lines);
  return end_copy();
}

// The server's last word on a COPY.
Rows Connection::finish_copy(const Watch& watch) {
  auto answer = owned(PQgetResult(session_->raw()));
  skip_results(session_->raw());
  if (!answer) fail(watch, PQerrorMessage(session_->raw()));
  if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) fail(watch, PQresultErrorMessage(answer.get()));
  return Rows(std::make_shared<BinaryAnswer>(std::move(answer)));
}

void Connection::begin_reading(const std::string& query) {
  statement_ = query;
  const auto watch = watched();
  const auto answer =
      owned(PQexec(session_->raw(), ("COPY (" + in_schema(query) + ") TO STDOUT (FORMAT binary)").c_str()));
  if (PQresultStatus(answer.get()) != PGRES_COPY_OUT) fail(watch, PQresultErrorMessage(answer.get()));
}

bool Connection::read(Rows& rows, int most) {
  rows.clear();
  const Watch watch(session_->lifeline(), stop_, longest_silence);
  if (broken()) fail(watch, {});
  if (PQtransactionStatus(session_->raw()) != PQTRANS_ACTIVE) return false;  // the end has been read
  while (rows.size() < most) {
    char* text = nullptr;
    const int size = PQgetCopyData(session_->raw(), &text, 0);
    if (size == copy_failed) fail(watch, PQerrorMessage(session_->raw()));
    if (size <= 0) {  // the end, or a failure: the result tells which
      finish_copy(watch);
      break;
    }
    const Message message(text, &PQfreemem);
    if (!rows.copied_.add({text, static_cast<std::size_t>(size)})) {
      throw StoreError(StoreError::Kind::unavailable, "PostgreSQL, " + place_ + ": its answer to COPY makes no sense");
    }
  }
  return !rows.empty();
}

// To the end of the statement in hand, if there is one, whatever it answers.
void Connection::leave_statement() noexcept {
  const auto watch = farewell();
  if (PQtransactionStatus(session_->raw()) != PQTRANS_ACTIVE) return;
  if (PQputCopyEnd(session_->raw(), "given up") != 1 && watch) watch->cancel();  // it is we who read
  skip_results(session_->raw());
}

}  // namespace dvsync::store
