// dvsync check: is everything as it must be? All problems at once.

#include "command.hpp"
#include "dvsync/sync/preflight.hpp"
#include "findings.hpp"

namespace dvsync::cli {
namespace {

class CheckCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("check", "Check the configuration, connections, rights and schemas");
    app->add_flag("--offline", offline_, "The configuration alone: connect to nothing");
    return app->footer(
        "Examples:\n"
        "  dvsync check\n"
        "  dvsync --config new.yaml check --offline    before a reload\n"
        "\n"
        "Changes nothing, and reads a directory file to its end. What it calls an error, a run refuses in the same "
        "words.\n"
        "Exit codes, as those of the run it warns of: 0 all is well; 75 a fact will be missing; 69 out of reach; 77 "
        "no\n"
        "permission; 78 configuration, schema or encoding.");
  }

  int run(const Context& context) override {
    const auto configuration = context.configuration();
    Findings findings(context.out);
    findings.tell({.message = "configuration " + configuration.file.string()});
    const auto tell = [&](const sync::PreflightFinding& finding) { findings.tell(finding); };
    sync::check_connections(configuration, tell);
    if (offline_) return 0;
    sync::check_databases(configuration, tell);
    sync::check_directory(configuration, tell);
    return findings.exit_code();
  }

 private:
  bool offline_ = false;
};

}  // namespace

std::unique_ptr<Command> make_check_command() { return std::make_unique<CheckCommand>(); }

}  // namespace dvsync::cli
