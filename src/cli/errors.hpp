#pragma once
// What went wrong, as one line and an exit code (sysexits.h).

#include <exception>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/error.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

struct Failure {
  int exit_code = 0;
  std::string text;  // whole lines, for standard error
};

// Of a database that cannot be asked, or refuses.
[[nodiscard]] int exit_code_of(StoreError::Kind kind);
// Of a configuration that cannot be used.
[[nodiscard]] int exit_code_of(const std::vector<config::Diagnostic>& diagnostics);
// Of an exception that a command let through.
[[nodiscard]] Failure failure_of(const std::exception& error, const Paint& paint);

// Every mistake of the configuration, with its line and a caret.
[[nodiscard]] std::string describe(const std::vector<config::Diagnostic>& diagnostics, const Paint& paint);

}  // namespace dvsync::cli
