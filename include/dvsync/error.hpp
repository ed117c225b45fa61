#pragma once
// A broken world: what ends a run. Thrown by adapters (driver exceptions are translated there), caught once at the
// edge of the run. Messages are for operators: they say what to do next and never hold a secret, a token or a link.

#include <new>
#include <stdexcept>
#include <string>

namespace dvsync {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The directory cannot be read, or what it sent cannot be trusted. Nothing of this pull was taken over.
class SourceError : public Error {
 public:
  enum class Kind {
    unavailable,  // try again later: not reachable, still being written, throttled
    denied,       // credentials or rights
    malformed,    // the answer or the file is broken as a whole
  };
  SourceError(Kind kind, const std::string& message) : Error(message), kind_(kind) {}
  [[nodiscard]] Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

// PostgreSQL cannot do what was asked.
class StoreError : public Error {
 public:
  enum class Kind {
    unavailable,  // not reachable, restarted, out of disk: try again later
    denied,       // the role lacks a right, or the password is wrong
    schema,       // not migrated, or of another version, or not as the rules need it
    fenced,       // another dvsync works now: this one may not write any more
    refused,      // asked for something that must not be done (another directory's mirror …)
  };
  StoreError(Kind kind, const std::string& message) : Error(message), kind_(kind) {}
  [[nodiscard]] Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

// No session could be opened: whoever else uses this connection string is out of reach as well.
class ConnectError : public StoreError {
 public:
  // `full`: the server answers, and has no session to give at the moment.
  ConnectError(Kind kind, const std::string& message, bool full) : StoreError(kind, message), full_(full) {}
  [[nodiscard]] bool full() const { return full_; }

 private:
  bool full_;
};

// What an exception says to an operator.
inline std::string words_of(const std::exception& error) {
  return dynamic_cast<const std::bad_alloc*>(&error) != nullptr ? "out of memory" : error.what();
}

// Asked to stop (signal): the work in hand was given up in good order.
class Interrupted : public Error {
 public:
  Interrupted() : Error("stopped on request") {}
};

}  // namespace dvsync
