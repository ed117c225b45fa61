#pragma once
// Columns of text, aligned by what a terminal shows rather than by bytes.

#include <cstdint>
#include <optional>
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

// `text` in lines of at most `width` cells, broken at blanks; a longer word keeps a line of its own.
[[nodiscard]] std::vector<std::string> folded(std::string_view text, std::size_t width);

// A line that goes on below itself, `indent` cells in, where the terminal ends; without a width as it is.
[[nodiscard]] std::string folded_text(std::string_view text, std::optional<std::size_t> width, std::size_t indent);

enum class Align : std::uint8_t { left, right };
// What becomes of a column where the table is wider than the terminal: from the right, columns are left out until the
// rest fits with its texts folded.
enum class Fit : std::uint8_t { keep, leave_out, fold };
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
    Fit fit = Fit::keep;
  };
  explicit Table(std::vector<Heading> headings)
      : headings_(std::move(headings)), widths_(headings_.size(), 0), words_(headings_.size(), 0) {}
  // As many cells as headings.
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // The heading and every row, two blanks between columns, none at the end of a line. `width`: of the terminal.
  [[nodiscard]] std::string text(const Paint& paint, std::optional<std::size_t> width = {}) const;

  // The same of a table that is too long to be kept: the rows since the last call, below a heading that is told once.
  [[nodiscard]] std::size_t rows() const { return rows_.size(); }
  [[nodiscard]] std::string take(const Paint& paint, std::optional<std::size_t> width);
  // The headings of columns that were left out.
  [[nodiscard]] std::vector<std::string> left_out() const;

 private:
  void choose_columns(std::size_t width);
  void fold_texts(std::size_t width);
  [[nodiscard]] std::size_t total_width() const;
  [[nodiscard]] std::size_t narrowest(std::size_t column) const;
  [[nodiscard]] std::string lines_of(const std::vector<Cell>& cells, const Paint& paint) const;
  [[nodiscard]] std::string line(const std::vector<std::vector<std::string>>& pieces, std::size_t number,
                                 const std::vector<Cell>& cells, const Paint& paint) const;

  std::vector<Heading> headings_;
  std::vector<std::vector<Cell>> rows_;
  std::vector<std::size_t> widths_;
  std::vector<std::size_t> words_;  // the widest of each column
  std::vector<std::size_t> shown_;  // columns; none: not chosen yet
  bool heading_told_ = false;
};

[[nodiscard]] std::string tinted(const Paint& paint, Tint tint, std::string_view text);

}  // namespace dvsync::cli
