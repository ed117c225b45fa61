#include "terminal/output.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "dvsync/core/text.hpp"

namespace dvsync::cli {
namespace {

bool wants_color(bool terminal, ColorMode mode) {
  if (mode != ColorMode::automatic) return mode == ColorMode::always;
  const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org: set and not empty
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* term = std::getenv("TERM");
  return terminal && term != nullptr && std::string_view(term) != "dumb";
}

// By the variables that setlocale(3) reads, in their order.
bool locale_has_utf8() {
  for (const auto* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const auto locale = core::ascii_lower(value);
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

}  // namespace

std::string in_ascii(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> signs{
      {{"→", "->"}, {"…", "..."}, {"✓", "+"}, {"✗", "x"}, {"·", "-"}, {"–", "-"}}};
  std::string plain;
  while (!text.empty()) {
    const auto sign = std::ranges::find_if(signs, [&](const auto& one) { return text.starts_with(one.first); });
    plain += sign == signs.end() ? text.substr(0, 1) : sign->second;
    text.remove_prefix(sign == signs.end() ? 1 : sign->first.size());
  }
  return plain;
}

void Output::write(std::string_view text) {
  if (ascii_) {
    const auto plain = in_ascii(text);
    std::fwrite(plain.data(), 1, plain.size(), file_);
  } else {
    std::fwrite(text.data(), 1, text.size(), file_);
  }
}

std::string Paint::in(std::string_view code, std::string_view text) const {
  if (!on_ || text.empty()) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

Output::Output(std::FILE* file, ColorMode mode)
    : file_(file),
      descriptor_(fileno(file)),
      terminal_(isatty(descriptor_) != 0),
      ascii_(terminal_ && !locale_has_utf8()),
      paint_(wants_color(terminal_, mode)) {}

bool Output::good() { return std::fflush(file_) == 0 && std::ferror(file_) == 0; }

std::size_t Output::width() const {
  winsize size{};
  if (terminal_ && ioctl(descriptor_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

std::optional<std::size_t> Output::table_width() const {
  if (terminal_) return width();
  const char* columns = std::getenv("COLUMNS");
  if (columns == nullptr) return std::nullopt;
  std::size_t number = 0;
  const std::string_view text = columns;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

}  // namespace dvsync::cli
