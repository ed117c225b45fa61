// dvsync explain: why a user is as it is.

#include <algorithm>

#include "command.hpp"
#include "dvsync/sync/engine.hpp"
#include "dvsync/sync/person_facts.hpp"
#include "dvsync/sync/sync_json.hpp"
#include "errors.hpp"
#include "explain/explanation.hpp"
#include "explain/reasons.hpp"
#include "json.hpp"
#include "options.hpp"
#include "person.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

class ExplainCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("explain", "Why a user is as it is: every gate, every fact, every field");
    auto* user =
        app->add_option("user", user_, "A user name, an id, a mail address, or a part of a name")->type_name("USER");
    app->add_option("--reason", reason_, "Explain a reason code instead: its meaning, what decides it, what to do")
        ->type_name("CODE")
        ->excludes(user);
    add_environments(*app, environments_);
    add_choice<core::Trigger>(*app, "--trigger", trigger_, "background (default), on_demand or first_access",
                              {{"background", core::Trigger::background},
                               {"on_demand", core::Trigger::on_demand},
                               {"first_access", core::Trigger::first_access}})
        ->type_name("TRIGGER");
    add_json(*app, json_);
    return app->footer(
        "Answers from the mirror and the row as they are; asks nobody, changes nothing.\n"
        "\n"
        "Examples:\n"
        "  dvsync explain ana@contoso.example\n"
        "  dvsync explain 6a0c8f52-0000-4000-8000-000000000002 --environment contoso\n"
        "  dvsync explain ana@contoso.example --trigger first_access    what if she tried to enter now?\n"
        "  dvsync explain --reason no_license");
  }

  int run(const Context& context) override {
    if (!reason_.empty()) {
      explain_code(context);
      return 0;
    }
    if (user_.empty()) throw sync::UsageError("whom, or what? Name a USER, or a code: `dvsync explain --reason CODE`");
    const auto configuration = context.configuration();
    const auto chosen = sync::chosen(configuration, environments_);
    sync::SpareSessions sessions;
    const auto object_id = sync::object_id_of(person_named(context, configuration, chosen, user_, json_, &sessions));
    int code = 0;
    for (const auto* environment : chosen) {
      try {
        explain(context, configuration, *environment, object_id, sessions);
      } catch (const Error& error) {
        // The others can still be explained.
        const auto failure = failure_of(error, context.err.paint());
        context.err.write(failure.text);
        code = std::max(code, failure.exit_code);
      }
    }
    if (json_) {
      context.out.write(boost::json::serialize(sync::json_of(object_id, name_, std::move(explained_))) + "\n");
    }
    return code;
  }

 private:
  void explain_code(const Context& context) const {
    if (!json_) {
      context.out.write(entry_text(reason_));
      return;
    }
    const auto& entry = reason_entry(reason_);
    context.out.write(boost::json::serialize(boost::json::object{{"reason", entry.code},
                                                                 {"meaning", entry.meaning},
                                                                 {"decided_by", entry.decided_by},
                                                                 {"advice", entry.advice}}) +
                      "\n");
  }

  void explain(const Context& context, const config::Configuration& configuration,
               const config::Environment& environment, const core::Guid& object_id, sync::SpareSessions& sessions) {
    if (environment.rules.type == core::EnvironmentType::none) {
      explain_without_database(context, environment);
      return;
    }
    const auto explanation = sync::explain(configuration, environment, object_id, trigger_, sessions);
    if (name_.empty()) name_ = name_of(explanation);
    if (json_) {
      explained_.push_back(sync::json_of(explanation, trigger_, configuration.licenses));
      return;
    }
    if (!std::exchange(introduced_, true)) context.out.write(introduction(explanation, object_id, context.out.paint()));
    context.out.write("\n" + explanation_of(explanation, trigger_, configuration.licenses, context.out.paint()));
  }

  // Gate 1 stops everybody, and there is no table to look at.
  void explain_without_database(const Context& context, const config::Environment& environment) {
    const auto& name = environment.rules.name;
    if (json_) {
      explained_.push_back(sync::json_without_database(name));
    } else {
      context.out.write("\n" + name + ": type none: there is no Dataverse database to enter\n");
    }
  }

  static std::string introduction(const sync::Explanation& explanation, const core::Guid& object_id,
                                  const Paint& paint) {
    const auto name = name_of(explanation);
    auto text = paint.bold(name.empty() ? "(no user name)" : printable(name)) + ", object id " +
                core::to_string(object_id) + "\n";
    if (!explanation.in_mirror) text += "The mirror does not know this object id.\n";
    return text + (explanation.pulled_at ? "As the directory was on " + local_time(*explanation.pulled_at) + "\n"
                                         : "The directory was never read: run `dvsync sync`.\n");
  }

  std::string user_;
  std::string reason_;
  std::vector<std::string> environments_;
  core::Trigger trigger_ = core::Trigger::background;
  bool json_ = false;
  std::string name_;
  bool introduced_ = false;
  boost::json::array explained_;
};

}  // namespace

std::unique_ptr<Command> make_explain_command() { return std::make_unique<ExplainCommand>(); }

}  // namespace dvsync::cli
