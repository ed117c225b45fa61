#include "dvsync/store/postgres/rows.hpp"

#include <charconv>
#include <chrono>
#include <cstring>

#include "answer.hpp"

namespace dvsync::store {
namespace {

std::int64_t parse_number(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// smallint, integer or bigint: big-endian, signed.
std::int64_t number_from_bytes(std::string_view bytes) {
  std::uint64_t number = !bytes.empty() && (bytes.front() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(number);
}

}  // namespace

std::int64_t BinaryAnswer::affected() const { return parse_number(PQcmdTuples(result_.get())); }

Rows::Rows(std::shared_ptr<const Answer> answer) : answer_(std::move(answer)), binary_(answer_->binary()) {}

int Rows::columns() const { return answer_ ? answer_->columns() : 0; }
int Rows::answered_size() const { return answer_->size(); }
bool Rows::answered_null(int row, int column) const { return answer_->null(row, column); }
std::string_view Rows::answered_text(int row, int column) const { return answer_->text(row, column); }

std::optional<std::string> Rows::optional_text(int row, int column) const {
  if (null(row, column)) return std::nullopt;
  return std::string(text(row, column));
}

std::int64_t Rows::number(int row, int column) const {
  return binary_ ? number_from_bytes(text(row, column)) : parse_number(text(row, column));
}

std::optional<core::Guid> Rows::guid(int row, int column) const {
  if (null(row, column)) return std::nullopt;
  const auto value = text(row, column);
  if (!binary_) return core::parse_guid(value);
  core::Guid guid;
  if (value.size() != guid.bytes.size()) return std::nullopt;
  std::memcpy(guid.bytes.data(), value.data(), value.size());
  return guid;
}

std::optional<std::int64_t> Rows::optional_number(int row, int column) const {
  if (null(row, column)) return std::nullopt;
  return number(row, column);
}

bool Rows::boolean(int row, int column) const {
  const auto value = text(row, column);
  return !value.empty() && value.front() == (binary_ ? '\1' : 't');
}

std::optional<core::Timestamp> Rows::timestamp(int row, int column) const {
  const auto microseconds = optional_number(row, column);
  if (!microseconds) return std::nullopt;
  return core::Timestamp(std::chrono::microseconds(*microseconds));
}

std::int64_t Rows::affected() const { return answer_ ? answer_->affected() : 0; }

void Rows::clear() {
  answer_.reset();
  copied_.clear();
  binary_ = true;
}

}  // namespace dvsync::store
