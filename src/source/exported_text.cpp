#include "source/exported_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "dvsync/core/text.hpp"
#include "source/ascii.hpp"
#include "source/text_value.hpp"
#include "source/unstated.hpp"

namespace dvsync::source {
namespace {

using core::Attribute;

constexpr std::size_t longest_artefact = 256;  // real values are seldom longer; what is, is no artefact

// "Null" and "None" are names of people, so these are told by their case.
constexpr std::array<std::string_view, 9> null_words{"NULL",   "null",      "(null)", "(NULL)", "<null>",
                                                     "<NULL>", "undefined", "NaN",    "\\N"};

// English, German, French, Spanish, Portuguese and Italian; "#¿NOMBRE?" and "#¡REF!" in Spanish.
constexpr std::array<std::string_view, 36> spreadsheet_errors{
    "#N/A",      "#REF!",      "#VALUE!",   "#NAME?",    "#DIV/0!",  "#NULL!",        "#NUM!", "#SPILL!",  "#CALC!",
    "#FIELD!",   "#BLOCKED!",  "#UNKNOWN!", "#CONNECT!", "#BUSY!",   "#GETTING_DATA", "#NV",   "#BEZUG!",  "#WERT!",
    "#ZAHL!",    "#ÜBERLAUF!", "#VALEUR!",  "#NOM?",     "#NOMBRE!", "#NUL!",         "#N/D",  "#¡REF!",   "#¡VALOR!",
    "#¿NOMBRE?", "#¡NUM!",     "#¡DIV/0!",  "#¡NULO!",   "#VALOR!",  "#NOME?",        "#RIF!", "#VALORE!", "#Err!"};

// First parts of names below System; "System.Administrator" could be a job.
constexpr std::array<std::string_view, 28> system_types{"Array",
                                                        "Boolean",
                                                        "Byte",
                                                        "Char",
                                                        "Collections",
                                                        "DBNull",
                                                        "Data",
                                                        "DateTime",
                                                        "DateTimeOffset",
                                                        "Decimal",
                                                        "DirectoryServices",
                                                        "Double",
                                                        "Enum",
                                                        "Guid",
                                                        "Int16",
                                                        "Int32",
                                                        "Int64",
                                                        "Linq",
                                                        "Management",
                                                        "Nullable",
                                                        "Object",
                                                        "Security",
                                                        "String",
                                                        "TimeSpan",
                                                        "Type",
                                                        "Uri",
                                                        "Version",
                                                        "Xml"};

bool is_letter(char c) { return core::ascii_lower(c) >= 'a' && core::ascii_lower(c) <= 'z'; }

std::string_view first_part(std::string_view name) {
  return name.substr(
      0,
      std::min(name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"), name.size()));
}

template <class Words>
bool is_one_of(const Words& words, std::string_view text) {
  return std::ranges::find(words, text) != words.end();
}

// System.String[], System.Collections.Generic.List`1[System.Object], Microsoft.ActiveDirectory.Management.ADProperty….
bool is_type_name(std::string_view text) {
  constexpr std::string_view in_types = "._`[],+=";
  // How PowerShell writes an object or a list as text.
  if ((text.starts_with("@{") || text.starts_with('{')) && text.ends_with('}')) return true;
  if (text.starts_with("Deserialized.")) text.remove_prefix(13);
  if (!text.starts_with("System.") && !text.starts_with("Microsoft.")) return false;
  const bool of_types = std::ranges::all_of(text, [&](char c) {
    return is_letter(c) || is_digit(c) || c == ' ' || in_types.find(c) != std::string_view::npos;
  });
  if (!of_types) return false;
  if (text.starts_with("System.")) return text.ends_with("[]") || is_one_of(system_types, first_part(text.substr(7)));
  if (text.starts_with("Microsoft.Graph.")) return true;
  return text.starts_with("Microsoft.") && text.find(' ') == std::string_view::npos &&
         std::ranges::count(text, '.') >= 2;
}

bool is_spreadsheet_error(std::string_view text) {
  if (!text.starts_with('#')) return false;
  const bool too_narrow = text.size() >= 3 && text.find_first_not_of('#') == std::string_view::npos;
  return too_narrow || is_one_of(spreadsheet_errors, text);
}

// Takes digits from the front; returns how many there were.
std::size_t take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  text.remove_prefix(count);
  return count;
}

bool take_any(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// 4.79123E+11; with a decimal comma in many languages.
bool is_exponent_number(std::string_view text) {
  take_any(text, "+-");
  if (take_digits(text) == 0) return false;
  if (take_any(text, ".,") && take_digits(text) == 0) return false;
  if (!take_any(text, "eE")) return false;
  take_any(text, "+-");
  return take_digits(text) > 0 && text.empty();
}

constexpr std::array<std::string_view, 39> months{
    "jan",  "feb", "mar",  "apr",  "may",  "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
    "mär",  "mrz", "mai",  "maj",  "okt",  "dez", "des", "ene", "abr", "ago",  "dic", "fev", "fév",
    "févr", "avr", "juin", "juil", "août", "déc", "gen", "mag", "giu", "lug",  "set", "ott", "out"};

bool takes_month(std::string_view& text) {
  const std::string lower = core::ascii_lower(text);
  std::size_t longest = 0;
  for (const std::string_view month : months) {
    if (lower.starts_with(month)) longest = std::max(longest, month.size());
  }
  text.remove_prefix(longest);
  take_any(text, ".");
  return longest > 0;
}

// "5-Jan", "05. Mai", "Jan-22": what a spreadsheet shows for 5/1, 05-05 and 1/22.
bool is_month_date(std::string_view text) {
  const std::string_view whole = text;
  if (take_digits(text) > 0) {
    take_any(text, ".");
    while (take_any(text, "- ")) {
    }
    if (text.size() < whole.size() && takes_month(text)) {
      while (take_any(text, "- ")) take_digits(text);
      return text.empty();
    }
    return false;
  }
  return takes_month(text) && take_any(text, "- ") && take_digits(text) >= 2 && text.empty();
}

bool is_clock_time(std::string_view text) {  // " 00:00", " 0:00:00", " 12:00:00 AM"
  return !text.empty() && (text.front() == ' ' || text.front() == 'T') && text.find(':') != std::string_view::npos &&
         text.find_first_not_of("0123456789: TZ.APMapm") == std::string_view::npos;
}

bool in_range(std::string_view digits, std::int64_t from, std::int64_t to) {
  const auto number = parse_number(digits);
  return number && *number >= from && *number <= to;
}

// 2022-03-18, 18.03.2022, 3/18/2022; with or without a time.
bool is_numeric_date(std::string_view text) {
  std::array<std::string_view, 3> parts;
  char separator = '\0';
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string_view rest = text;
    const std::size_t length = take_digits(text);
    if (length == 0) return false;
    parts[i] = rest.substr(0, length);
    if (i == parts.size() - 1) break;
    if (separator == '\0' && !text.empty()) separator = text.front();
    if (std::string_view("-./").find(separator) == std::string_view::npos || !take_any(text, {&separator, 1})) {
      return false;
    }
  }
  if (!text.empty() && !is_clock_time(text)) return false;
  const bool year_first = parts[0].size() == 4;
  const std::string_view year = year_first ? parts[0] : parts[2];
  const std::string_view other = year_first ? parts[2] : parts[0];
  return year.size() == 4 && in_range(year, 1899, 2199) && parts[1].size() <= 2 && other.size() <= 2 &&
         in_range(parts[1], 1, 31) && in_range(other, 1, 31);
}

// Nearly every telephone number and postal code; what is told from one here holds a letter or a separator.
bool is_plain_number(std::string_view text) {
  static constexpr auto plain = [] {
    std::array<bool, 256> found{};
    for (const char c : {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ' ', '+', '(', ')'}) {
      found[static_cast<unsigned char>(c)] = true;
    }
    return found;
  }();
  return std::ranges::all_of(text, [](char c) { return plain[static_cast<unsigned char>(c)]; });
}

bool holds_telephone_number(Attribute attribute) {
  return attribute == Attribute::business_phone || attribute == Attribute::mobile_phone ||
         attribute == Attribute::home_phone || attribute == Attribute::fax_number;
}

}  // namespace

bool is_null_word(std::string_view text) { return is_one_of(null_words, trimmed(text)); }

bool is_written_by_tool(std::string_view text) {
  text = trimmed(text);
  if (text.empty() || text.size() > longest_artefact) return false;
  switch (text.front()) {
    case '#':
      return is_spreadsheet_error(text);
    case '[':
      return text == "[object Object]";
    case '@':
    case '{':
    case 'D':
    case 'M':
    case 'S':
      return is_type_name(text);
    default:
      return is_one_of(null_words, text);
  }
}

bool is_artefact(Attribute attribute, std::string_view text) {
  if (is_artefact(text)) return true;
  const bool telephone = holds_telephone_number(attribute);
  if ((!telephone && attribute != Attribute::postal_code) || is_plain_number(text)) return false;
  text = trimmed(text);
  if (text.empty() || text.size() > longest_artefact) return false;
  return (telephone && is_exponent_number(text)) || is_numeric_date(text) || is_month_date(text);
}

void ExportedText::set(IdentityRecord& record, Attribute attribute, std::string_view text) {
  if (is_artefact(attribute, text)) {
    count(core::name_of(attribute));
    leave_alone(record, attribute);
  } else {
    text.empty() ? clear_text(record, attribute) : set_text(record, attribute, text);
  }
}

bool ExportedText::spoils(std::string_view column, std::string_view text) {
  const bool artefact = is_artefact(text);
  if (artefact) count(column);
  return artefact;
}

void ExportedText::count(std::string_view column) {
  ++count_;
  if (!is_one_of(columns_, column)) columns_.emplace_back(column);
}

void ExportedText::warn(std::vector<std::string>& warnings) const {
  if (count_ == 0) return;
  warnings.push_back(fmt::format(
      "{} {} not a value of the directory but what an exporting program wrote in its place (the name of a type, an "
      "error of a spreadsheet, a number made a date …): these facts are left as they are. Columns: {}. Mend the export",
      count_, count_ == 1 ? "text is" : "texts are", fmt::join(columns_, ", ")));
}

}  // namespace dvsync::source
