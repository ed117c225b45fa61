#pragma once
// Users named one a line, in a file or a pipe.

#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace dvsync::cli {

struct NamedUsers {
  std::vector<std::string> names;
  std::vector<std::size_t> unreadable;  // numbers of lines that are not text, from 1
};

// Blank lines and lines that begin with # are left out, and blanks around a name; CR LF ends a line as well.
[[nodiscard]] NamedUsers read_names(std::istream& input);
// The same of a file; - is standard input. Throws UsageError: it cannot be read.
[[nodiscard]] NamedUsers read_named(const std::string& path);

// Without the blanks around it.
[[nodiscard]] std::string trimmed(std::string_view text);

}  // namespace dvsync::cli
