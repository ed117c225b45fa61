#include "dvsync/store/postgres/copied_rows.hpp"

namespace dvsync::store {
namespace {

constexpr std::string_view signature("PGCOPY\n\377\r\n\0", 11);
constexpr std::size_t flags_size = 4;
constexpr std::int16_t end_of_rows = -1;

// Takes big-endian numbers from the front of the text; `fits` once that was possible.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  template <class Number>
  Number number() {
    std::uint32_t value = 0;
    for (const char byte : take(sizeof(Number))) value = value << 8 | static_cast<unsigned char>(byte);
    return static_cast<Number>(value);
  }
  std::string_view take(std::size_t size) {
    fits_ = fits_ && size <= bytes_.size() - at_;
    if (!fits_) return {};
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool fits() const { return fits_; }
  [[nodiscard]] bool done() const { return !fits_ || at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool fits_ = true;
};

}  // namespace

void CopiedRows::clear() {
  bytes_.clear();
  fields_.clear();
  rows_ = 0;
}

bool CopiedRows::add(std::string_view message) {
  Reader reader(message);
  if (message.starts_with(signature)) {
    reader.take(signature.size() + flags_size);
    reader.take(reader.number<std::uint32_t>());
  }
  const auto base = bytes_.size();
  bytes_ += message;
  while (!reader.done()) {
    const auto columns = reader.number<std::int16_t>();
    if (columns == end_of_rows) return reader.done();
    if (columns <= 0 || (rows_ > 0 && static_cast<std::size_t>(columns) != columns_)) return false;
    columns_ = static_cast<std::size_t>(columns);
    for (int column = 0; column < columns; ++column) {
      const auto length = reader.number<std::int32_t>();
      fields_.push_back({base + reader.at(), length});
      if (length > 0) reader.take(static_cast<std::size_t>(length));
    }
    ++rows_;
  }
  return reader.fits();
}

}  // namespace dvsync::store
