#include "dvsync/sync/engine.hpp"
#include "options.hpp"
#include "user/answers.hpp"
#include "user/user_commands.hpp"

namespace dvsync::cli {

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

int tell(const Context& context, const config::Environment& environment, const sync::Answer& answer, bool json) {
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
