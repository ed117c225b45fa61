// dvsync plan: what a sync would change. Changes nothing.

#include <sysexits.h>

#include "command.hpp"
#include "dvsync/sync/engine.hpp"
#include "options.hpp"
#include "plan/plan_printer.hpp"
#include "terminal/progress.hpp"
#include "terminal/stop_signals.hpp"

namespace dvsync::cli {
namespace {

constexpr int changes_pending = 2;  // as terraform's -detailed-exitcode

class PlanCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("plan", "What a sync would change; changes nothing");
    selection_.add_to(*app);
    app->add_flag("--detailed-exitcode", detailed_, "Exit 2 when changes are pending, 0 when there are none");
    app->add_flag("--no-wait", no_wait_, "As of `sync`; a plan never waits for another dvsync");
    add_json(*app, json_);
    return app->footer(
        "Reads the directory first, unless another dvsync works at the moment: then it plans on what the mirror knows, "
        "and\n"
        "says so.\n"
        "\n"
        "Examples:\n"
        "  dvsync plan                               what the next sync will do\n"
        "  dvsync plan --full                        the same for everybody\n"
        "  dvsync plan --detailed-exitcode           in a script");
  }

  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const StopSignals signals;
    const auto progress = make_progress(context.err, Work::plan);
    const auto printer = json_ ? make_json_plan(context.out, *progress) : make_text_plan(context.out, *progress);
    const auto report = sync::plan(configuration, selection_.request("dvsync plan"), *printer, signals.token());
    printer->end(report, read_held(configuration, report));
    const int code = report.exit_code();
    return detailed_ && code != EX_UNAVAILABLE && printer->changes() > 0 ? changes_pending : code;
  }

 private:
  Selection selection_;
  bool no_wait_ = false;
  bool detailed_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_plan_command() { return std::make_unique<PlanCommand>(); }

}  // namespace dvsync::cli
