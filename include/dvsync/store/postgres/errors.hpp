#pragma once
// What a statement can end with besides success. Messages name places, SQLSTATEs, constraints and columns; never a
// row's values.

#include <string>

#include "dvsync/error.hpp"

namespace dvsync::store {

// A statement that failed on the data of a row (SQLSTATE classes 22, 23, 44, 54, P0 and the like): the row can be
// isolated, and everything else goes on.
class RowError : public StoreError {
 public:
  RowError(std::string sqlstate, const std::string& message, std::string statement = {})
      : StoreError(Kind::refused, message), sqlstate_(std::move(sqlstate)), statement_(std::move(statement)) {}
  [[nodiscard]] const std::string& sqlstate() const { return sqlstate_; }
  // What it did to which table ("UPDATE identity"); empty if that is not known.
  [[nodiscard]] const std::string& statement() const { return statement_; }
  [[nodiscard]] bool unique_violation() const { return sqlstate_ == "23505"; }

 private:
  std::string sqlstate_;
  std::string statement_;
};

// Somebody else held what the statement waited for (lock_timeout, deadlock): roll back, and try again.
class ContentionError : public StoreError {
 public:
  explicit ContentionError(const std::string& message) : StoreError(Kind::unavailable, message) {}
};

}  // namespace dvsync::store
