// dvsync status: last runs, lag, what needs attention.

#include "command.hpp"
#include "dvsync/service/status_report.hpp"
#include "errors.hpp"
#include "options.hpp"
#include "status/status_text.hpp"

namespace dvsync::cli {
namespace {

// Of what could not be asked; the worst.
int exit_code_of(const service::Status& status) {
  const auto code_of = [](const std::optional<store::Unreachable>& unreachable) {
    return unreachable ? cli::exit_code_of(unreachable->kind) : 0;
  };
  int code = code_of(status.mirror.unreachable);
  for (const auto& environment : status.environments) code = std::max(code, code_of(environment.unreachable));
  return code;
}

class StatusCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("status", "What needs attention, last runs, and lag");
    auto* json = app->add_flag("--json", json_, "Print JSON (docs/commands.md)");
    app->add_flag("--check", check_, "One line for Nagios, Icinga and their like, with performance data")
        ->excludes(json);
    return app->footer(
        "What needs attention comes first, the worst above all, with what to do about it; all three forms tell the\n"
        "same. Lag is how many identities moved in the mirror since an environment was last brought in line.\n"
        "Exit codes: 0 the status could be read, whatever it is; 69, 77, 78 it could not, or not everywhere.\n"
        "With --check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN, as monitoring plugins do.");
  }

  int run(const Context& context) override {
    if (check_) return tell(context, check(context));
    const auto report = service::read_report(context.configuration());
    context.out.write(json_ ? boost::json::serialize(json_of(report)) + "\n"
                            : text_of(report, context.out.paint(), context.out.table_width()));
    return exit_code_of(report.status);
  }

 private:
  static int tell(const Context& context, const PluginAnswer& answer) {
    context.out.write(answer.line + "\n");
    return static_cast<int>(answer.state);
  }
  // Whatever is wrong is an answer: a plugin has no other way to say it.
  static PluginAnswer check(const Context& context) {
    try {
      return plugin_answer(service::read_report(context.configuration()));
    } catch (const InvalidConfiguration& invalid) {
      return plugin_unknown(invalid.what() + std::string(": see `dvsync check --offline`"));
    }
  }

  bool json_ = false;
  bool check_ = false;
};

}  // namespace

std::unique_ptr<Command> make_status_command() { return std::make_unique<StatusCommand>(); }

}  // namespace dvsync::cli
