#pragma once
// The words of a user export: names of columns, and what stands in their cells, in English and in the languages that
// administrators' portals and spreadsheets write instead.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

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

enum class Language : std::uint8_t { english, german, spanish, french, portuguese, italian };
inline constexpr std::size_t language_count = 6;

// A column that is known, and of which nothing is read.
struct PassedOver {};

struct CsvHeader {
  std::variant<PassedOver, CsvColumn, core::Attribute> target;
  Language language = Language::english;  // the first one that has this name
};

// By name, ignoring case, blanks and punctuation. nullopt: nobody here knows this column.
[[nodiscard]] std::optional<CsvHeader> find_csv_header(std::string_view header);

// nullopt: neither yes nor no.
[[nodiscard]] std::optional<bool> truth(std::string_view cell);

// "Unlicensed", "Nicht lizenziert" …
[[nodiscard]] bool says_unlicensed(std::string_view cell);

// The user type. nullopt: neither guest nor member.
[[nodiscard]] std::optional<bool> says_guest(std::string_view cell);

// A date and perhaps a time, as ISO 8601 or as this language writes it. nullopt: no date.
[[nodiscard]] std::optional<core::Timestamp> parse_date(std::string_view cell, Language language);

}  // namespace dvsync::source::file
