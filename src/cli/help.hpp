#pragma once
// How the help texts are laid out.

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace dvsync::cli {

// Prose in one line a paragraph: a line that is not indented and does not end a sentence goes on in the next one.
[[nodiscard]] std::string joined(std::string_view prose);
// Lines of at most `width` columns. What does not fit goes below the line's last column.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t width);

// For a program and every command that is added to it later.
[[nodiscard]] std::shared_ptr<CLI::FormatterBase> help_formatter();

}  // namespace dvsync::cli
