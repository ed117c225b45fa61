#pragma once
// Lines of COPY's text format, built in one growing buffer. Values are escaped here and nowhere else.

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>

#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"

namespace dvsync::store {

class CopyLines {
 public:
  static constexpr const char* statement_end = ") FROM STDIN";

  void begin_line() {}
  CopyLines& null() { return raw("\\N"); }
  CopyLines& text(std::string_view value);  // escaped
  CopyLines& text(const core::Text& value) { return value ? text(std::string_view(*value)) : null(); }
  CopyLines& guid(const core::Guid& guid);
  CopyLines& guid(const std::optional<core::Guid>& value) { return value ? guid(*value) : null(); }
  CopyLines& boolean(bool value) { return raw(value ? "t" : "f"); }
  CopyLines& boolean(const std::optional<bool>& value) { return value ? boolean(*value) : null(); }
  CopyLines& timestamp(const std::optional<core::Timestamp>& value);
  // By their columns' types, as CopyTuples must have them.
  CopyLines& small(std::int16_t value) { return number(value); }
  CopyLines& big(std::int64_t value) { return number(value); }
  template <std::integral T>
  CopyLines& number(T value) {
    separate();
    char digits[24];  // NOLINT(modernize-avoid-c-arrays): what to_chars() takes
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    buffer_.append(digits, end);
    return *this;
  }
  template <std::integral T>
  CopyLines& number(const std::optional<T>& value) {
    return value ? number(*value) : null();
  }
  // Already in COPY's form (made by another CopyLines, or a constant without special characters).
  CopyLines& raw(std::string_view escaped);
  void end_line();

  [[nodiscard]] std::string_view lines() const { return buffer_; }
  [[nodiscard]] std::size_t size() const { return buffer_.size(); }
  [[nodiscard]] bool empty() const { return buffer_.empty(); }
  void clear() {
    buffer_.clear();
    first_ = true;
  }
  void truncate(std::size_t size) {
    buffer_.resize(size);
    first_ = true;
  }

 private:
  void separate() {
    if (!first_) buffer_ += '\t';
    first_ = false;
  }

  std::string buffer_;
  bool first_ = true;
};

// ISO 8601 in UTC with microseconds, as PostgreSQL reads it whatever its DateStyle.
[[nodiscard]] std::string to_string(const core::Timestamp& time);

// Binary arrays for Connection::exec_uuids.
class UuidArray {
 public:
  UuidArray();
  void add(const core::Guid& guid);
  [[nodiscard]] const std::string& bytes();  // complete after this call
  [[nodiscard]] std::size_t size() const { return count_; }
  void clear();

 private:
  std::string bytes_;
  std::size_t count_ = 0;
};
template <class Guids>
[[nodiscard]] std::string uuid_array(const Guids& ids) {
  UuidArray array;
  for (const core::Guid& id : ids) array.add(id);
  return array.bytes();
}

class BigintArray {
 public:
  BigintArray();
  void add(std::int64_t number);
  [[nodiscard]] const std::string& bytes();
  void clear();

 private:
  std::string bytes_;
  std::size_t count_ = 0;
};

}  // namespace dvsync::store
