// dvsync approve, dvsync reject: an operator's word on what a run holds back.

#include "command.hpp"
#include "dvsync/sync/sync_json.hpp"
#include "options.hpp"
#include "sync/foreground.hpp"
#include "terminal/stop_signals.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

// What both are told.
struct AnswerOptions {
  sync::HoldAnswer answer;
  std::vector<std::string> environments;

  void add_to(CLI::App& app) {
    add_number(app, "run", "RUN", answer.run_id, 1, "The run that holds them (`dvsync status` names it)")
        ->type_name("RUN")
        ->required();
    app.add_option("user", answer.users, "Only of these users: user names, or object ids")->type_name("USER");
    add_comment(app, answer.comment);
    add_environments(app, environments);
  }
};

class ApproveCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("approve", "Release the decisions a run holds back, and carry them out");
    asked_.add_to(*app);
    foreground_.add_to(*app);
    return app->footer(
        "Every decision is evaluated afresh: only what is still wanted is carried out, and whatever is new counts "
        "afresh.\n"
        "\n"
        "Examples:\n"
        "  dvsync log --run 17                       whom run 17 holds\n"
        "  dvsync plan                               what would become of them now\n"
        "  dvsync approve 17 --comment 'CHG-4711'    release what run 17 holds, in every environment\n"
        "  dvsync approve 17 ana@contoso.example     only of this user\n"
        "  dvsync approve 17 --environment contoso   in this environment");
  }

  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const StopSignals signals;
    const sync::RunRequest request{.wait = foreground_.waits(),
                                   .environments = asked_.environments,
                                   .command = "dvsync approve",
                                   .requested_by = requester()};
    std::optional<Foreground> told(std::in_place, context.err, configuration);
    const auto report = sync::approve(configuration, asked_.answer, request, told->observer(), signals.token());
    told.reset();
    return tell(context, configuration, report, foreground_.json());
  }

 private:
  AnswerOptions asked_;
  ForegroundOptions foreground_;
};

class RejectCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("reject", "Reject the decisions a run holds back: the rows stay as they are");
    asked_.add_to(*app);
    add_json(*app, json_);
    return app->footer(
        "The same decision about the same user is not asked for again, until something else is decided about them.\n"
        "Profiles follow the directory all the same. `dvsync approve` of the same run takes a rejection back.\n"
        "\n"
        "Examples:\n"
        "  dvsync reject 17 --comment 'the export was cut off'\n"
        "  dvsync reject 17 ana@contoso.example --comment 'on leave until May'");
  }

  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const StopSignals signals;
    const sync::RunRequest request{.environments = asked_.environments, .requested_by = requester()};
    const auto rejected = sync::reject(configuration, asked_.answer, request, signals.token());
    json_ ? tell_json(context, rejected) : tell_text(context, rejected);
    return 0;
  }

 private:
  void tell_text(const Context& context, const sync::RejectedHolds& rejected) const {
    for (const auto& [environment, decisions] : rejected.decisions) {
      context.out.write(environment + ": " + count_of(decisions, "decision", "decisions") + " of run " +
                        std::to_string(asked_.answer.run_id) + " rejected (run " + std::to_string(rejected.logged_as) +
                        " in the log); the rows keep their state\n");
    }
  }
  void tell_json(const Context& context, const sync::RejectedHolds& rejected) const {
    context.out.write(boost::json::serialize(sync::json_of(rejected, asked_.answer.run_id)) + "\n");
  }

  AnswerOptions asked_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_approve_command() { return std::make_unique<ApproveCommand>(); }
std::unique_ptr<Command> make_reject_command() { return std::make_unique<RejectCommand>(); }

}  // namespace dvsync::cli
