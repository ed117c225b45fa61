// dvsync check: is everything as it must be? All problems at once.

#include "command.hpp"
#include "configuration_schema.hpp"
#include "dvsync/config/outline.hpp"
#include "dvsync/console/check.hpp"
#include "dvsync/service/notify.hpp"
#include "dvsync/sync/preflight.hpp"
#include "errors.hpp"
#include "findings.hpp"
#include "options.hpp"

namespace dvsync::cli {
namespace {

class CheckCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("check", "Check the configuration, connections, rights and schemas");
    app->add_flag("--offline", offline_, "The configuration alone: connect to nothing");
    auto* json = add_json(*app, json_);
    app->add_flag("--show", show_, "Print the configuration as it is in force, defaults included, and check nothing")
        ->excludes(json);
    app->add_flag("--schema", schema_, "Print the configuration's JSON Schema, for editors")->excludes(json);
    return app->footer(
        "Examples:\n"
        "  dvsync check\n"
        "  dvsync --config new.yaml check --offline    before a reload\n"
        "  dvsync check --show                         every key with its value\n"
        "\n"
        "Changes nothing, and reads a directory file to its end. What it calls an error, a run refuses in the same "
        "words.\n"
        "Exit codes, as those of the run it warns of: 0 all is well; 75 a fact will be missing; 69 out of reach; 77 "
        "no permission; 78 configuration, schema or encoding.");
  }

  int run(const Context& context) override {
    if (schema_) {
      context.out.write(schema_text(config::every_key()));
      return 0;
    }
    if (show_) return show(context);
    return json_ ? tell_json(context) : tell_text(context);
  }

 private:
  void check(const config::Configuration& configuration, Findings& findings) const {
    findings.tell({.message = "configuration " + configuration.file.string()});
    const auto tell = [&](const sync::PreflightFinding& finding) { findings.tell(finding); };
    sync::check_connections(configuration, tell);
    service::check_notify(configuration, tell);
    console::check_console(configuration, tell);
    if (offline_) return;
    sync::check_databases(configuration, tell);
    sync::check_directory(configuration, tell);
  }

  int tell_text(const Context& context) const {
    const auto configuration = context.configuration();
    Findings findings(context.out);
    check(configuration, findings);
    return findings.exit_code();
  }

  // A configuration that is not valid is an answer too.
  int tell_json(const Context& context) const {
    boost::json::array told;
    int code = 0;
    try {
      const auto configuration = context.configuration();
      Findings findings(context.out, true);
      check(configuration, findings);
      told = findings.take();
      code = findings.exit_code();
    } catch (const InvalidConfiguration& invalid) {
      code = exit_code_of(invalid.diagnostics());
      for (const auto& diagnostic : invalid.diagnostics()) told.push_back(json_of(diagnostic));
    }
    context.out.write(boost::json::serialize(boost::json::object{{"exit_code", code}, {"findings", std::move(told)}}) +
                      "\n");
    return code;
  }

  static int show(const Context& context) {
    const auto outline = config::outline_of(config::file_to_load(context.configuration_file));
    if (const auto* diagnostics = std::get_if<std::vector<config::Diagnostic>>(&outline)) {
      throw InvalidConfiguration(*diagnostics);
    }
    context.out.write(config::yaml_of(std::get<config::Outline>(outline)));
    return 0;
  }

  bool offline_ = false;
  bool json_ = false;
  bool show_ = false;
  bool schema_ = false;
};

}  // namespace

std::unique_ptr<Command> make_check_command() { return std::make_unique<CheckCommand>(); }

}  // namespace dvsync::cli
