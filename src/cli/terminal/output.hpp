#pragma once
// A stream that people or programs read: whether it is a terminal, how wide, and whether colours are welcome.

#include <cstdint>
#include <cstdio>
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

  void write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), file_); }
  void flush() { std::fflush(file_); }
  // Whether everything written so far arrived.
  [[nodiscard]] bool good();

  [[nodiscard]] bool terminal() const { return terminal_; }
  [[nodiscard]] const Paint& paint() const { return paint_; }
  // Columns; 80 where nobody knows. Asked anew: a window may have been resized.
  [[nodiscard]] std::size_t width() const;

  // From now on to this stream, which is the caller's; returns the one before.
  std::FILE* redirect(std::FILE* file) { return std::exchange(file_, file); }

 private:
  std::FILE* file_;
  bool terminal_;
  Paint paint_;
};

}  // namespace dvsync::cli
