#include "masking.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "dvsync/core/text.hpp"

namespace dvsync::config {
namespace {

constexpr auto mask = "***";
constexpr std::size_t longest_quote = 60;
// An encoded key is longer than any word with capitals and digits that belongs into a configuration.
constexpr std::size_t encoded_length = 40;

bool is_word(char byte) { return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '_' || byte == '-'; }
bool is_encoded(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '+' || byte == '/' || byte == '=';
}

// A key of which the value may be a secret, also where the key is misspelt or not one of ours.
bool names_secret(std::string_view word) {
  static constexpr std::array<std::string_view, 8> hints{"pass",  "pasw",       "pwd",        "secret",
                                                         "token", "credential", "connection", "private_key"};
  std::string lower(word);
  std::ranges::transform(lower, lower.begin(), [](unsigned char byte) { return std::tolower(byte); });
  return !lower.ends_with("_file") && lower != "app_pass_capacity" &&
         std::ranges::any_of(hints, [&](std::string_view hint) { return lower.find(hint) != std::string::npos; });
}

// Behind the word that ends at `end`: where its value begins, npos if it is not followed by one.
std::size_t value_after(std::string_view line, std::size_t end) {
  auto next = end;
  if (next < line.size() && (line[next] == '"' || line[next] == '\'')) {
    ++next;
  }
  next = std::min(line.find_first_not_of(" \t", next), line.size());
  if (next == line.size() || (line[next] != ':' && line[next] != '=')) return std::string_view::npos;
  return std::min(line.find_first_not_of(" \t", next + 1), line.size());
}

std::size_t secret_value(std::string_view line) {
  for (std::size_t begin = 0; begin < line.size();) {
    auto end = begin;
    while (end < line.size() && is_word(line[end])) {
      ++end;
    }
    if (end > begin && names_secret(line.substr(begin, end - begin))) {
      if (const auto value = value_after(line, end); value != std::string_view::npos) return value;
    }
    begin = end + 1;
  }
  return line.size();
}

// scheme://user:password@host
std::size_t user_info(std::string_view line) {
  const auto authority = line.find("://");
  const bool has_user = authority != std::string_view::npos && line.find('@', authority) != std::string_view::npos;
  return has_user ? authority + 3 : line.size();
}

bool looks_encoded(std::string_view run) {
  const auto any = [&](int (*is)(int)) {
    return std::ranges::any_of(run, [&](unsigned char byte) { return is(byte); });
  };
  return run.size() >= encoded_length && any(std::isupper) && any(std::islower) && any(std::isdigit);
}

std::size_t encoded_run(std::string_view line) {
  for (std::size_t begin = 0; begin < line.size();) {
    auto end = begin;
    while (end < line.size() && is_encoded(line[end])) {
      ++end;
    }
    if (looks_encoded(line.substr(begin, end - begin))) return begin;
    begin = end + 1;
  }
  return line.size();
}

// But for tabs, which the caret below counts.
std::string printable(std::string_view text) {
  std::string shown;
  for (;;) {
    const auto tab = std::min(text.find('\t'), text.size());
    shown += core::printable(text.substr(0, tab));
    if (tab == text.size()) return shown;
    shown += '\t';
    text.remove_prefix(tab + 1);
  }
}

}  // namespace

std::string masked(std::string_view line) {
  const auto secret =
      std::min({secret_value(line), user_info(line), encoded_run(line), line.find("-----BEGIN"), line.size()});
  auto shown = printable(line.substr(0, secret));
  if (secret < line.size()) {
    shown += mask;
  }
  return shown;
}

std::string in_quotes(std::string_view value) {
  const auto shown = masked(value);
  auto cut = std::min(shown.size(), longest_quote);
  while (cut < shown.size() && (static_cast<unsigned char>(shown[cut]) & 0xC0U) == 0x80U) {
    --cut;  // never within a code point
  }
  return "`" + shown.substr(0, cut) + (cut < shown.size() ? "…`" : "`");
}

}  // namespace dvsync::config
