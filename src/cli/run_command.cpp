// dvsync run: the daemon.

#include "command.hpp"
#include "dvsync/console/console.hpp"
#include "dvsync/service/daemon.hpp"
#include "dvsync/service/failure_log.hpp"
#include "dvsync/service/metrics.hpp"
#include "dvsync/service/notifier.hpp"
#include "dvsync/service/observers.hpp"
#include "dvsync/service/request_workers.hpp"
#include "dvsync/service/run_reporter.hpp"
#include "dvsync/service/status.hpp"
#include "dvsync/store/open.hpp"
#include "errors.hpp"

namespace dvsync::cli {
namespace {

using service::SharedConfiguration;

SharedConfiguration shared(config::Configuration configuration) {
  return std::make_shared<const config::Configuration>(std::move(configuration));
}

class RunCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("run", "The daemon (what systemd starts)");
    return app->footer(
        "Signals: USR1 runs now, USR2 runs now and looks at everybody, HUP reloads the configuration,\n"
        "TERM and INT finish the batch in hand and leave; a second one ends the program at once.");
  }

  int run(const Context& context) override {
    auto configuration = shared(context.configuration());
    service::Log log(sink_for(context, *configuration), service::least_priority(configuration->log.level));
    service::Progress progress;
    service::RunReporter reporter(log, progress);
    const auto state = std::make_shared<service::DaemonState>();
    service::Metrics metrics(std::chrono::system_clock::now, [&state] {
      return service::Moment{.sessions = store::open_sessions(), .next_run = state->get().next_run};
    });
    service::Observers observers({&reporter, &metrics});
    service::RequestWorkers requests(log);
    service::Notifier notifier(log);
    const auto worker = service::make_worker(configuration, observers, {&requests, &notifier});
    service::FailureLog failures(log);
    begin(metrics, *configuration, failures);
    console::Console console({.log = log, .metrics = metrics, .state = *state, .progress = progress});
    console.serve(configuration);
    service::serve({.configuration = configuration,
                    .worker = *worker,
                    .progress = progress,
                    .log = log,
                    .reload =
                        [&] {
                          auto loaded = reload(context, log);
                          if (!loaded) return loaded;
                          configuration = loaded;
                          metrics.begin_at_zero(*configuration);
                          console.serve(configuration);
                          return loaded;
                        },
                    .on_run =
                        [&](bool went_through, const std::stop_token& stop) {
                          metrics.run_ended(went_through);
                          notifier.wake();
                          tell_standing(metrics, *configuration, failures, stop);
                        },
                    .state = state});
    return 0;
  }

 private:
  static std::unique_ptr<service::Sink> sink_for(const Context& context, const config::Configuration& configuration) {
    return service::make_sink(configuration.log.format, context.err.paint().on());
  }

  // Before the first run, so that an alert sees its failure as an increase.
  static void begin(service::Metrics& metrics, const config::Configuration& configuration,
                    service::FailureLog& failures) {
    metrics.begin_at_zero(configuration);
    write(metrics, configuration, failures);
  }

  static void tell_standing(service::Metrics& metrics, const config::Configuration& configuration,
                            service::FailureLog& failures, const std::stop_token& stop) {
    if (!configuration.metrics.textfile && !configuration.console) return;
    if (!stop.stop_requested()) {
      const auto status = service::read_status(configuration, stop);
      metrics.set_status(status, service::judge(status, configuration.schedule));
    }
    write(metrics, configuration, failures);
  }

  static void write(const service::Metrics& metrics, const config::Configuration& configuration,
                    service::FailureLog& failures) {
    constexpr const char* what = "metrics";
    if (!configuration.metrics.textfile) return;
    const auto now = std::chrono::steady_clock::now();
    if (const auto wrong = metrics.write(*configuration.metrics.textfile)) {
      failures.failed(what, *wrong, now);
    } else {
      failures.succeeded(what, now);
    }
  }

  static SharedConfiguration reload(const Context& context, service::Log& log) {
    try {
      auto configuration = shared(context.configuration());
      log.change(sink_for(context, *configuration), service::least_priority(configuration->log.level));
      return configuration;
    } catch (const InvalidConfiguration& invalid) {
      log.error("the configuration is not valid; the one before stays in force");
      for (const auto& diagnostic : invalid.diagnostics()) {
        const auto text = config::to_string(diagnostic);
        log.error(text.substr(0, text.find('\n')));
      }
      return nullptr;
    }
  }
};

}  // namespace

std::unique_ptr<Command> make_run_command() { return std::make_unique<RunCommand>(); }

}  // namespace dvsync::cli
