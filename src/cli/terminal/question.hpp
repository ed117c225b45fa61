#pragma once
// A question to whoever sits at the terminal.

#include <string>

namespace dvsync::cli {

// "… [y/N]" on standard error. Where nobody sits at standard input, whoever wrote the command has decided: true.
[[nodiscard]] bool confirmed(const std::string& question);

}  // namespace dvsync::cli
