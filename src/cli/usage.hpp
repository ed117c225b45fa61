#pragma once
// How the program is called, and what to say when it was called otherwise.

#include <CLI/CLI.hpp>
#include <string>

namespace dvsync::cli {

extern const char* const program_examples;

// nullptr: there is none of that name.
[[nodiscard]] const CLI::App* command_named(const CLI::App& program, const std::string& name);
// "unknown command `x`", and what was probably meant. `program`: or a command that has commands of its own.
[[nodiscard]] std::string unknown_command(const CLI::App& program, const std::string& word);

// One line: what is wrong with the command line, and what was probably meant.
[[nodiscard]] std::string usage_error(const CLI::App& program, const CLI::ParseError& error);

}  // namespace dvsync::cli
