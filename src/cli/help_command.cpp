// dvsync help and dvsync version: what --help and --version say, for whoever types them as commands.

#include "command.hpp"
#include "dvsync/sync/engine.hpp"
#include "usage.hpp"

namespace dvsync::cli {
namespace {

class HelpCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    program_ = &program;
    auto* app = program.add_subcommand("help", "What a command does, its options and examples");
    app->add_option("command", words_, "Of which command; default: what commands there are")->type_name("COMMAND");
    return app->footer(
        "Examples:\n"
        "  dvsync help sync\n"
        "  dvsync help user add");
  }

  int run(const Context& context) override {
    const CLI::App* app = program_;
    std::string name = program_->get_name();
    for (const auto& word : words_) {
      const auto* next = command_named(*app, word);
      if (next == nullptr) throw sync::UsageError(unknown_command(*app, word));
      name += " " + word;
      app = next;
    }
    context.out.write(app->get_formatter()->make_help(app, name, CLI::AppFormatMode::Normal));
    return 0;
  }

 private:
  const CLI::App* program_ = nullptr;
  std::vector<std::string> words_;
};

class VersionCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    program_ = &program;
    return program.add_subcommand("version", "Print the version")->footer("The same as `dvsync --version`.");
  }

  int run(const Context& context) override {
    context.out.write(program_->version() + "\n");
    return 0;
  }

 private:
  const CLI::App* program_ = nullptr;
};

}  // namespace

std::unique_ptr<Command> make_help_command() { return std::make_unique<HelpCommand>(); }
std::unique_ptr<Command> make_version_command() { return std::make_unique<VersionCommand>(); }

}  // namespace dvsync::cli
