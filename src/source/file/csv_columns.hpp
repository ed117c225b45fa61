#pragma once
// The columns of the Microsoft 365 admin centre's user export (both generations) and of the Entra portal's user
// download, found by name: their order, and which of them there are, differ.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/identity.hpp"

namespace dvsync::source::file {

enum class CsvColumn : std::uint8_t {
  object_id,
  block_credential,
  account_enabled,
  licenses,
  license_details,  // older exports name the products here
  soft_deletion,
  proxy_addresses,
  user_type,
};
inline constexpr std::size_t csv_column_count = 8;

class CsvColumns {
 public:
  // Throws SourceError naming the column when one that a user cannot do without is missing.
  CsvColumns(const std::vector<std::string_view>& header, const std::string& file_name);

  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::optional<std::size_t> index(CsvColumn column) const {
    return special_[static_cast<std::size_t>(column)];
  }
  [[nodiscard]] std::optional<std::size_t> index(core::Attribute attribute) const {
    return attributes_[static_cast<std::size_t>(attribute)];
  }

 private:
  void place(std::string_view header, std::size_t index);
  void verify(const std::string& file_name) const;

  std::size_t count_;
  std::array<std::optional<std::size_t>, csv_column_count> special_;
  std::array<std::optional<std::size_t>, core::attribute_count> attributes_;
};

// "," or ";": whichever the header line has more of, outside quotes.
[[nodiscard]] char detect_delimiter(std::string_view header_line);

}  // namespace dvsync::source::file
