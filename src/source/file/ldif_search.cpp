#include "source/file/ldif_search.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "source/ascii.hpp"

namespace dvsync::source::file {
namespace {

// What follows `name` at the start of `text`; empty: it does not start so.
std::string_view behind(std::string_view name, std::string_view text) {
  return text.starts_with(name) ? trimmed(text.substr(name.size())) : std::string_view();
}

}  // namespace

void LdifSearch::comment(std::string_view text, const std::string& where) {
  if (text.starts_with("extended LDIF")) {
    open_ = true;
    open_since_ = where;
    found_ = {};
  } else if (const auto responses = behind("numResponses:", text); !responses.empty()) {
    open_ = false;
    const auto responses_of = [](const Found& found) {
      return found.entries + std::max<std::uint64_t>(found.others, 1);
    };
    compare(responses, responses_of(found_), responses_of(all_), "responses", where);
  } else if (const auto entries = behind("numEntries:", text); !entries.empty()) {
    open_ = false;
    compare(entries, found_.entries, all_.entries, "entries", where);
    found_ = {};
  }
}

// A search in pages counts all of them at its end, or each of them: either may be right.
void LdifSearch::compare(std::string_view said, std::uint64_t found, std::uint64_t all, std::string_view what,
                         const std::string& where) {
  const auto number = parse_number(said);
  if (!number || *number < 0 || !shortfall_.empty()) return;
  const auto expected = static_cast<std::uint64_t>(*number);
  if (expected <= found || expected == all) return;
  shortfall_ = fmt::format("{}: the search that wrote this file says that it found {} {}, but {} are in it", where,
                           expected, what, found);
}

std::string LdifSearch::shortfall() const {
  if (!shortfall_.empty() || !open_) return shortfall_;
  return fmt::format(
      "{}: the file begins with the head of a search (\"# extended LDIF\"), but its end (\"# numResponses\") is "
      "missing",
      open_since_);
}

}  // namespace dvsync::source::file
