#include "report.hpp"

#include <algorithm>
#include <utility>

#include "masking.hpp"

namespace dvsync::config {
namespace {

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool starts_code_point(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

std::size_t code_points(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(utf8, starts_code_point));
}

// What stands above the caret: blanks, and tabs where the line has them.
std::string indentation(std::string_view line, std::size_t columns) {
  std::string blanks;
  for (const char byte : line) {
    if (blanks.size() == columns) break;
    if (starts_code_point(byte)) {
      blanks += byte == '\t' ? '\t' : ' ';
    }
  }
  return blanks;
}

}  // namespace

Report::Report(std::string file, std::string_view text) : file_(std::move(file)), lines_(split_lines(text)) {}

void Report::add(Position at, std::string message) {
  Diagnostic diagnostic{
      .file = file_, .line = at.line, .column = at.column, .message = std::move(message), .source_line = {}};
  if (at.line > 0 && at.line <= lines_.size()) {
    const auto line = lines_[at.line - 1];
    diagnostic.column = code_points(line.substr(0, at.column - 1)) + 1;
    diagnostic.source_line = masked(line);
  }
  diagnostics_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Report::take() && {
  std::ranges::stable_sort(diagnostics_, {}, [](const Diagnostic& each) { return std::pair(each.line, each.column); });
  // A mistake behind a YAML alias is found once for each use, and told once.
  const auto same = [](const Diagnostic& left, const Diagnostic& right) {
    return left.line == right.line && left.column == right.column && left.message == right.message;
  };
  diagnostics_.erase(std::unique(diagnostics_.begin(), diagnostics_.end(), same), diagnostics_.end());
  return std::move(diagnostics_);
}

std::string to_string(const Diagnostic& diagnostic) {
  if (diagnostic.line == 0) return diagnostic.file + ": " + diagnostic.message;
  auto text = diagnostic.file + ":" + std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column) + ": " +
              diagnostic.message;
  if (!diagnostic.source_line.empty()) {
    text += "\n" + diagnostic.source_line + "\n" + indentation(diagnostic.source_line, diagnostic.column - 1) + "^";
  }
  return text;
}

}  // namespace dvsync::config
