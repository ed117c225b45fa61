// dvsync sync: one run now, in the foreground.

#include "command.hpp"
#include "dvsync/sync/engine.hpp"
#include "options.hpp"
#include "sync/foreground.hpp"
#include "terminal/stop_signals.hpp"

namespace dvsync::cli {
namespace {

class SyncCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("sync", "One run now, in the foreground, with progress");
    selection_.add_to(*app);
    foreground_.add_to(*app);
    return app->footer(
        "Examples:\n"
        "  dvsync sync                               what changed since the last run\n"
        "  dvsync sync --full                        everybody, everywhere\n"
        "  dvsync sync --environment contoso         one environment\n"
        "  dvsync sync --user ana@contoso.example    one user, from the mirror\n"
        "\n"
        "Exit codes: 0 done, also when nothing was to do; 75 held, incomplete, interrupted or busy; 69 a server or "
        "the\n"
        "directory could not be reached; 77 no permission; 78 configuration.");
  }

  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const StopSignals signals;
    auto request = selection_.request("dvsync sync");
    request.wait = foreground_.waits();
    std::optional<Foreground> told(std::in_place, context.err, configuration);
    const auto report = sync::run(configuration, request, told->observer(), signals.token());
    told.reset();
    return tell(context, configuration, report, foreground_.json());
  }

 private:
  Selection selection_;
  ForegroundOptions foreground_;
};

}  // namespace

std::unique_ptr<Command> make_sync_command() { return std::make_unique<SyncCommand>(); }

}  // namespace dvsync::cli
