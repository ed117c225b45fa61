#pragma once
// Texts of an export: tools write names of types, error marks and reformatted numbers where they have no value or spoil
// it. Such a text says nothing about the person, so the fact is left alone, and the pull says how often that was so.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/identity.hpp"
#include "dvsync/source/directory_source.hpp"

namespace dvsync::source {

// Whether the whole text is a word for "no value", as databases and programs write it: NULL, (null), undefined.
[[nodiscard]] bool is_null_word(std::string_view text);

// The first letters of all that tools write, and blanks before it: nearly every value of a person begins otherwise.
inline constexpr auto artefact_begins = [] {
  std::array<bool, 256> begins{};
  for (const char c : {'N', 'n', '(', '<', 'u', '\\', 'S', 'M', 'D', '@', '#', '[', '{', ' ', '\t'}) {
    begins[static_cast<unsigned char>(c)] = true;
  }
  return begins;
}();
[[nodiscard]] bool is_written_by_tool(std::string_view text);

// Whether the whole text was put there by a tool, whatever the column: a null word, the name of a .NET type
// (System.String[], Microsoft.Graph.…), an error of a spreadsheet (#N/A).
[[nodiscard]] inline bool is_artefact(std::string_view text) {
  return !text.empty() && artefact_begins[static_cast<unsigned char>(text.front())] && is_written_by_tool(text);
}

// The same for a column of this kind: also a telephone number in exponent form, and a date that a spreadsheet made of a
// number.
[[nodiscard]] bool is_artefact(core::Attribute attribute, std::string_view text);

// One for each pull.
class ExportedText {
 public:
  // States the attribute with this text, or as cleared when it is empty, or leaves it alone.
  void set(IdentityRecord& record, core::Attribute attribute, std::string_view text);

  // A cell besides the profile. True: it holds an artefact, and is counted.
  bool spoils(std::string_view column, std::string_view text);

  // At most one warning, with the number of texts and the columns they were in.
  void warn(std::vector<std::string>& warnings) const;

 private:
  void count(std::string_view column);

  std::uint64_t count_ = 0;
  std::vector<std::string> columns_;
};

}  // namespace dvsync::source
