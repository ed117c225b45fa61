// dvsync status: last runs, lag, what needs attention.

#include "command.hpp"
#include "options.hpp"
#include "status/health.hpp"
#include "status/status_text.hpp"

namespace dvsync::cli {
namespace {

class StatusCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("status", "Last runs, lag, and what needs attention");
    auto* json = app->add_flag("--json", json_, "Print JSON (docs/commands.md)");
    app->add_flag("--check", check_, "One line for Nagios, Icinga and their like, with performance data")
        ->excludes(json);
    return app->footer(
        "Lag is how many identities moved in the mirror since an environment was last brought in line.\n"
        "Exit codes: 0 the status could be read, whatever it is; 69, 77, 78 it could not, or not everywhere.\n"
        "With --check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN, as monitoring plugins do.");
  }

  int run(const Context& context) override {
    if (check_) return tell_health(context);
    const auto status = read_status(context.configuration());
    context.out.write(json_ ? boost::json::serialize(json_of(status)) + "\n" : text_of(status, context.out.paint()));
    return status.exit_code;
  }

 private:
  static int tell_health(const Context& context) {
    const auto health = read_health(context);
    context.out.write(health.line + "\n");
    return static_cast<int>(health.state);
  }
  // Whatever is wrong is an answer: a plugin has no other way to say it.
  static Health read_health(const Context& context) {
    try {
      const auto configuration = context.configuration();
      return health_of(read_status(configuration), limits_for(configuration.schedule));
    } catch (const InvalidConfiguration& invalid) {
      return no_health(HealthState::unknown, invalid.what() + std::string(": see `dvsync check --offline`"));
    } catch (const StoreError& error) {
      return no_health(HealthState::critical, error.what());
    }
  }

  bool json_ = false;
  bool check_ = false;
};

}  // namespace

std::unique_ptr<Command> make_status_command() { return std::make_unique<StatusCommand>(); }

}  // namespace dvsync::cli
