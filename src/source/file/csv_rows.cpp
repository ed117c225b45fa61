#include "source/file/csv_rows.hpp"

#include <algorithm>

#include "dvsync/core/text.hpp"
#include "dvsync/error.hpp"

namespace dvsync::source::file {
namespace {

// Real rows have some hundred bytes; what is longer comes of a quote that was never closed.
constexpr std::size_t longest_row = std::size_t{1} << 20U;

}  // namespace

bool CsvRows::next(CsvRow& row, const std::stop_token& stop) {
  for (;;) {
    begin_row();
    while (!row_ended_) {
      const std::string_view window = input_.window(stop);
      if (window.empty()) {
        if (state_ == State::quoted) {
          throw SourceError(SourceError::Kind::malformed,
                            input_.name() + ": a quote opened in the row of line " + std::to_string(row_line_) +
                                " is never closed, so the file is truncated or damaged: export it again");
        }
        end_cell();
        return !is_blank() && finish(row, false);
      }
      input_.consume(read(window));
    }
    if (!is_blank()) return finish(row, true);
  }
}

void CsvRows::begin_row() {
  state_ = State::cell_start;
  text_.clear();
  ends_.clear();
  row_ended_ = misquoted_ = too_long_ = false;
  row_line_ = line_;
}

std::size_t CsvRows::read(std::string_view window) {
  std::size_t used = 0;
  while (used < window.size() && !row_ended_) {
    used += read_run(window.substr(used));
    if (used < window.size()) read_sign(window[used++]);
  }
  return used;
}

// Ordinary characters up to the next one that means something.
std::size_t CsvRows::read_run(std::string_view rest) {
  std::size_t length = 0;
  if (state_ == State::quoted) {
    length = std::min(rest.find('"'), rest.size());
    line_ += static_cast<std::uint64_t>(std::ranges::count(rest.substr(0, length), '\n'));
  } else if (state_ == State::plain) {
    while (length < rest.size() && rest[length] != delimiter_ && rest[length] != '\n') ++length;
  }
  keep(rest.substr(0, length));
  return length;
}

void CsvRows::read_sign(char c) {
  if (state_ == State::quoted) {  // a quote, as read_run() stops at nothing else
    state_ = State::quote_in_quoted;
  } else if (state_ == State::quote_in_quoted && c == '"') {
    keep("\"");
    state_ = State::quoted;
  } else if (state_ == State::cell_start && c == '"') {
    state_ = State::quoted;
  } else if (c == delimiter_) {
    end_cell();
    state_ = State::cell_start;
  } else if (c == '\n') {
    end_line();
  } else if (state_ == State::cell_start) {
    keep({&c, 1});
    state_ = State::plain;
  } else {  // behind the closing quote
    misquoted_ = misquoted_ || c != '\r';
    state_ = State::behind_quotes;
  }
}

void CsvRows::keep(std::string_view text) {
  if (text_.size() + text.size() > longest_row) {
    too_long_ = true;
  } else {
    text_.append(text);
  }
}

void CsvRows::end_cell() {
  if (ends_.size() < longest_row / 16) {
    ends_.push_back(text_.size());
  } else {
    too_long_ = true;
  }
}

void CsvRows::end_line() {
  // The carriage return of the line end; never one that belongs to a quoted cell before it.
  const std::size_t cell_begin = ends_.empty() ? 0 : ends_.back();
  while (state_ == State::plain && text_.size() > cell_begin && text_.back() == '\r') text_.pop_back();
  end_cell();
  ++line_;
  row_ended_ = true;
}

// Rows that were emptied in a spreadsheet are left as separators, quotes and blanks.
bool CsvRows::is_blank() const { return !too_long_ && core::is_blank(text_); }

bool CsvRows::finish(CsvRow& row, bool has_line_break) {
  row.cells.clear();
  std::size_t begin = 0;
  for (const std::size_t end : ends_) {
    row.cells.push_back(std::string_view(text_).substr(begin, end - begin));
    begin = end;
  }
  row.line = row_line_;
  row.spans_lines = line_ > row_line_ + (has_line_break ? 1 : 0);
  row.has_line_break = has_line_break;
  row.may_be_cut = !has_line_break && (state_ == State::plain || state_ == State::cell_start);
  row.fault.clear();
  if (misquoted_) row.fault = "there is text behind a closing quote";
  if (too_long_) row.fault = "the row is longer than 1 MiB";
  return true;
}

}  // namespace dvsync::source::file
