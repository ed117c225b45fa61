#pragma once
// plan --what-if, --without-group, --without-user: who would gain access, and who would lose it.

#include <optional>
#include <string>
#include <vector>

#include "command.hpp"

namespace dvsync::cli {

struct WhatIfOptions {
  std::optional<std::string> configuration_file;
  std::vector<std::string> groups;
  std::vector<std::string> users;

  // They exclude `others`, which ask for a plan.
  void add_to(CLI::App& app, const std::vector<CLI::Option*>& others);
  [[nodiscard]] bool asked() const { return configuration_file || !groups.empty() || !users.empty(); }
};

// Returns the exit code.
[[nodiscard]] int tell_what_if(const Context& context, const WhatIfOptions& asked,
                               const std::vector<std::string>& environments, bool json);

}  // namespace dvsync::cli
