#include "sql_statements.hpp"

#include <algorithm>
#include <cctype>

namespace dvsync::store {
namespace {

constexpr auto npos = std::string_view::npos;

// The `$$` or `$name$` that a body begins with; empty: the dollar stands for something else.
std::string_view dollar_quote(std::string_view text) {
  const auto end = text.find('$', 1);
  if (end == npos) return {};
  const auto name = text.substr(1, end - 1);
  const auto is_part_of_name = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; };
  const bool is_number = !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) != 0;
  const bool is_name = !is_number && std::all_of(name.begin(), name.end(), is_part_of_name);
  return is_name ? text.substr(0, end + 1) : std::string_view();
}

// What the piece of text at the front ends with, if it is one in which a semicolon parts nothing.
std::string_view end_of_piece(std::string_view text) {
  if (text.starts_with("--")) return "\n";
  if (text.starts_with("/*")) return "*/";
  if (text.front() == '\'' || text.front() == '"') return text.substr(0, 1);
  return text.front() == '$' ? dollar_quote(text) : std::string_view();
}

std::size_t length_of_piece(std::string_view text) {
  const auto end = end_of_piece(text);
  if (end.empty()) return 1;
  const bool begins_as_it_ends = text.starts_with(end);
  const auto found = text.find(end, begins_as_it_ends ? end.size() : 2);
  return found == npos ? text.size() : found + end.size();
}

}  // namespace

std::vector<std::string_view> statements_of(std::string_view file) {
  std::vector<std::string_view> statements;
  bool says_something = false;
  std::size_t from = 0;
  for (std::size_t at = 0; at < file.size();) {
    const auto rest = file.substr(at);
    const auto length = length_of_piece(rest);
    const bool ends = rest.front() == ';';
    const bool is_comment = rest.starts_with("--") || rest.starts_with("/*");
    if (ends && says_something) statements.push_back(file.substr(from, at - from));
    says_something =
        !ends && (says_something || (!is_comment && std::isspace(static_cast<unsigned char>(rest.front())) == 0));
    at += length;
    if (ends) from = at;
  }
  if (says_something) statements.push_back(file.substr(from));
  return statements;
}

}  // namespace dvsync::store
