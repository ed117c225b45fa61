#include "source/text_value.hpp"

#include <cstdint>
#include <cstring>

namespace dvsync::source {
namespace {

// How many bytes of `text` come before the first that is NUL or not ASCII: eight at a time.
std::size_t plain_prefix(std::string_view text) {
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  constexpr std::uint64_t ones = 0x0101010101010101U;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    if (((word | (word - ones)) & high_bits) != 0) break;  // subtracting borrows from a byte that is 0
  }
  while (i < text.size() && static_cast<signed char>(text[i]) > 0) ++i;
  return i;
}

struct Lead {
  std::size_t length = 0;  // 0: no lead byte
  unsigned second_from = 0x80;
  unsigned second_to = 0xbf;
};

// The Unicode Standard, table 3-7: no overlong forms, no surrogates, nothing beyond U+10FFFF.
Lead lead_of(unsigned byte) {
  if (byte >= 0xc2 && byte <= 0xdf) return {2};
  if (byte == 0xe0) return {3, 0xa0};
  if (byte == 0xed) return {3, 0x80, 0x9f};
  if (byte >= 0xe1 && byte <= 0xef) return {3};
  if (byte == 0xf0) return {4, 0x90};
  if (byte >= 0xf1 && byte <= 0xf3) return {4};
  if (byte == 0xf4) return {4, 0x80, 0x8f};
  return {};
}

std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(text[i])); };
  const Lead lead = lead_of(byte(0));
  if (lead.length == 0 || text.size() < lead.length) return 0;
  if (byte(1) < lead.second_from || byte(1) > lead.second_to) return 0;
  for (std::size_t i = 2; i < lead.length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return 0;
  }
  return lead.length;
}

std::string_view cut(std::string_view value) {
  if (value.size() <= longest_value) return value;
  std::size_t end = longest_value;
  while (end > longest_value - 4 && (static_cast<unsigned char>(value[end]) & 0xc0U) == 0x80U) --end;
  return value.substr(0, end);
}

void note_defect(IdentityRecord& record, core::Attribute attribute, std::string_view what) {
  if (record.defect.empty()) {
    record.defect.append(core::name_of(attribute)).append(" holds ").append(what);
  }
}

}  // namespace

TextFault find_fault(std::string_view text) {
  TextFault fault = TextFault::none;
  for (;;) {
    text.remove_prefix(plain_prefix(text));
    if (text.empty()) return fault;
    const bool is_nul = text.front() == '\0';
    const std::size_t length = is_nul ? 1 : sequence_length(text);
    if (length == 0) return TextFault::invalid_utf8;
    if (is_nul) fault = TextFault::nul;
    text.remove_prefix(length);
  }
}

void set_text(IdentityRecord& record, core::Attribute attribute, std::string_view value) {
  value = cut(value);
  record.stated.set(static_cast<std::size_t>(attribute));
  core::Text& text = record.profile[attribute];
  switch (find_fault(value)) {
    case TextFault::none:
      text.emplace(value);
      return;
    case TextFault::nul:
      note_defect(record, attribute, "NUL");
      break;
    case TextFault::invalid_utf8:
      note_defect(record, attribute, "invalid UTF-8");
      break;
  }
  text.reset();
}

void clear_text(IdentityRecord& record, core::Attribute attribute) {
  record.stated.set(static_cast<std::size_t>(attribute));
  record.profile[attribute].reset();
}

}  // namespace dvsync::source
