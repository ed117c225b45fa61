#pragma once
// Options that several commands share.

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "command.hpp"
#include "dvsync/sync/engine.hpp"

namespace dvsync::cli {

// --environment, any number of them.
void add_environments(CLI::App& app, std::vector<std::string>& environments);
// --json
void add_json(CLI::App& app, bool& json);

// What `sync` and `plan` look at: --full, --environment, --user.
struct Selection {
  bool full = false;
  std::vector<std::string> environments;
  std::optional<std::string> user;

  void add_to(CLI::App& app);
  [[nodiscard]] sync::RunRequest request(std::string command) const;
};

// Prints how a run ended, and returns its exit code.
[[nodiscard]] int tell(const Context& context, const config::Configuration& configuration,
                       const sync::RunReport& report, bool json);

}  // namespace dvsync::cli
