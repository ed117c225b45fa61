#pragma once
// Columns of text, aligned by what a terminal shows rather than by bytes.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "terminal/output.hpp"

namespace dvsync::cli {

// Cells that a terminal takes for this UTF-8 text: 0 for combining marks, 2 for wide East Asian characters and emoji.
[[nodiscard]] std::size_t display_width(std::string_view utf8);

// `text`, filled up with blanks on the right to `width` cells.
[[nodiscard]] std::string padded(std::string_view text, std::size_t width);

// The beginning of `text` that fits into `width` cells; "…" marks what was cut.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);

enum class Align : std::uint8_t { left, right };
enum class Tint : std::uint8_t { none, good, attention, bad, faint, heading };

struct Cell {
  std::string text;
  Tint tint = Tint::none;
};

class Table {
 public:
  struct Heading {
    std::string text;
    Align align = Align::left;
  };
  explicit Table(std::vector<Heading> headings) : headings_(std::move(headings)) {}
  // As many cells as headings.
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // The heading and every row, two blanks between columns, none at the end of a line.
  [[nodiscard]] std::string text(const Paint& paint) const;

 private:
  [[nodiscard]] std::string line(const std::vector<Cell>& cells, const std::vector<std::size_t>& widths,
                                 const Paint& paint) const;

  std::vector<Heading> headings_;
  std::vector<std::vector<Cell>> rows_;
};

[[nodiscard]] std::string tinted(const Paint& paint, Tint tint, std::string_view text);

}  // namespace dvsync::cli
