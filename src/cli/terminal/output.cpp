#include "terminal/output.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace dvsync::cli {
namespace {

bool wants_color(bool terminal, ColorMode mode) {
  if (mode != ColorMode::automatic) return mode == ColorMode::always;
  const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org: set and not empty
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* term = std::getenv("TERM");
  return terminal && term != nullptr && std::string_view(term) != "dumb";
}

}  // namespace

std::string Paint::in(std::string_view code, std::string_view text) const {
  if (!on_ || text.empty()) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

Output::Output(std::FILE* file, ColorMode mode)
    : file_(file), terminal_(isatty(fileno(file)) != 0), paint_(wants_color(terminal_, mode)) {}

bool Output::good() { return std::fflush(file_) == 0 && std::ferror(file_) == 0; }

std::size_t Output::width() const {
  winsize size{};
  if (terminal_ && ioctl(fileno(file_), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace dvsync::cli
