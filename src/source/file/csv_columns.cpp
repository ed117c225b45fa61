#include "source/file/csv_columns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "dvsync/core/text.hpp"
#include "dvsync/error.hpp"
#include "source/ascii.hpp"
#include "source/utf8.hpp"

namespace dvsync::source::file {
namespace {

using core::Attribute;

constexpr std::size_t names_told = 10;

[[noreturn]] void refuse(const std::string& file_name, const std::string& why) {
  throw SourceError(SourceError::Kind::malformed, file_name + ": " + why);
}

}  // namespace

CsvColumns::CsvColumns(const std::vector<std::string_view>& header, const std::string& file_name)
    : count_(header.size()) {
  std::array<std::size_t, language_count> known_in{};
  for (std::size_t i = 0; i < header.size(); ++i) place(header[i], i, known_in);
  const auto most = std::max_element(known_in.begin() + 1, known_in.end());
  if (*most > 0) language_ = static_cast<Language>(most - known_in.begin());
  verify(file_name);
}

void CsvColumns::place(std::string_view name, std::size_t index, std::array<std::size_t, language_count>& known_in) {
  const auto header = find_csv_header(name);
  if (!header) {
    if (!trimmed(name).empty() && find_fault(name) == TextFault::none) unknown_.emplace_back(core::cut_to(name, 60));
    return;
  }
  ++known_in[static_cast<std::size_t>(header->language)];
  std::optional<std::size_t>* slot = nullptr;
  if (const auto* special = std::get_if<CsvColumn>(&header->target)) {
    slot = &special_[static_cast<std::size_t>(*special)];
  }
  if (const auto* attribute = std::get_if<Attribute>(&header->target)) {
    slot = &attributes_[static_cast<std::size_t>(*attribute)];
  }
  if (slot != nullptr && !*slot) *slot = index;
}

// In English a column that is not known is one that nobody needs. In another language it may be one whose name in that
// language is not known here.
void CsvColumns::warn(std::vector<std::string>& warnings) const {
  if (language_ == Language::english || unknown_.empty()) return;
  const std::size_t told = std::min(unknown_.size(), names_told);
  warnings.push_back(fmt::format(
      "the header is not in English, and these columns are not known in its language: {}{}. If one of them is a column "
      "that dvsync reads (licences, soft deletion, user type …), nothing is taken from it: export in English",
      fmt::join(unknown_.begin(), unknown_.begin() + static_cast<std::ptrdiff_t>(told), "; "),
      told < unknown_.size() ? " …" : ""));
}

void CsvColumns::verify(const std::string& file_name) const {
  const auto is_set = [](const auto& slot) { return slot.has_value(); };
  if (std::ranges::none_of(special_, is_set) && std::ranges::none_of(attributes_, is_set)) {
    refuse(file_name,
           "its first line names not one column of a user export (“User principal name”, “Object Id” …): "
           "export the users from the Microsoft 365 admin centre, or set directory.format");
  }
  const auto missing = [&](std::string_view column) {
    refuse(file_name, "the column “" + std::string(column) + "” is missing: export the users with all columns");
  };
  if (!index(CsvColumn::object_id)) missing("Object Id");
  if (!index(Attribute::user_principal_name)) missing("User principal name");
  if (!index(CsvColumn::block_credential) && !index(CsvColumn::account_enabled)) missing("Block credential");
}

char detect_delimiter(std::string_view header_line) {
  constexpr std::array<char, 3> delimiters{',', ';', '\t'};
  std::array<std::size_t, delimiters.size()> counts{};
  bool quoted = false;
  for (const char c : header_line) {
    if (c == '\n' && !quoted) break;
    if (c == '"') quoted = !quoted;
    const auto found = std::ranges::find(delimiters, c);
    if (!quoted && found != delimiters.end()) ++counts[static_cast<std::size_t>(found - delimiters.begin())];
  }
  return delimiters[static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin())];
}

CsvPrelude read_prelude(std::string_view head) {
  CsvPrelude prelude;
  std::optional<char> stated;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find('\n'), head.size());
    std::string_view line = trimmed(head.substr(0, end));
    while (line.ends_with('\r')) line.remove_suffix(1);
    const bool blank = line.find_first_not_of(",;\t \"") == std::string_view::npos;
    if (line.starts_with('"')) line = line.substr(1, line.size() - 1 - (line.ends_with('"') ? 1 : 0));
    const bool separator = line.size() >= 4 && core::equal_ignoring_ascii_case(line.substr(0, 4), "sep=");
    if (separator) stated = line.size() > 4 ? line[4] : '\t';  // the tab itself may have been trimmed away
    if (!blank && !separator && !line.starts_with("#TYPE")) break;
    if (!blank) ++prelude.lines;
    head.remove_prefix(std::min(end + 1, head.size()));
  }
  prelude.delimiter = stated.value_or(detect_delimiter(head));
  return prelude;
}

}  // namespace dvsync::source::file
