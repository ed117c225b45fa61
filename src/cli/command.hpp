#pragma once
// A command of the program, and all of them. Each has a file, or a folder, of its own.

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

// What every command works with.
struct Context {
  std::optional<std::string> configuration_file;  // --config
  Output& out;                                    // the answer
  Output& err;                                    // progress, and what is wrong

  // Throws InvalidConfiguration.
  [[nodiscard]] config::Configuration configuration() const;
};

// The configuration cannot be used: every mistake at once.
class InvalidConfiguration : public std::exception {
 public:
  explicit InvalidConfiguration(std::vector<config::Diagnostic> diagnostics) : diagnostics_(std::move(diagnostics)) {}
  [[nodiscard]] const std::vector<config::Diagnostic>& diagnostics() const { return diagnostics_; }
  [[nodiscard]] const char* what() const noexcept override { return "the configuration is not valid"; }

 private:
  std::vector<config::Diagnostic> diagnostics_;
};

class Command {
 public:
  virtual ~Command() = default;
  // Adds itself, with its options, to the program's command line.
  virtual CLI::App* declare(CLI::App& program) = 0;
  // Once everything is parsed. Returns the exit code; throws what errors.hpp can name.
  virtual int run(const Context& context) = 0;
};

// In the order of the help text.
[[nodiscard]] std::vector<std::unique_ptr<Command>> all_commands();

[[nodiscard]] std::unique_ptr<Command> make_run_command();
[[nodiscard]] std::unique_ptr<Command> make_sync_command();
[[nodiscard]] std::unique_ptr<Command> make_plan_command();
[[nodiscard]] std::unique_ptr<Command> make_show_command();
[[nodiscard]] std::unique_ptr<Command> make_apply_command();
[[nodiscard]] std::unique_ptr<Command> make_approve_command();
[[nodiscard]] std::unique_ptr<Command> make_reject_command();
[[nodiscard]] std::unique_ptr<Command> make_undo_command();
[[nodiscard]] std::unique_ptr<Command> make_explain_command();
[[nodiscard]] std::unique_ptr<Command> make_user_command();
[[nodiscard]] std::unique_ptr<Command> make_log_command();
[[nodiscard]] std::unique_ptr<Command> make_report_command();
[[nodiscard]] std::unique_ptr<Command> make_status_command();
[[nodiscard]] std::unique_ptr<Command> make_init_command();
[[nodiscard]] std::unique_ptr<Command> make_notify_command();
[[nodiscard]] std::unique_ptr<Command> make_console_command();
[[nodiscard]] std::unique_ptr<Command> make_check_command();
[[nodiscard]] std::unique_ptr<Command> make_migrate_command();
[[nodiscard]] std::unique_ptr<Command> make_help_command();
[[nodiscard]] std::unique_ptr<Command> make_version_command();
[[nodiscard]] std::unique_ptr<Command> make_complete_command();

}  // namespace dvsync::cli
