// dvsync plan: what a sync would change. Changes nothing.

#include <sysexits.h>

#include <algorithm>

#include "command.hpp"
#include "dvsync/service/observers.hpp"
#include "dvsync/sync/engine.hpp"
#include "options.hpp"
#include "plan/plan_file.hpp"
#include "plan/plan_printer.hpp"
#include "plan/what_if.hpp"
#include "terminal/progress.hpp"
#include "terminal/stop_signals.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

constexpr int changes_pending = 2;  // as terraform's -detailed-exitcode

// The plan on its way into a file.
class SavedPlanFile {
 public:
  SavedPlanFile(const std::string& path, bool overwrite)
      : path_(path),
        file_(path, overwrite ? PlanFile::IfExists::overwrite : PlanFile::IfExists::refuse),
        printer_(make_plan_to_save(file_.out(), nobody_, requester())) {}

  [[nodiscard]] sync::Observer& printer() { return *printer_; }
  // A plan that is not whole is not kept. In words what became of it.
  std::string end(const sync::RunReport& report) {
    const bool whole =
        report.pull_error.empty() && std::all_of(report.environments.begin(), report.environments.end(),
                                                 [](const auto& environment) { return environment.error.empty(); });
    if (!whole) return printable(path_) + " was not written: the plan is not whole\n";
    printer_->end(report, {});
    return "Saved in " + printable(path_) + ", sha256 " + file_.keep() + "\n";
  }

 private:
  std::string path_;
  sync::Observer nobody_;
  PlanFile file_;
  std::unique_ptr<PlanPrinter> printer_;
};

class PlanCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("plan", "What a sync would change; changes nothing");
    auto asks_for_a_plan = selection_.add_to(*app);
    auto* out =
        app->add_option("-o,--out", file_, "Save the plan, for `dvsync show` and `dvsync apply`")->type_name("FILE");
    app->add_flag("--overwrite", overwrite_, "Replace FILE if it exists")->needs(out);
    auto* detailed =
        app->add_flag("--detailed-exitcode", detailed_, "Exit 2 when changes are pending, 0 when there are none");
    asks_for_a_plan.insert(asks_for_a_plan.end(), {out, detailed});
    what_if_.add_to(*app, asks_for_a_plan);
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
        "  dvsync plan --out friday.plan             save it, to be looked at and applied later\n"
        "  dvsync plan --detailed-exitcode           in a script\n"
        "  dvsync plan --what-if new.yaml            who would gain or lose access under other rules\n"
        "  dvsync plan --without-user ana@contoso.example");
  }

  int run(const Context& context) override {
    if (what_if_.asked()) return tell_what_if(context, what_if_, selection_.environments, json_);
    const auto configuration = context.configuration();
    const StopSignals signals;
    const auto progress = make_progress(context.err, Work::plan);
    const auto printer = json_ ? make_json_plan(context.out, *progress) : make_text_plan(context.out, *progress);
    std::optional<SavedPlanFile> saved;
    if (file_) saved.emplace(*file_, overwrite_);
    std::vector<sync::Observer*> told{printer.get()};
    if (saved) told.push_back(&saved->printer());
    service::Observers observers(std::move(told));
    auto request = selection_.request("dvsync plan");
    request.opens_all = saved.has_value();
    const auto report = sync::plan(configuration, request, observers, signals.token());
    printer->end(report, sync::read_held(configuration, report));
    if (saved) context.err.write(saved->end(report));
    const int code = report.exit_code();
    return detailed_ && code != EX_UNAVAILABLE && printer->changes() > 0 ? changes_pending : code;
  }

 private:
  Selection selection_;
  WhatIfOptions what_if_;
  std::optional<std::string> file_;
  bool overwrite_ = false;
  bool no_wait_ = false;
  bool detailed_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_plan_command() { return std::make_unique<PlanCommand>(); }

}  // namespace dvsync::cli
