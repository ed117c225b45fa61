#pragma once
// Rows of COPY's binary format, built in one growing buffer. PostgreSQL reads them faster than text, but only into
// columns of exactly these types (PostgreSQL 15, COPY, "Binary Format").

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"

namespace dvsync::store {

class CopyTuples {
 public:
  static constexpr const char* statement_end = ") FROM STDIN (FORMAT binary)";

  // A row of so many columns, each of which is then given in its order.
  explicit CopyTuples(int columns) : columns_(columns) { clear(); }
  void begin_line();
  CopyTuples& null();
  CopyTuples& text(std::string_view value);
  CopyTuples& text(const core::Text& value) { return value ? text(std::string_view(*value)) : null(); }
  CopyTuples& guid(const core::Guid& guid);
  CopyTuples& guid(const std::optional<core::Guid>& value) { return value ? guid(*value) : null(); }
  CopyTuples& boolean(bool value);
  CopyTuples& small(std::int16_t value);    // smallint
  CopyTuples& integer(std::int32_t value);  // integer
  CopyTuples& big(std::int64_t value);      // bigint
  CopyTuples& timestamp(const std::optional<core::Timestamp>& value);
  CopyTuples& json(std::string_view value);  // jsonb
  CopyTuples& texts(const std::vector<std::string>& values);
  void end_line() {}

  // With the signature before them and the trailer behind.
  [[nodiscard]] std::string_view lines();
  void clear();

 private:
  void put(std::uint64_t number, int size);
  void length(std::size_t size) { put(size, 4); }

  int columns_;
  std::string buffer_;
  bool ended_ = false;
};

}  // namespace dvsync::store
