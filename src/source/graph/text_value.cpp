#include "source/graph/text_value.hpp"

#include <cstddef>
#include <cstdint>

namespace dvsync::source::graph {
namespace {

using Byte = unsigned char;

Byte byte_at(std::string_view text, std::size_t position) { return static_cast<Byte>(text[position]); }

// Length of the well-formed sequence at `position` (Unicode, table 3-7), or 0.
std::size_t sequence_length(std::string_view text, std::size_t position) {
  const Byte lead = byte_at(text, position);
  if (lead < 0x80) {
    return 1;
  }
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || position + length > text.size()) {
    return 0;
  }
  const Byte second = byte_at(text, position + 1);
  const Byte lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const Byte highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (second < lowest || second > highest) {
    return 0;
  }
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte_at(text, position + i) & 0xC0U) != 0x80U) {
      return 0;
    }
  }
  return length;
}

}  // namespace

std::string_view defect_of(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    return "holds NUL";
  }
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text, i);
    if (length == 0) {
      return "is not valid UTF-8";
    }
    i += length;
  }
  return {};
}

}  // namespace dvsync::source::graph
