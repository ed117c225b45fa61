#pragma once
// A query's answer: in text, or (bulk) in PostgreSQL's binary forms. Texts are the same in both.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/store/postgres/copied_rows.hpp"

namespace dvsync::store {

class Answer;  // how the PostgreSQL libraries hold it

// Views of it are valid as long as it lives.
class Rows {
 public:
  Rows() = default;  // none; for Connection::read()
  explicit Rows(std::shared_ptr<const Answer> answer);

  [[nodiscard]] int size() const { return answer_ ? answered_size() : copied_.size(); }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] int columns() const;  // of an answer that was not read by COPY
  [[nodiscard]] bool null(int row, int column) const {
    return answer_ ? answered_null(row, column) : copied_.null(row, column);
  }
  [[nodiscard]] std::string_view text(int row, int column) const {
    return answer_ ? answered_text(row, column) : copied_.bytes(row, column);
  }
  [[nodiscard]] std::optional<std::string> optional_text(int row, int column) const;
  [[nodiscard]] std::int64_t number(int row, int column) const;  // null: 0
  [[nodiscard]] std::optional<std::int64_t> optional_number(int row, int column) const;
  [[nodiscard]] std::optional<core::Guid> guid(int row, int column) const;
  [[nodiscard]] bool boolean(int row, int column) const;  // null: false
  // Of a column that was selected as microseconds since the epoch (sql_epoch.hpp).
  [[nodiscard]] std::optional<core::Timestamp> timestamp(int row, int column) const;
  [[nodiscard]] std::int64_t affected() const;  // rows of an INSERT, UPDATE, DELETE
  void clear();                                 // none left; keeps its memory

 private:
  friend class Connection;  // reads into copied_
  [[nodiscard]] int answered_size() const;
  [[nodiscard]] bool answered_null(int row, int column) const;
  [[nodiscard]] std::string_view answered_text(int row, int column) const;

  std::shared_ptr<const Answer> answer_;  // none: the rows were copied
  CopiedRows copied_;
  bool binary_ = true;
};

}  // namespace dvsync::store
