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

  CopyTuples() { clear(); }
  void begin_line();  // then each column's value, in their order
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
  CopyTuples& array(std::string_view bytes) { return text(bytes); }  // as UuidArray makes it
  void end_line();

  // With the signature before them and the trailer behind.
  [[nodiscard]] std::string_view lines();
  void clear();

 private:
  void begin_value(std::size_t length);
  void put(std::uint64_t number, int size);  // big-endian
  CopyTuples& number(std::uint64_t value, int size);

  std::string buffer_;
  std::size_t line_ = 0;  // where the number of its columns goes
  std::uint16_t columns_ = 0;
  bool ended_ = false;
};

}  // namespace dvsync::store
