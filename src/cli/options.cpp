#include "options.hpp"

#include <pwd.h>
#include <unistd.h>

namespace dvsync::cli {

void add_environments(CLI::App& app, std::vector<std::string>& environments) {
  app.add_option("-e,--environment", environments, "Only this environment; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_json(CLI::App& app, bool& json) { app.add_flag("--json", json, "Print JSON (docs/commands.md)"); }

std::string requester() {
  const auto uid = getuid();
  const auto* entry = getpwuid(uid);  // no other thread asks
  return entry != nullptr ? entry->pw_name : std::to_string(uid);
}

void Selection::add_to(CLI::App& app) {
  auto* everything = app.add_flag("--full", full, "Evaluate everybody, and re-read account states and plans");
  add_environments(app, environments);
  app.add_option("-u,--user", user,
                 "Only this user (name or object id), from the mirror, without reading the directory")
      ->type_name("USER")
      ->excludes(everything);
}

sync::RunRequest Selection::request(std::string command) const {
  sync::RunRequest request{
      .full = full, .environments = environments, .command = std::move(command), .requested_by = requester()};
  if (user) request.user = sync::reference_to(*user);
  return request;
}

}  // namespace dvsync::cli
