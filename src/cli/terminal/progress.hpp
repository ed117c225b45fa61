#pragma once
// What a run shows while it works: on a terminal one line, redrawn; else a line when a phase begins and ends.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "dvsync/sync/in_words.hpp"
#include "dvsync/sync/report.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

using Clock = std::function<std::chrono::steady_clock::time_point()>;

// One phase at one moment.
struct Phase {
  std::string name;  // "directory", or an environment's
  std::int64_t done = 0;
  std::int64_t expected = 0;  // 0: nobody knows
  std::string unit;           // "records", "users"
  std::string detail;         // "3 created, 17 disabled"
  std::chrono::milliseconds elapsed{0};
};

// "contoso  [#####-----]  50 %  5000/10000 users  1250/s  0:04 left  3 created", at most `width` cells.
[[nodiscard]] std::string progress_line(const Phase& phase, std::size_t width);

// A line on a terminal that is drawn over itself, and gone in the end.
class TransientLine {
 public:
  explicit TransientLine(Output& err) : err_(err) {}
  ~TransientLine() { erase(); }
  TransientLine(const TransientLine&) = delete;
  TransientLine& operator=(const TransientLine&) = delete;

  void show(const std::string& line);
  void show(const Phase& phase);
  void erase();

 private:
  Output& err_;
  bool shown_ = false;
};

enum class Work : std::uint8_t { run, plan };

// The observer of a command in the foreground. Erases its line when it is destroyed, or a phase ends.
[[nodiscard]] std::unique_ptr<sync::Observer> make_progress(Output& err, Work work,
                                                            Clock clock = std::chrono::steady_clock::now);

}  // namespace dvsync::cli
