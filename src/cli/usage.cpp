#include "usage.hpp"

#include <string_view>
#include <vector>

#include "dvsync/config/suggestion.hpp"
#include "words.hpp"

namespace dvsync::cli {

const char* const program_examples = R"(Examples:
  dvsync check                        is everything as it must be?
  dvsync migrate                      create or upgrade the schemas
  dvsync sync                         one run now
  dvsync sync --help                  a command's own options and examples)";

namespace {

void add_options(const CLI::App& app, std::vector<std::string>& names) {
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
}

const CLI::App* command_given(const CLI::App& program) {
  const auto given = program.get_subcommands();
  return given.empty() ? nullptr : given.front();
}

std::string unknown(const CLI::App& program, const std::string& word) {
  const auto* command = command_given(program);
  std::vector<std::string> known;
  std::string kind = "option";
  if (word.starts_with("-")) {
    add_options(program, known);
    if (command != nullptr) add_options(*command, known);
  } else if (command != nullptr) {
    return "`" + word + "` is one word too many for `dvsync " + command->get_name() + "`";
  } else {
    kind = "command";
    for (const auto* one : program.get_subcommands(nullptr)) known.push_back(one->get_name());
  }
  const auto name = word.substr(0, word.find('='));
  const std::vector<std::string_view> words(known.begin(), known.end());
  return "unknown " + kind + " `" + name + "`" + config::did_you_mean(name, words);
}

}  // namespace

std::string usage_error(const CLI::App& program, const CLI::ParseError& error) {
  const auto* command = command_given(program);
  const std::string help = std::string("dvsync ") + (command != nullptr ? command->get_name() + " " : "") + "--help";
  const auto rest = program.remaining(true);
  const auto first = std::find_if(rest.begin(), rest.end(), [](const auto& word) { return word != "--"; });
  if (first != rest.end()) return printable(unknown(program, *first)) + "; see `" + help + "`";
  if (command == nullptr && error.get_name() == "RequiredError") return "a command is missing; see `" + help + "`";
  return printable(error.what()) + "; see `" + help + "`";
}

}  // namespace dvsync::cli
