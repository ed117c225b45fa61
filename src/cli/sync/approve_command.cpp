// dvsync approve: releases the decisions a run holds back, and carries them out.

#include "command.hpp"
#include "dvsync/sync/engine.hpp"
#include "options.hpp"
#include "sync/foreground.hpp"
#include "terminal/stop_signals.hpp"

namespace dvsync::cli {
namespace {

class ApproveCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("approve", "Release the decisions a run holds back, and carry them out");
    add_number(*app, "run", "RUN", run_id_, 1, "The run that holds them (`dvsync status` names it)")
        ->type_name("RUN")
        ->required();
    add_environments(*app, environments_);
    app->add_flag("--no-wait", no_wait_, "Do not wait for another dvsync that works on this mirror: exit 75");
    add_json(*app, json_);
    return app->footer(
        "Every decision is evaluated afresh: only what is still wanted is carried out, and whatever is new counts "
        "afresh.\n"
        "\n"
        "Examples:\n"
        "  dvsync plan                               look first\n"
        "  dvsync approve 17                         release what run 17 holds, in every environment\n"
        "  dvsync approve 17 --environment contoso   in this one");
  }

  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const StopSignals signals;
    const sync::RunRequest request{
        .wait = !no_wait_, .environments = environments_, .command = "dvsync approve", .requested_by = requester()};
    std::optional<Foreground> told(std::in_place, context.err, configuration);
    const auto report = sync::approve(configuration, run_id_, request, told->observer(), signals.token());
    told.reset();
    return tell(context, configuration, report, json_);
  }

 private:
  std::int64_t run_id_ = 0;
  std::vector<std::string> environments_;
  bool no_wait_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_approve_command() { return std::make_unique<ApproveCommand>(); }

}  // namespace dvsync::cli
