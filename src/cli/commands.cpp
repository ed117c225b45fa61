#include "command.hpp"

namespace dvsync::cli {

config::Configuration Context::configuration() const {
  auto loaded = config::load(config::file_to_load(configuration_file));
  if (auto* diagnostics = std::get_if<std::vector<config::Diagnostic>>(&loaded)) {
    throw InvalidConfiguration(std::move(*diagnostics));
  }
  return std::get<config::Configuration>(std::move(loaded));
}

std::vector<std::unique_ptr<Command>> all_commands() {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(make_run_command());
  commands.push_back(make_sync_command());
  commands.push_back(make_plan_command());
  commands.push_back(make_show_command());
  commands.push_back(make_apply_command());
  commands.push_back(make_approve_command());
  commands.push_back(make_reject_command());
  commands.push_back(make_undo_command());
  commands.push_back(make_explain_command());
  commands.push_back(make_user_command());
  commands.push_back(make_log_command());
  commands.push_back(make_report_command());
  commands.push_back(make_status_command());
  commands.push_back(make_init_command());
  commands.push_back(make_notify_command());
  commands.push_back(make_console_command());
  commands.push_back(make_check_command());
  commands.push_back(make_migrate_command());
  commands.push_back(make_help_command());
  commands.push_back(make_version_command());
  commands.push_back(make_complete_command());
  return commands;
}

}  // namespace dvsync::cli
