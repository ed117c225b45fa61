#include "usage.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "dvsync/config/suggestion.hpp"
#include "words.hpp"

namespace dvsync::cli {

const char* const program_examples = R"(Examples:
  dvsync init                         write a first configuration
  dvsync check                        is everything as it must be?
  dvsync migrate                      create or upgrade the schemas
  dvsync sync                         one run now
  dvsync help sync                    a command's own options and examples

Documents: /usr/share/doc/dvsync/docs, dvsync(8), dvsync.yaml(5).)";

namespace {

void add_options(const CLI::App& app, std::vector<std::string>& names) {
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
}

std::string unknown(const std::string& kind, const std::string& word, const std::vector<std::string>& known) {
  const auto name = word.substr(0, word.find('='));
  const std::vector<std::string_view> words(known.begin(), known.end());
  return "unknown " + kind + " `" + name + "`" + config::did_you_mean(name, words);
}

// The innermost that was given: of `dvsync user list`, list.
const CLI::App* command_given(const CLI::App& program) {
  const CLI::App* command = nullptr;
  for (auto given = program.get_subcommands(); !given.empty(); given = command->get_subcommands()) {
    command = given.front();
  }
  return command;
}

// What one types to get there.
std::string path_of(const CLI::App* command) {
  std::string path;
  for (; command != nullptr; command = command->get_parent()) {
    path = command->get_name() + (path.empty() ? "" : " ") + path;
  }
  return path;
}

std::vector<std::string> command_names(const std::vector<const CLI::App*>& commands) {
  std::vector<std::string> names;
  for (const auto* one : commands) names.push_back(one->get_name());
  return names;
}

std::string unknown(const CLI::App& program, const std::string& word) {
  const auto* command = command_given(program);
  if (!word.starts_with("-")) {
    if (command == nullptr) return unknown_command(program, word);
    const auto names = command_names(command->get_subcommands(nullptr));
    if (names.empty()) return "`" + word + "` is one word too many for `" + path_of(command) + "`";
    return "`" + word + "` is no command of `" + path_of(command) + "`" +
           config::did_you_mean(word, std::vector<std::string_view>(names.begin(), names.end()));
  }
  std::vector<std::string> known;
  for (const auto* app = command; app != nullptr; app = app->get_parent()) add_options(*app, known);
  if (command == nullptr) add_options(program, known);
  return unknown("option", word, known);
}

}  // namespace

const CLI::App* command_named(const CLI::App& program, const std::string& name) {
  const auto commands = program.get_subcommands(nullptr);
  const auto found = std::ranges::find(commands, name, [](const auto* one) { return one->get_name(); });
  return found == commands.end() ? nullptr : *found;
}

std::string unknown_command(const CLI::App& program, const std::string& word) {
  return unknown("command", word, command_names(program.get_subcommands(nullptr)));
}

std::string usage_error(const CLI::App& program, const CLI::ParseError& error) {
  const auto* command = command_given(program);
  const std::string help = path_of(command != nullptr ? command : &program) + " --help";
  const auto rest = program.remaining(true);
  const auto first = std::find_if(rest.begin(), rest.end(), [](const auto& word) { return word != "--"; });
  if (first != rest.end()) return printable(unknown(program, *first)) + "; see `" + help + "`";
  if (command == nullptr && error.get_name() == "RequiredError") return "a command is missing; see `" + help + "`";
  return printable(error.what()) + "; see `" + help + "`";
}

}  // namespace dvsync::cli
