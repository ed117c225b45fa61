#pragma once
// Collects what is wrong with a configuration, so that every mistake is told at once.

#include <string>
#include <string_view>
#include <vector>

#include "dvsync/config/configuration.hpp"

namespace dvsync::config {

// Where something stands in the text. Line 0: nowhere in particular.
struct Position {
  std::size_t line = 0;    // from 1
  std::size_t column = 0;  // from 1, in bytes (as yaml-cpp counts)
};

class Report {
 public:
  Report(std::string file, std::string_view text);

  void add(Position at, std::string message);

  [[nodiscard]] bool empty() const { return diagnostics_.empty(); }
  // In the order of the file.
  [[nodiscard]] std::vector<Diagnostic> take() &&;

 private:
  std::string file_;
  std::vector<std::string_view> lines_;
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace dvsync::config
