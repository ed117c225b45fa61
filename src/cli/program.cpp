#include "dvsync/cli/program.hpp"

#include <sysexits.h>

#include <algorithm>
#include <iostream>

#include "command.hpp"
#include "errors.hpp"
#include "help.hpp"
#include "options.hpp"
#include "usage.hpp"

namespace dvsync::cli {
namespace {

struct CommandLine {
  CLI::App app{"Keeps the SystemUser tables of Dataverse environments in line with a directory.", "dvsync"};
  std::vector<std::unique_ptr<Command>> commands = all_commands();
  std::vector<CLI::App*> declared;
  std::optional<std::string> configuration_file;
  ColorMode color = ColorMode::automatic;

  CommandLine() {
    app.add_option("--config", configuration_file,
                   "The configuration; else $DVSYNC_CONFIG, else /etc/dvsync/dvsync.yaml")
        ->type_name("FILE");
    add_choice<ColorMode>(app, "--color", color, "auto (on a terminal, unless NO_COLOR is set), always or never",
                          {{"auto", ColorMode::automatic}, {"always", ColorMode::always}, {"never", ColorMode::never}})
        ->type_name("WHEN");
    app.formatter(help_formatter());
    app.set_version_flag("--version", std::string("dvsync ") + DVSYNC_VERSION, "Print the version");
    app.set_help_flag("-h,--help", "Print this help; each command has its own");
    app.require_subcommand(1)->fallthrough();
    app.footer(program_examples);
    for (const auto& command : commands) declared.push_back(command->declare(app));
  }

  [[nodiscard]] Command& chosen() const {
    const auto parsed = std::find_if(declared.begin(), declared.end(), [](const auto* one) { return one->parsed(); });
    return *commands[static_cast<std::size_t>(parsed - declared.begin())];
  }
};

constexpr const char* unwritten = "dvsync: the output could not be written completely\n";

int run_command(const CommandLine& line) {
  Output out(stdout, line.color);
  Output err(stderr, line.color);
  try {
    const int code = line.chosen().run(Context{line.configuration_file, out, err});
    if (out.good()) return code;
    err.write(unwritten);
    return EX_IOERR;
  } catch (const std::exception& error) {
    out.flush();
    const auto failure = failure_of(error, err.paint());
    err.write(failure.text);
    return failure.exit_code;
  }
}

}  // namespace

int run_program(int argc, const char* const* argv) try {
  CommandLine line;
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // --help, --version
      line.app.exit(error);
      if (std::cout.flush()) return 0;
      std::fputs(unwritten, stderr);
      return EX_IOERR;
    }
    std::fputs(("dvsync: " + usage_error(line.app, error) + "\n").c_str(), stderr);
    return EX_USAGE;
  }
  return run_command(line);
} catch (const std::exception& error) {  // before a command had begun
  const auto failure = failure_of(error, Paint(false));
  std::fputs(failure.text.c_str(), stderr);
  return failure.exit_code;
}

}  // namespace dvsync::cli
