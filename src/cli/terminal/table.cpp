#include "terminal/table.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace dvsync::cli {
namespace {

constexpr std::size_t narrowest_fold = 20;

struct Range {
  char32_t first;
  char32_t last;
};

// Unicode's nonspacing marks and format characters, as far as names and messages hold them.
constexpr std::array zero_width{
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD}, Range{0x0610, 0x061A}, Range{0x064B, 0x065F},
    Range{0x0900, 0x0902}, Range{0x093C, 0x093C}, Range{0x0941, 0x0948}, Range{0x0E31, 0x0E31}, Range{0x0E34, 0x0E3A},
    Range{0x0E47, 0x0E4E}, Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F}, Range{0x202A, 0x202E},
    Range{0x2060, 0x2064}, Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xFEFF, 0xFEFF}};

// East Asian Width W and F (Unicode UAX #11), and emoji.
constexpr std::array double_width{
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},   Range{0x3400, 0x4DBF},
    Range{0x4E00, 0x9FFF},   Range{0xA000, 0xA4CF},   Range{0xA960, 0xA97F},   Range{0xAC00, 0xD7A3},
    Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},
    Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD}};

template <std::size_t n>
bool within(const std::array<Range, n>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

// Reads one character at `at` and moves behind it. A stray byte counts as one character.
char32_t next_character(std::string_view utf8, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(utf8[at++]);
  if (lead < 0xC0) return lead;
  const std::size_t more = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  char32_t c = lead & (0x3FU >> more);
  for (std::size_t i = 0; i < more && at < utf8.size() && (static_cast<unsigned char>(utf8[at]) & 0xC0U) == 0x80; ++i) {
    c = (c << 6U) | (static_cast<unsigned char>(utf8[at++]) & 0x3FU);
  }
  return c;
}

std::size_t width_of(char32_t c) {
  if (c < 0x300) return 1;
  if (within(zero_width, c)) return 0;
  return within(double_width, c) ? 2 : 1;
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < utf8.size();) width += width_of(next_character(utf8, at));
  return width;
}

std::string padded(std::string_view text, std::size_t width) {
  const auto shown = display_width(text);
  return std::string(text) + std::string(width > shown ? width - shown : 0, ' ');
}

std::string shortened(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  std::size_t used = 1;  // the ellipsis
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t next = at;
    used += width_of(next_character(text, next));
    if (used > width) break;
    at = next;
  }
  return std::string(text.substr(0, at)) + (width > 0 ? "…" : "");
}

std::string tinted(const Paint& paint, Tint tint, std::string_view text) {
  switch (tint) {
    case Tint::none:
      break;
    case Tint::good:
      return paint.green(text);
    case Tint::attention:
      return paint.yellow(text);
    case Tint::bad:
      return paint.red(text);
    case Tint::faint:
      return paint.faint(text);
    case Tint::heading:
      return paint.bold(text);
  }
  return std::string(text);
}

std::vector<std::string> folded(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    auto& line = lines.back();
    if (line.empty()) {
      line = word;
    } else if (display_width(line) + 1 + display_width(word) <= width) {
      line.append(" ").append(word);
    } else {
      lines.emplace_back(word);
    }
  }
  return lines;
}

namespace {

std::size_t widest_word(std::string_view text) {
  std::size_t widest = 0;
  for (const auto& word : folded(text, 0)) widest = std::max(widest, display_width(word));
  return widest;
}

}  // namespace

std::string folded_text(std::string_view text, std::optional<std::size_t> width, std::size_t indent) {
  if (!width || indent + display_width(text) <= *width) return std::string(text);
  std::string whole;
  for (const auto& line : folded(text, *width > indent + narrowest_fold ? *width - indent : narrowest_fold)) {
    whole += (whole.empty() ? "" : "\n" + std::string(indent, ' ')) + line;
  }
  return whole;
}

std::string Table::text(const Paint& paint, std::optional<std::size_t> width) const {
  auto copy = *this;
  return copy.take(paint, width);
}

std::string Table::take(const Paint& paint, std::optional<std::size_t> width) {
  std::vector<Cell> heads;
  for (std::size_t i = 0; i < headings_.size(); ++i) {
    heads.push_back({headings_[i].text, Tint::heading});
    widths_[i] = std::max(widths_[i], display_width(headings_[i].text));
    for (const auto& row : rows_) {
      widths_[i] = std::max(widths_[i], display_width(row[i].text));
      if (headings_[i].fit == Fit::fold) words_[i] = std::max(words_[i], widest_word(row[i].text));
    }
  }
  if (shown_.empty()) choose_columns(width.value_or(std::string::npos));
  if (width) fold_texts(*width);
  std::string text = std::exchange(heading_told_, true) ? "" : lines_of(heads, paint);
  for (const auto& row : rows_) text += lines_of(row, paint);
  rows_.clear();
  return text;
}

std::vector<std::string> Table::left_out() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < headings_.size() && !shown_.empty(); ++i) {
    if (std::ranges::find(shown_, i) == shown_.end()) names.push_back(headings_[i].text);
  }
  return names;
}

void Table::choose_columns(std::size_t width) {
  for (std::size_t i = 0; i < headings_.size(); ++i) shown_.push_back(i);
  const auto least = [this] {
    auto total = total_width();
    for (const auto i : shown_) total -= widths_[i] - narrowest(i);
    return total;
  };
  while (least() > width) {
    const auto last =
        std::find_if(shown_.rbegin(), shown_.rend(), [this](auto i) { return headings_[i].fit != Fit::keep; });
    if (last == shown_.rend()) return;
    shown_.erase(std::next(last).base());
  }
}

void Table::fold_texts(std::size_t width) {
  for (auto at = shown_.rbegin(); at != shown_.rend() && total_width() > width; ++at) {
    const auto excess = total_width() - width;
    const auto least = narrowest(*at);
    widths_[*at] = widths_[*at] > least + excess ? widths_[*at] - excess : least;
  }
}

// What is folded, is so at blanks, and not to a ribbon.
std::size_t Table::narrowest(std::size_t column) const {
  if (headings_[column].fit != Fit::fold) return widths_[column];
  return std::min(widths_[column], std::max(narrowest_fold, words_[column]));
}

std::size_t Table::total_width() const {
  std::size_t total = 2 * (shown_.size() - 1);
  for (const auto i : shown_) total += widths_[i];
  return total;
}

std::string Table::lines_of(const std::vector<Cell>& cells, const Paint& paint) const {
  std::vector<std::vector<std::string>> pieces(cells.size());
  std::size_t lines = 1;
  for (const auto i : shown_) {
    const bool fits = headings_[i].fit != Fit::fold || display_width(cells[i].text) <= widths_[i];
    pieces[i] = fits ? std::vector{cells[i].text} : folded(cells[i].text, widths_[i]);
    lines = std::max(lines, pieces[i].size());
  }
  std::string text;
  for (std::size_t number = 0; number < lines; ++number) text += line(pieces, number, cells, paint);
  return text;
}

std::string Table::line(const std::vector<std::vector<std::string>>& pieces, std::size_t number,
                        const std::vector<Cell>& cells, const Paint& paint) const {
  std::string text;
  std::size_t blanks = 0;  // held back: at the end of a line they are in the way of whoever copies it
  for (const auto i : shown_) {
    const auto piece = number < pieces[i].size() ? pieces[i][number] : std::string();
    const auto width = display_width(piece);
    const auto fill = widths_[i] > width ? widths_[i] - width : 0;
    if (headings_[i].align == Align::right) blanks += fill;
    if (!piece.empty()) {
      text += std::string(blanks, ' ') + tinted(paint, cells[i].tint, piece);
      blanks = 0;
    }
    if (headings_[i].align == Align::left) blanks += fill;
    blanks += 2;
  }
  return text + "\n";
}

}  // namespace dvsync::cli
