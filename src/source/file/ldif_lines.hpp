#pragma once
// RFC 2849 as a stream of logical lines: unfolded, without comments.

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include "source/file/input_file.hpp"

namespace dvsync::source::file {

struct LdifLine {
  enum class Kind : std::uint8_t {
    attribute,
    separator,  // a blank line: the end of a record
    comment,    // of those that ldapsearch writes about its search; `value` is the text behind the "#"
    broken,     // neither; `fault` says why
  };
  Kind kind = Kind::separator;
  std::string name;     // lower case, without options
  std::string options;  // lower case, what follows the first ";" of the name
  std::string value;    // decoded; may hold any byte
  bool is_url = false;  // "attr:< URL": `value` is the URL
  std::string fault;
  std::uint64_t line = 0;
};

class LdifLines {
 public:
  explicit LdifLines(InputFile& input) : input_(input) {}

  // False: the file has ended. Throws SourceError when it ended within a line.
  bool next(LdifLine& line, const std::stop_token& stop);

  // Back to a place where a line begins.
  void seek(std::uint64_t offset, std::uint64_t line);
  [[nodiscard]] std::uint64_t offset() const { return input_.offset(); }
  [[nodiscard]] std::uint64_t line() const { return line_; }

 private:
  bool read_folded(const std::stop_token& stop);
  bool read_physical(const std::stop_token& stop);
  void interpret(LdifLine& line) const;

  InputFile& input_;
  std::string text_;  // the logical line
  bool too_long_ = false;
  std::uint64_t line_ = 1;  // of the next physical line
};

}  // namespace dvsync::source::file
