#pragma once
// RFC 4180 as a stream: rows may hold quoted line breaks, lines may end with CRLF, the delimiter may be another.

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "source/file/input_file.hpp"

namespace dvsync::source::file {

struct CsvRow {
  std::vector<std::string_view> cells;  // valid until the next row is read
  std::uint64_t line = 0;               // where it begins
  bool spans_lines = false;
  bool has_line_break = true;  // false: the file ended behind it
  bool may_be_cut = false;     // it ended within an unquoted cell: whether that was all of it, nobody can tell
  std::string fault;           // why it cannot be used, in words; `cells` are then of little worth
};

class CsvRows {
 public:
  CsvRows(InputFile& input, char delimiter) : input_(input), delimiter_(delimiter) {}

  // The next row that holds more than blanks; false: the file has ended. Throws SourceError when it ended inside
  // quotes.
  bool next(CsvRow& row, const std::stop_token& stop);

 private:
  enum class State : std::uint8_t { cell_start, plain, quoted, quote_in_quoted, behind_quotes };

  void begin_row();
  // Reads on within `window`; returns how much of it was used. Sets row_ended_ at a line break.
  std::size_t read(std::string_view window);
  std::size_t read_run(std::string_view rest);
  void read_sign(char c);
  void keep(std::string_view text);
  void end_cell();
  void end_line();
  bool finish(CsvRow& row, bool has_line_break);
  [[nodiscard]] bool is_blank() const;

  InputFile& input_;
  const char delimiter_;
  State state_ = State::cell_start;
  std::string text_;               // of all cells of the row, one after the other
  std::vector<std::size_t> ends_;  // of each cell in text_
  bool row_ended_ = false;
  bool misquoted_ = false;
  bool too_long_ = false;
  std::uint64_t line_ = 1;  // of the next character
  std::uint64_t row_line_ = 1;
};

}  // namespace dvsync::source::file
