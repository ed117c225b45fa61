#pragma once
// A stream that people or programs read: whether it is a terminal, how wide, and whether colours are welcome.

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dvsync::cli {

enum class ColorMode : std::uint8_t { automatic, always, never };

// Puts colours around text, or leaves it alone.
class Paint {
 public:
  explicit Paint(bool on = false) : on_(on) {}
  [[nodiscard]] bool on() const { return on_; }
  [[nodiscard]] std::string bold(std::string_view text) const { return in("1", text); }
  [[nodiscard]] std::string faint(std::string_view text) const { return in("2", text); }
  [[nodiscard]] std::string red(std::string_view text) const { return in("31", text); }
  [[nodiscard]] std::string green(std::string_view text) const { return in("32", text); }
  [[nodiscard]] std::string yellow(std::string_view text) const { return in("33", text); }
  [[nodiscard]] std::string cyan(std::string_view text) const { return in("36", text); }

 private:
  [[nodiscard]] std::string in(std::string_view code, std::string_view text) const;
  bool on_;
};

class Output {
 public:
  // Does not own `file`. Colours: `automatic` asks for a terminal that is not "dumb", and heeds NO_COLOR.
  Output(std::FILE* file, ColorMode mode);

  void write(std::string_view text);
  void flush() { std::fflush(file_); }
  // Whether everything written so far arrived.
  [[nodiscard]] bool good();

  [[nodiscard]] bool terminal() const { return terminal_; }
  [[nodiscard]] const Paint& paint() const { return paint_; }
  // Columns; 80 where nobody knows. Asked anew: a window may have been resized.
  [[nodiscard]] std::size_t width() const;
  // The columns that tables have: of a terminal, else what $COLUMNS says; nullopt: any number, since whoever reads a
  // pipe looks for whole lines.
  [[nodiscard]] std::optional<std::size_t> table_width() const;

  // From now on to this stream, which is the caller's; returns the one before.
  std::FILE* redirect(std::FILE* file) { return std::exchange(file_, file); }

 private:
  std::FILE* file_;
  int descriptor_;  // of the stream it began with: a pager's pipe has no width
  bool terminal_;
  bool ascii_;  // the terminal's locale knows no other signs
  Paint paint_;
};

// Arrows, ticks and the like in ASCII; names stay as they are.
[[nodiscard]] std::string in_ascii(std::string_view text);

}  // namespace dvsync::cli
