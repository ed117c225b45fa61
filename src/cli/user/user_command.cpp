// dvsync user: on demand, as administrators do. Each verb is a command of its own below this one.

#include "command.hpp"
#include "dvsync/sync/engine.hpp"
#include "options.hpp"
#include "user/answers.hpp"
#include "user/user_commands.hpp"

namespace dvsync::cli {
namespace {

class UserCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("user", "On demand: add, refresh, diagnose, enable, disable and list users");
    app->require_subcommand(1);
    for (const auto& verb : verbs_) declared_.push_back(verb->declare(*app));
    return app->footer(
        "Takes effect at once, also beside a running sync, and is logged with who did it. Changes are made in one\n"
        "environment: --environment names it where the configuration has several.\n"
        "\n"
        "Examples:\n"
        "  dvsync user add ana@contoso.example --environment contoso\n"
        "  dvsync user diagnose ana@contoso.example --environment contoso\n"
        "  dvsync user add --file new_users.txt --environment contoso --json");
  }

  int run(const Context& context) override {
    for (std::size_t i = 0; i < declared_.size(); ++i) {
      if (declared_[i]->parsed()) return verbs_[i]->run(context);
    }
    return 0;  // CLI11 demands one
  }

 private:
  std::vector<std::unique_ptr<Command>> verbs_ = user_commands();
  std::vector<CLI::App*> declared_;
};

}  // namespace

std::unique_ptr<Command> make_user_command() { return std::make_unique<UserCommand>(); }

std::vector<std::unique_ptr<Command>> user_commands() {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(make_user_add_command());
  commands.push_back(make_user_refresh_command());
  commands.push_back(make_user_diagnose_command());
  commands.push_back(make_user_enable_command());
  commands.push_back(make_user_disable_command());
  commands.push_back(make_user_invited_command());
  commands.push_back(make_user_access_mode_command());
  commands.push_back(make_user_application_command());
  commands.push_back(make_user_list_command());
  commands.push_back(make_user_link_command());
  commands.push_back(make_user_reassign_command());
  return commands;
}

void UserOptions::add_to(CLI::App& app) {
  app.add_option("-e,--environment", environment, "The environment; may be left out where there is only one")
      ->type_name("NAME");
  add_json(app, json);
}

const config::Environment& UserOptions::chosen_of(const config::Configuration& configuration) const {
  if (environment) return *sync::chosen(configuration, {*environment}).front();
  if (configuration.environments.size() == 1) return configuration.environments.front();
  std::string message = "there are several environments: name one with --environment:";
  for (const auto& one : configuration.environments) message += " " + one.rules.name;
  throw sync::UsageError(message);
}

const config::Environment& UserOptions::with_rows_of(const config::Configuration& configuration) const {
  const auto& chosen = chosen_of(configuration);
  if (chosen.rules.type == core::EnvironmentType::none) {
    throw sync::UsageError("environment " + chosen.rules.name +
                           " is of type none: it has no Dataverse database, and no rows");
  }
  return chosen;
}

int tell(const Context& context, const config::Environment& environment, const sync::RequestOutcome& answer,
         bool json) {
  if (json) {
    auto object = json_of(answer);
    object["environment"] = environment.rules.name;
    context.out.write(boost::json::serialize(object) + "\n");
  } else {
    context.out.write(line_of(answer, context.out.paint()));
  }
  return exit_code_of(answer);
}

}  // namespace dvsync::cli
