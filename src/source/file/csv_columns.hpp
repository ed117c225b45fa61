#pragma once
// The columns of the Microsoft 365 admin centre's user export (both generations) and of the Entra portal's user
// download, found by name: their order, their language, and which of them there are, differ.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/identity.hpp"
#include "source/file/csv_vocabulary.hpp"

namespace dvsync::source::file {

class CsvColumns {
 public:
  // Throws SourceError naming the column when one that a user cannot do without is missing.
  CsvColumns(const std::vector<std::string_view>& header, const std::string& file_name);

  [[nodiscard]] std::size_t count() const { return count_; }
  // Of the header; English where nothing speaks for another one.
  [[nodiscard]] Language language() const { return language_; }
  // Names the columns of a translated export that nobody here knows.
  void warn(std::vector<std::string>& warnings) const;
  [[nodiscard]] std::optional<std::size_t> index(CsvColumn column) const {
    return special_[static_cast<std::size_t>(column)];
  }
  [[nodiscard]] std::optional<std::size_t> index(core::Attribute attribute) const {
    return attributes_[static_cast<std::size_t>(attribute)];
  }

 private:
  void place(std::string_view name, std::size_t index, std::array<std::size_t, language_count>& known_in);
  void verify(const std::string& file_name) const;

  std::size_t count_;
  Language language_ = Language::english;
  std::vector<std::string> unknown_;  // names
  std::array<std::optional<std::size_t>, csv_column_count> special_;
  std::array<std::optional<std::size_t>, core::attribute_count> attributes_;
};

// "," or ";" or a tab: whichever the header line has most of, outside quotes.
[[nodiscard]] char detect_delimiter(std::string_view header_line);

// What spreadsheets and PowerShell write before the header: "sep=;", "#TYPE System.Management…".
struct CsvPrelude {
  std::size_t lines = 0;  // blank ones not counted
  char delimiter = ',';
};
[[nodiscard]] CsvPrelude read_prelude(std::string_view head);

}  // namespace dvsync::source::file
