#pragma once
// Rows that came by COPY … TO STDOUT (FORMAT binary): a signature, then for each row the number of its columns and each
// column's length (-1: null) and bytes, then a trailer (PostgreSQL 15, COPY, "Binary Format").

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dvsync::store {

class CopiedRows {
 public:
  // One message of the server: whole rows, the first with the signature before it. False: it is none of these.
  [[nodiscard]] bool add(std::string_view message);
  void clear();  // keeps its memory

  [[nodiscard]] int size() const { return rows_; }
  [[nodiscard]] bool null(int row, int column) const { return at(row, column).length < 0; }
  // Null: empty. Valid until the next add().
  [[nodiscard]] std::string_view bytes(int row, int column) const {
    const auto& field = at(row, column);
    return field.length <= 0 ? std::string_view()
                             : std::string_view(bytes_).substr(field.begin, static_cast<std::size_t>(field.length));
  }

 private:
  struct Field {
    std::size_t begin;
    std::int32_t length;
  };
  [[nodiscard]] const Field& at(int row, int column) const {
    return fields_[static_cast<std::size_t>(row) * columns_ + static_cast<std::size_t>(column)];
  }

  std::string bytes_;
  std::vector<Field> fields_;  // of all rows, one after another
  std::size_t columns_ = 0;
  int rows_ = 0;
};

}  // namespace dvsync::store
