#include "dvsync/store/postgres/copy_line.hpp"

#include <spdlog/fmt/fmt.h>

#include <cstring>

namespace dvsync::store {
namespace {

// The letter behind the backslash for a byte that COPY's text format gives a meaning; 0 for all others.
constexpr char escape_of(char c) {
  switch (c) {
    case '\\':
      return '\\';
    case '\t':
      return 't';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    default:
      return 0;
  }
}

// Whether one of eight bytes is zero (Hacker's Delight, 6-1).
constexpr std::uint64_t each(std::uint64_t byte) { return byte * 0x0101010101010101U; }
constexpr bool has_zero(std::uint64_t bytes) { return ((bytes - each(0x01)) & ~bytes & each(0x80)) != 0; }

// The next character that needs an escape, from `start` on. Most values have none: eight bytes are looked at at once.
std::size_t find_special(std::string_view value, std::size_t start) {
  for (std::uint64_t bytes = 0; value.size() - start >= sizeof bytes; start += sizeof bytes) {
    std::memcpy(&bytes, value.data() + start, sizeof bytes);
    if (has_zero(bytes ^ each('\\')) || has_zero(bytes ^ each('\t')) || has_zero(bytes ^ each('\n')) ||
        has_zero(bytes ^ each('\r'))) {
      break;
    }
  }
  while (start < value.size() && escape_of(value[start]) == 0) ++start;
  return start;
}

void put_big_endian(std::string& bytes, std::uint64_t number, int size) {
  for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) bytes += static_cast<char>((number >> shift) & 0xff);
}

void set_big_endian_32(std::string& bytes, std::size_t at, std::uint32_t number) {
  for (int i = 0; i < 4; ++i) {
    bytes[at + static_cast<std::size_t>(i)] = static_cast<char>((number >> (24 - 8 * i)) & 0xff);
  }
}

// The header of a one-dimensional array without nulls; the element count comes later, at byte 12.
std::string array_header(std::uint32_t element_type) {
  std::string bytes;
  put_big_endian(bytes, 1, 4);             // dimensions
  put_big_endian(bytes, 0, 4);             // no nulls
  put_big_endian(bytes, element_type, 4);  // oid
  put_big_endian(bytes, 0, 4);             // elements
  put_big_endian(bytes, 1, 4);             // lower bound
  return bytes;
}
constexpr std::size_t header_size = 20;
constexpr std::size_t count_at = 12;
constexpr std::uint32_t uuid_type = 2950;
constexpr std::uint32_t bigint_type = 20;

}  // namespace

CopyLines& CopyLines::text(std::string_view value) {
  separate();
  std::size_t start = 0;
  for (auto at = find_special(value, 0); at < value.size(); at = find_special(value, start)) {
    buffer_.append(value, start, at - start);
    buffer_ += '\\';
    buffer_ += escape_of(value[at]);
    start = at + 1;
  }
  buffer_.append(value, start);
  return *this;
}

CopyLines& CopyLines::guid(const core::Guid& guid) {
  separate();
  const auto at = buffer_.size();
  buffer_.resize(at + 36);
  core::write_guid(guid, buffer_.data() + at);
  return *this;
}

CopyLines& CopyLines::timestamp(const std::optional<core::Timestamp>& value) {
  return value ? raw(to_string(*value)) : null();
}

CopyLines& CopyLines::raw(std::string_view escaped) {
  separate();
  buffer_ += escaped;
  return *this;
}

void CopyLines::end_line() {
  buffer_ += '\n';
  first_ = true;
}

std::string to_string(const core::Timestamp& time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

UuidArray::UuidArray() : bytes_(array_header(uuid_type)) {}

void UuidArray::add(const core::Guid& guid) {
  put_big_endian(bytes_, 16, 4);
  bytes_.append(reinterpret_cast<const char*>(guid.bytes.data()), guid.bytes.size());
  ++count_;
}

const std::string& UuidArray::bytes() {
  set_big_endian_32(bytes_, count_at, static_cast<std::uint32_t>(count_));
  return bytes_;
}

void UuidArray::clear() {
  bytes_.resize(header_size);
  count_ = 0;
}

BigintArray::BigintArray() : bytes_(array_header(bigint_type)) {}

void BigintArray::add(std::int64_t number) {
  put_big_endian(bytes_, 8, 4);
  put_big_endian(bytes_, static_cast<std::uint64_t>(number), 8);
  ++count_;
}

const std::string& BigintArray::bytes() {
  set_big_endian_32(bytes_, count_at, static_cast<std::uint32_t>(count_));
  return bytes_;
}

void BigintArray::clear() {
  bytes_.resize(header_size);
  count_ = 0;
}

}  // namespace dvsync::store
