#include "user/user_list_input.hpp"

#include <string_view>

#include "dvsync/core/text.hpp"

namespace dvsync::cli {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view line) {
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
    text = trimmed(text);
    if (text.empty() || text.starts_with('#')) continue;
    if (core::text_prefix(text).size() == text.size()) {
      users.names.emplace_back(text);
    } else {
      users.unreadable.push_back(number);
    }
  }
  return users;
}

}  // namespace dvsync::cli
