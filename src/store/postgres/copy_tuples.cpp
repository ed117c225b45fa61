#include "postgres/copy_tuples.hpp"

#include <chrono>

namespace dvsync::store {
namespace {

constexpr std::string_view header("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::string_view trailer("\377\377", 2);
constexpr std::uint32_t no_value = 0xffffffff;
constexpr std::uint32_t text_type = 25;
constexpr std::uint8_t jsonb_version = 1;
constexpr std::chrono::sys_days epoch = std::chrono::year(2000) / 1 / 1;  // PostgreSQL's

}  // namespace

void CopyTuples::clear() {
  buffer_ = header;
  ended_ = false;
}

std::string_view CopyTuples::lines() {
  if (!ended_) buffer_ += trailer;
  ended_ = true;
  return buffer_;
}

void CopyTuples::begin_line() {
  line_ = buffer_.size();
  columns_ = 0;
  put(0, 2);
}

void CopyTuples::end_line() {
  buffer_[line_] = static_cast<char>(columns_ >> 8);
  buffer_[line_ + 1] = static_cast<char>(columns_ & 0xff);
}

void CopyTuples::begin_value(std::size_t length) {
  ++columns_;
  put(length, 4);
}

CopyTuples& CopyTuples::null() {
  begin_value(no_value);
  return *this;
}

CopyTuples& CopyTuples::text(std::string_view value) {
  begin_value(value.size());
  buffer_ += value;
  return *this;
}

CopyTuples& CopyTuples::guid(const core::Guid& guid) {
  return text({reinterpret_cast<const char*>(guid.bytes.data()), guid.bytes.size()});
}

CopyTuples& CopyTuples::number(std::uint64_t value, int size) {
  begin_value(static_cast<std::size_t>(size));
  put(value, size);
  return *this;
}

CopyTuples& CopyTuples::boolean(bool value) { return number(value ? 1 : 0, 1); }
CopyTuples& CopyTuples::small(std::int16_t value) { return number(static_cast<std::uint64_t>(value), 2); }
CopyTuples& CopyTuples::integer(std::int32_t value) { return number(static_cast<std::uint64_t>(value), 4); }
CopyTuples& CopyTuples::big(std::int64_t value) { return number(static_cast<std::uint64_t>(value), 8); }

CopyTuples& CopyTuples::timestamp(const std::optional<core::Timestamp>& value) {
  if (!value) return null();
  return big(std::chrono::duration_cast<std::chrono::microseconds>(*value - epoch).count());
}

CopyTuples& CopyTuples::json(std::string_view value) {
  begin_value(1 + value.size());
  put(jsonb_version, 1);
  buffer_ += value;
  return *this;
}

CopyTuples& CopyTuples::texts(const std::vector<std::string>& values) {
  std::size_t size = 20;  // dimensions, nulls, type, elements, lower bound
  for (const auto& value : values) size += 4 + value.size();
  begin_value(size);
  for (const std::uint64_t word :
       {std::uint64_t{1}, std::uint64_t{0}, std::uint64_t{text_type}, std::uint64_t{values.size()}, std::uint64_t{1}}) {
    put(word, 4);
  }
  for (const auto& value : values) {
    put(value.size(), 4);
    buffer_ += value;
  }
  return *this;
}

void CopyTuples::put(std::uint64_t number, int size) {
  for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) buffer_ += static_cast<char>((number >> shift) & 0xff);
}

}  // namespace dvsync::store
