#pragma once
// Ends a statement that must not go on. The PostgreSQL libraries wait for an answer without any limit, so somebody else
// has to look at the clock: one thread of the process watches all statements in hand.
//
// - Once a stop is requested, the server is asked to cancel the statement, and asked again every 200 ms while it runs:
// a
//   request that comes before the statement is lost. Statements of a moment go through even then, so that a batch in
//   hand can be finished.
// - A server that is connected and silent, past the statement's limit or past a stop, is given up: the socket is shut
//   down, the library's wait ends, and the session is lost.
//
// Private to store/postgres.

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <stop_token>

namespace dvsync::store {

// What it takes to reach into a session from outside. Copies share it.
class Lifeline {
 public:
  explicit Lifeline(PGconn* connection);
  ~Lifeline();
  Lifeline(const Lifeline&) = delete;
  Lifeline& operator=(const Lifeline&) = delete;

  void ask_to_cancel() const noexcept;
  void cut() const noexcept;  // no wait on this session lasts any longer

 private:
  std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> cancel_;
  int socket_;  // the connection's, duplicated: ours to use whatever becomes of the original
};

// As long as it lives, a statement is in hand.
class Watch {
 public:
  Watch(std::shared_ptr<const Lifeline> lifeline, std::stop_token stop, std::chrono::milliseconds limit);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // For who has no use for what the statement still says.
  void cancel() const;
  // The server was silent for too long, and the session has been cut.
  [[nodiscard]] bool gave_up() const;

 private:
  class Statement;
  class Watchman;
  std::shared_ptr<Statement> statement_;
};

}  // namespace dvsync::store
