#include "source/text_value.hpp"

#include "source/utf8.hpp"

namespace dvsync::source {
namespace {

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
