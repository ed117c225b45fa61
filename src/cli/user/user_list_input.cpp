#include "user/user_list_input.hpp"

#include <fstream>
#include <iostream>
#include <string_view>

#include "dvsync/core/text.hpp"
#include "dvsync/sync/engine.hpp"

namespace dvsync::cli {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view blanks = " \t\r";

std::string_view without_blanks(std::string_view line) {
  const auto begin = line.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(blanks) - begin + 1);
}

}  // namespace

NamedUsers read_names(std::istream& input) {
  NamedUsers users;
  std::string line;
  for (std::size_t number = 1; std::getline(input, line); ++number) {
    std::string_view text = line;
    if (number == 1 && text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    text = without_blanks(text);
    if (text.empty() || text.starts_with('#')) continue;
    if (core::text_prefix(text).size() == text.size()) {
      users.names.emplace_back(text);
    } else {
      users.unreadable.push_back(number);
    }
  }
  return users;
}

NamedUsers read_named(const std::string& path) {
  if (path == "-") return read_names(std::cin);
  std::ifstream file(path, std::ios::binary);
  if (!file) throw sync::UsageError("the file " + path + " cannot be read");
  return read_names(file);
}

std::string trimmed(std::string_view text) { return std::string(without_blanks(text)); }

}  // namespace dvsync::cli
