#pragma once
// How the program is called, and what to say when it was called otherwise.

#include <CLI/CLI.hpp>
#include <string>

namespace dvsync::cli {

extern const char* const program_examples;

// One line: what is wrong with the command line, and what was probably meant.
[[nodiscard]] std::string usage_error(const CLI::App& program, const CLI::ParseError& error);

}  // namespace dvsync::cli
