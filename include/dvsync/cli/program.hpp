#pragma once
// The program as people meet it: arguments in, text or JSON out. docs/commands.md says what every command does.

namespace dvsync::cli {

// Everything behind main(). The exit code follows sysexits.h (docs/commands.md). Never throws: what a command cannot do
// is one line on standard error.
[[nodiscard]] int run_program(int argc, const char* const* argv);

}  // namespace dvsync::cli
