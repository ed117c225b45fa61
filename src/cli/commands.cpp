#include "commands.hpp"

namespace dvsync::cli {

std::vector<std::unique_ptr<Command>> all_commands() {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(make_run_command());
  commands.push_back(make_sync_command());
  commands.push_back(make_plan_command());
  commands.push_back(make_approve_command());
  commands.push_back(make_explain_command());
  commands.push_back(make_user_command());
  commands.push_back(make_log_command());
  commands.push_back(make_status_command());
  commands.push_back(make_check_command());
  commands.push_back(make_migrate_command());
  return commands;
}

}  // namespace dvsync::cli
