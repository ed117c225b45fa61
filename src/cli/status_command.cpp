// dvsync status: last runs, lag, what needs attention.

#include "commands.hpp"
#include "run_options.hpp"
#include "status_text.hpp"

namespace dvsync::cli {
namespace {

class StatusCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("status", "Last runs, lag, and what needs attention");
    add_json(*app, json_);
    return app->footer(
        "Lag is how many identities moved in the mirror since an environment was last brought in line.\n"
        "Exit codes: 0 the status could be read, whatever it is; 69, 77, 78 it could not, or not everywhere.");
  }

  int run(const Context& context) override {
    const auto status = read_status(context.configuration());
    context.out.write(json_ ? boost::json::serialize(json_of(status)) + "\n" : text_of(status, context.out.paint()));
    return status.exit_code;
  }

 private:
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_status_command() { return std::make_unique<StatusCommand>(); }

}  // namespace dvsync::cli
