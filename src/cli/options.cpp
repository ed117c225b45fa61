#include "options.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

namespace dvsync::cli {

void add_environments(CLI::App& app, std::vector<std::string>& environments) {
  app.add_option("-e,--environment", environments, "Only this environment; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

// CLI11 keeps nothing of ours beside an option but the name of a validator, which nobody is shown.
CLI::Option* with_words(CLI::Option* option, const std::vector<std::string>& words) {
  std::string name;
  for (const auto& word : words) name += word + "\n";
  return option->check(CLI::Validator("").name(name));
}

std::vector<std::string> choices_of(const CLI::Option& option) {
  std::vector<std::string> words;
  try {
    // Only looks; CLI11 has it for options that may be changed alone.
    std::istringstream name(const_cast<CLI::Option&>(option).get_validator(0)->get_name());  // NOLINT(*-const-cast)
    for (std::string word; std::getline(name, word);) words.push_back(word);
  } catch (const CLI::OptionNotFound&) {
  }
  return words;
}

CLI::Option* add_json(CLI::App& app, bool& json) {
  return app.add_flag("--json", json, "Print JSON (docs/commands.md)");
}

void add_comment(CLI::App& app, std::string& comment) {
  app.add_option("-m,--comment", comment, "Why, for the log")->type_name("TEXT");
}

CLI::Option* add_words(CLI::App& app, const std::string& name, std::vector<std::string>& words,
                       const std::vector<std::string>& known, const std::string& description) {
  const auto take = [name, &words, known](const std::vector<std::string>& given) {
    for (const auto& word : given) {
      if (std::find(known.begin(), known.end(), word) == known.end()) {
        std::string list;
        for (const auto& one : known) list += (list.empty() ? "" : ", ") + one;
        throw CLI::ValidationError(name, "`" + word + "` is none of " + list);
      }
    }
    words = given;
  };
  auto* option = app.add_option_function<std::vector<std::string>>(name, take, description);
  return with_words(option->allow_extra_args(false), known);
}

std::string requester() {
  const auto uid = getuid();
  const auto* entry = getpwuid(uid);  // no other thread asks
  return entry != nullptr ? entry->pw_name : std::to_string(uid);
}

void ForegroundOptions::add_to(CLI::App& app) {
  app.add_flag("--no-wait", no_wait_, "Do not wait for another dvsync that works on this mirror: exit 75");
  add_json(app, json_);
}

std::vector<CLI::Option*> Selection::add_to(CLI::App& app) {
  auto* everything = app.add_flag("--full", full, "Evaluate everybody, and re-read account states and plans");
  add_environments(app, environments);
  auto* one = app.add_option("-u,--user", user,
                             "Only this user (name or object id), from the mirror, without reading the directory")
                  ->type_name("USER")
                  ->excludes(everything);
  return {everything, one};
}

sync::RunRequest Selection::request(std::string command) const {
  sync::RunRequest request{
      .full = full, .environments = environments, .command = std::move(command), .requested_by = requester()};
  if (user) request.user = sync::reference_to(*user);
  return request;
}

}  // namespace dvsync::cli
