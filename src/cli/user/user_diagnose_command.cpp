// dvsync user diagnose: what is wrong with a user, and what to do.

#include "dvsync/source/open_directory.hpp"
#include "dvsync/sync/engine.hpp"
#include "explain/explanation.hpp"
#include "json.hpp"
#include "options.hpp"
#include "person.hpp"
#include "terminal/stop_signals.hpp"
#include "user/answers.hpp"
#include "user/diagnosis.hpp"
#include "user/user_commands.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

class UserDiagnoseCommand : public Command {
 public:
  CLI::App* declare(CLI::App& user) override {
    auto* app = user.add_subcommand("diagnose", "What keeps a user out, and what to do about it");
    app->add_option("user", user_, "A user name, an id, a mail address, or a part of a name")
        ->type_name("USER")
        ->required();
    options_.add_to(*app);
    return app->footer(
        "Asks the directory about this one user where that is possible (a file is not asked: what the mirror knows\n"
        "counts), and changes nothing. `dvsync explain` shows every gate and field.\n"
        "\n"
        "Example:\n"
        "  dvsync user diagnose ana@contoso.example --environment contoso");
  }

  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const auto& environment = options_.with_rows_of(configuration);
    const auto source = source::open_directory(configuration);
    const StopSignals signals;
    const auto examine = [&](const source::UserReference& user) {
      return sync::examine_afresh(configuration, environment, *source, user, core::Trigger::on_demand, signals.token());
    };
    auto diagnosis = examine(sync::reference_to(user_));
    if (is_nobody(diagnosis)) {
      const auto found = sync::find_people(configuration, {&environment}, user_);
      if (!found.people.empty()) {
        const auto person = person_named(context, configuration, {&environment}, user_, options_.json);
        if (person.object_id) diagnosis = examine({person.object_id, user_});
      }
    }
    if (diagnosis.placeholder) return tell(context, environment, *diagnosis.placeholder, options_.json);
    if (!diagnosis.explanation) return tell(context, environment, sync::refusal_of(diagnosis.refused), options_.json);
    const auto& explanation = *diagnosis.explanation;
    const auto findings = findings_of(explanation, configuration.licenses);
    if (options_.json) {
      tell_json(context, environment, diagnosis, findings);
    } else {
      context.out.write(introduction(environment, diagnosis) + text_of(findings, context.out.paint()));
    }
    return 0;
  }

 private:
  // Neither the directory nor an id says who is meant: another name may.
  static bool is_nobody(const sync::Diagnosis& diagnosis) {
    if (diagnosis.explanation) return !diagnosis.explanation->in_mirror && !diagnosis.explanation->row;
    return diagnosis.refused.reason != sync::refusal::stale_directory;
  }

  static std::string introduction(const config::Environment& environment, const sync::Diagnosis& diagnosis) {
    const auto& explanation = *diagnosis.explanation;
    const auto name = name_of(explanation);
    std::string text = (name.empty() ? "(no user name)" : printable(name)) + ", object id " +
                       core::to_string(explanation.identity.object_id) + ", in " + environment.rules.name + "\n";
    if (diagnosis.asked) return text + "As the directory says now\n";
    return text + (explanation.pulled_at ? "As the directory was on " + local_time(*explanation.pulled_at) + "\n"
                                         : "The directory was never read: run `dvsync sync`.\n");
  }

  static void tell_json(const Context& context, const config::Environment& environment,
                        const sync::Diagnosis& diagnosis, const Findings& findings) {
    const auto& explanation = *diagnosis.explanation;
    auto object = json_of(findings);
    object["environment"] = environment.rules.name;
    object["object_id"] = core::to_string(explanation.identity.object_id);
    const auto name = name_of(explanation);
    object["user_name"] = json_text(name);
    object["asked_directory"] = diagnosis.asked;
    object["decision"] = core::name_of(explanation.planned.decision);
    object["reason"] = core::code_of(explanation.planned.reason);
    object["access"] = explanation.planned.access;
    context.out.write(boost::json::serialize(object) + "\n");
  }

  UserOptions options_;
  std::string user_;
};

}  // namespace

std::unique_ptr<Command> make_user_diagnose_command() { return std::make_unique<UserDiagnoseCommand>(); }

}  // namespace dvsync::cli
