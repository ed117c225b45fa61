#include "source/file/ldif_lines.hpp"

#include <algorithm>
#include <array>

#include "dvsync/core/text.hpp"
#include "dvsync/error.hpp"
#include "source/ascii.hpp"
#include "source/base64.hpp"
#include "source/ldap_values.hpp"
#include "source/utf8.hpp"

namespace dvsync::source::file {
namespace {

// Longer lines are photos and certificates, which nobody asks for; what is kept of them is more than any column takes.
constexpr std::size_t longest_line = std::size_t{256} << 10U;

// What ldapsearch says about the search in comments: how many entries came, and how it ended.
bool tells_of_the_search(std::string_view comment) {
  constexpr std::array<std::string_view, 5> beginnings{"extended LDIF",
                                                       "numEntries:", "numResponses:", "numReferences:", "result:"};
  comment = trimmed(comment.substr(1));
  return std::ranges::any_of(beginnings, [&](std::string_view beginning) { return comment.starts_with(beginning); });
}

}  // namespace

bool LdifLines::next(LdifLine& line, const std::stop_token& stop) {
  do {
    line.line = line_;
    if (!read_folded(stop)) return false;
  } while (text_.starts_with('#') && !tells_of_the_search(text_));
  interpret(line);
  return true;
}

void LdifLines::seek(std::uint64_t offset, std::uint64_t line) {
  input_.seek(offset);
  line_ = line;
}

bool LdifLines::read_folded(const std::stop_token& stop) {
  text_.clear();
  too_long_ = false;
  if (!read_physical(stop)) return false;
  while (!text_.empty()) {  // a blank line cannot be continued
    const std::string_view next = input_.window(stop);
    if (!next.starts_with(' ')) break;
    input_.consume(1);
    if (!read_physical(stop)) break;
  }
  return true;
}

bool LdifLines::read_physical(const std::stop_token& stop) {
  for (bool started = false;; started = true) {
    const std::string_view window = input_.window(stop);
    if (window.empty()) {
      if (!started) return false;
      throw SourceError(SourceError::Kind::malformed,
                        input_.name() + ":" + std::to_string(line_) +
                            ": the last line has no line break, so the file is truncated: export it again");
    }
    const std::size_t end = std::min(window.find('\n'), window.size());
    const std::size_t kept = std::min(end, longest_line - std::min(longest_line, text_.size()));
    text_.append(window.substr(0, kept));
    too_long_ = too_long_ || kept < end;
    if (end < window.size()) {
      input_.consume(end + 1);
      ++line_;
      while (text_.ends_with('\r')) text_.pop_back();
      return true;
    }
    input_.consume(end);
  }
}

void LdifLines::interpret(LdifLine& line) const {
  line.options.clear();
  line.value.clear();
  line.fault.clear();
  line.is_url = false;
  line.kind = text_.empty() ? LdifLine::Kind::separator : LdifLine::Kind::attribute;
  if (text_.empty()) return;
  if (text_.starts_with('#')) {
    line.kind = LdifLine::Kind::comment;
    line.value = trimmed(std::string_view(text_).substr(1));
    return;
  }
  const auto broken = [&](std::string why) {
    line.kind = LdifLine::Kind::broken;
    line.fault = std::move(why);
  };
  const std::size_t colon = text_.find(':');
  if (colon == std::string::npos || colon == 0) return broken("a line has no attribute name");
  const std::string description = core::ascii_lower(without_mark(std::string_view(text_).substr(0, colon)));
  const AttributeDescription attribute = parse_description(description);
  line.name = attribute.name;
  line.options = attribute.options;
  std::string_view value = std::string_view(text_).substr(colon + 1);
  const bool is_base64 = value.starts_with(':');
  line.is_url = value.starts_with('<');
  if (is_base64 || line.is_url) value.remove_prefix(1);
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  if (!is_base64) {
    line.value = value;
    return;
  }
  if (too_long_) value = value.substr(0, value.size() / 4 * 4);
  auto decoded = from_base64(value);
  if (!decoded) return broken("the value of " + line.name + " is not valid base64");
  line.value = std::move(*decoded);
}

}  // namespace dvsync::source::file
