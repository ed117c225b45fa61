// dvsync undo: brings back the rows that a run changed.

#include <sysexits.h>

#include <algorithm>

#include "command.hpp"
#include "options.hpp"
#include "terminal/question.hpp"
#include "terminal/stop_signals.hpp"
#include "undo/undo_printer.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

using Only = sync::UndoRequest::Only;

int undo_exit_code(const sync::UndoReport& report) {
  auto worst = sync::FailureCause::none;
  std::size_t failed = 0;
  bool partial = false;
  for (const auto& environment : report.environments) {
    worst = std::max(worst, environment.cause);
    failed += environment.error.empty() ? 0 : 1;
    partial = partial || environment.partial();
  }
  if (failed > 0 && worst == sync::FailureCause::none) return EX_TEMPFAIL;  // interrupted
  if (failed > 0) return failed == report.environments.size() ? sync::exit_code_of(worst) : EX_UNAVAILABLE;
  return partial ? EX_DATAERR : 0;
}

std::int64_t rows_of(const sync::UndoReport& report) {
  std::int64_t rows = 0;
  for (const auto& environment : report.environments) rows += environment.counters.changed();
  return rows;
}

class UndoCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("undo", "Bring rows back to what they were before a run");
    add_number(*app, "run", "RUN", request_.run_id, 1, "The run whose changes are taken back (`dvsync log` lists runs)")
        ->type_name("RUN")
        ->required();
    add_choice<Only>(*app, "--only", request_.only, "disables or updates; else everything but creates",
                     {{"disables", Only::disables}, {"updates", Only::updates}})
        ->type_name("WHAT");
    add_environments(*app, request_.environments);
    add_comment(*app, request_.comment);
    app->add_flag("--dry-run", dry_run_, "Only show what would be brought back");
    app->add_flag("-y,--yes", yes_, "Do not ask");
    foreground_.add_to(*app);
    return app->footer(
        "Shows the plan, and asks on a terminal. Rows that anybody changed since stay as they are, and are listed; "
        "rows\n"
        "that the run created stay. What the rules would do again is told; a disable among that is put on hold, as\n"
        "`dvsync reject` does, and `dvsync approve` of the undo's own run releases it.\n"
        "\n"
        "Examples:\n"
        "  dvsync undo 17 --dry-run                  what it would do\n"
        "  dvsync undo 17 --only disables --comment 'the export was cut off'\n"
        "\n"
        "Exit codes: 0 done; 65 some rows stay as they are.");
  }

  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const StopSignals signals;
    request_.requested_by = requester();
    request_.wait = foreground_.waits();
    const auto make = foreground_.json() ? make_json_undo : make_text_undo;
    const auto printer = make(context.out, context.err);
    sync::UndoObserver nobody;
    // As JSON, there is one answer: of what is done, where anything is.
    auto& planning = dry_run_ || !foreground_.json() ? static_cast<sync::UndoObserver&>(*printer) : nobody;
    const auto plan = sync::plan_undo(configuration, request_, planning, signals.token());
    const auto rows = rows_of(plan);
    if (dry_run_) return told(*printer, plan);
    if (!foreground_.json() && rows == 0) return undo_exit_code(plan);
    context.out.flush();
    if (rows > 0 && !yes_ && !confirmed("Bring " + count_of(rows, "row", "rows") + " back?")) {
      throw sync::UsageError("nothing was changed");
    }
    if (foreground_.json()) return told(*printer, sync::undo(configuration, request_, *printer, signals.token()));
    const auto report = sync::undo(configuration, request_, nobody, signals.token());
    context.out.write("\n" + summary(report));
    return undo_exit_code(report);
  }

 private:
  int told(UndoPrinter& printer, const sync::UndoReport& report) const {
    const int code = undo_exit_code(report);
    printer.end(report, request_, code);
    return code;
  }
  [[nodiscard]] std::string summary(const sync::UndoReport& report) const {
    const auto text = "Run " + std::to_string(report.run_id) + ": ";
    std::string all;
    for (const auto& environment : report.environments) {
      all += text + environment.name + ": ";
      if (!environment.error.empty()) {
        all += "failed: " + printable(environment.error) + "\n";
        continue;
      }
      all += count_of(environment.counters.changed(), "row", "rows") + " brought back";
      if (environment.counters.ignored > 0) {
        all += ", " + std::to_string(environment.counters.ignored) + " left as they are";
      }
      if (environment.on_hold > 0) {
        all += "; " + count_of(environment.on_hold, "disable", "disables") + " on hold: `dvsync approve " +
               std::to_string(report.run_id) + "` releases them";
      }
      all += "\n";
    }
    return all;
  }

  sync::UndoRequest request_;
  bool dry_run_ = false;
  bool yes_ = false;
  ForegroundOptions foreground_;
};

}  // namespace

std::unique_ptr<Command> make_undo_command() { return std::make_unique<UndoCommand>(); }

}  // namespace dvsync::cli
