// dvsync show, dvsync apply: a plan that `dvsync plan --out` saved.

#include "command.hpp"
#include "dvsync/sync/saved_plan.hpp"
#include "options.hpp"
#include "plan/plan_file.hpp"
#include "plan/plan_printer.hpp"
#include "plan/saved_plan_json.hpp"
#include "sync/foreground.hpp"
#include "terminal/stop_signals.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

void add_plan_file(CLI::App& app, std::string& file) {
  app.add_option("file", file, "What `dvsync plan --out FILE` saved")->type_name("FILE")->required();
}

class ShowCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("show", "What a saved plan says");
    add_plan_file(*app, file_);
    add_json(*app, json_);
    return app->footer(
        "Needs no configuration and asks no server: the file holds everything.\n"
        "\n"
        "Examples:\n"
        "  dvsync show friday.plan\n"
        "  jq '.environments[].changes[] | select(.action == \"disable\") | .domainname' friday.plan");
  }

  int run(const Context& context) override {
    const auto plan = read_plan_file(file_);
    sync::Observer nobody;
    const auto printer = make_text_plan(context.out, nobody);
    if (json_) {
      (void)saved_plan_of(plan.content, plan.hash);  // what cannot be applied is not shown as a plan
      context.out.write(plan.text);
      return 0;
    }
    context.out.write(heading(plan, context.out.paint()));
    tell_again(plan.content, *printer);
    return 0;
  }

 private:
  static std::string heading(const SealedPlan& plan, const Paint& paint) {
    const auto text = [&](const char* key) {
      const auto* value = plan.content.if_contains(key);
      return value != nullptr && value->is_string() ? printable(std::string(value->get_string())) : std::string("?");
    };
    return paint.bold("Saved plan") + " of " + text("made_at") + ", made by " + text("made_by") + "\nsha256 " +
           plan.hash + "\n\n";
  }

  std::string file_;
  bool json_ = false;
};

class ApplyCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("apply", "Carry out a saved plan: exactly its changes, or none");
    add_plan_file(*app, file_);
    foreground_.add_to(*app);
    return app->footer(
        "The directory is not read. If the mirror, the rules, a row or a decision of the guard is not as it was when\n"
        "the plan was made, the plan is refused with the first difference (65), and nothing is written. Each\n"
        "environment is written in one transaction. Interrupted, it may be applied again: what is done already stays.\n"
        "\n"
        "Examples:\n"
        "  dvsync plan --out friday.plan             save what a sync would do\n"
        "  dvsync show friday.plan                   look at it\n"
        "  dvsync apply friday.plan                  do it");
  }

  int run(const Context& context) override {
    const auto sealed = read_plan_file(file_);
    const auto plan = saved_plan_of(sealed.content, sealed.hash);
    const auto configuration = context.configuration();
    const StopSignals signals;
    const sync::RunRequest request{.wait = foreground_.waits(), .command = "dvsync apply", .requested_by = requester()};
    std::optional<Foreground> told(std::in_place, context.err, configuration);
    const auto report = sync::apply(configuration, plan, request, told->observer(), signals.token());
    told.reset();
    return tell(context, configuration, report, foreground_.json());
  }

 private:
  std::string file_;
  ForegroundOptions foreground_;
};

}  // namespace

std::unique_ptr<Command> make_show_command() { return std::make_unique<ShowCommand>(); }
std::unique_ptr<Command> make_apply_command() { return std::make_unique<ApplyCommand>(); }

}  // namespace dvsync::cli
