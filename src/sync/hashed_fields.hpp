#pragma once
// A hash over values one after the other. Private to sync.

#include <xxhash.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace dvsync::sync {

// Fields with separators that no value holds, so that two settings never run together.
class HashedFields {
 public:
  HashedFields& add(std::string_view text) {
    text_ += text;
    text_ += '\0';
    return *this;
  }
  template <class Number>
  requires std::is_arithmetic_v<Number> HashedFields& add(Number number) {
    return add(std::string_view(std::to_string(number)));
  }
  // No text is not the empty text.
  HashedFields& add_text(const std::optional<std::string>& text) {
    add(text.has_value());
    return text ? add(std::string_view(*text)) : *this;
  }
  [[nodiscard]] std::uint64_t hash() const { return XXH3_64bits(text_.data(), text_.size()); }

 private:
  std::string text_;
};

}  // namespace dvsync::sync
