#pragma once
// The verbs of `dvsync user`, and what they share.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "command.hpp"
#include "dvsync/sync/user_operations.hpp"

namespace dvsync::cli {

[[nodiscard]] std::vector<std::unique_ptr<Command>> user_commands();

[[nodiscard]] std::unique_ptr<Command> make_user_add_command();
[[nodiscard]] std::unique_ptr<Command> make_user_refresh_command();
[[nodiscard]] std::unique_ptr<Command> make_user_diagnose_command();
[[nodiscard]] std::unique_ptr<Command> make_user_enable_command();
[[nodiscard]] std::unique_ptr<Command> make_user_disable_command();
[[nodiscard]] std::unique_ptr<Command> make_user_invited_command();
[[nodiscard]] std::unique_ptr<Command> make_user_access_mode_command();
[[nodiscard]] std::unique_ptr<Command> make_user_application_command();
[[nodiscard]] std::unique_ptr<Command> make_user_list_command();
[[nodiscard]] std::unique_ptr<Command> make_user_link_command();
[[nodiscard]] std::unique_ptr<Command> make_user_reassign_command();

// Where an act takes place, and how it is told: --environment, --json.
struct UserOptions {
  std::optional<std::string> environment;
  bool json = false;

  void add_to(CLI::App& app);
  // Throws UsageError: unknown, or none named where there are several.
  [[nodiscard]] const config::Environment& chosen_of(const config::Configuration& configuration) const;
  // The same, and it must have rows. Throws UsageError for an environment of type none.
  [[nodiscard]] const config::Environment& with_rows_of(const config::Configuration& configuration) const;
};

// Tells one answer and returns its exit code.
[[nodiscard]] int tell(const Context& context, const config::Environment& environment,
                       const sync::RequestOutcome& answer, bool json);

}  // namespace dvsync::cli
