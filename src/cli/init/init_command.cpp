// dvsync init: from nothing to a configuration that is valid, and to the next command.

#include <algorithm>

#include "command.hpp"
#include "dvsync/sync/engine.hpp"
#include "dvsync/sync/preflight.hpp"
#include "errors.hpp"
#include "findings.hpp"
#include "init/filled_form.hpp"
#include "init/first_database.hpp"
#include "options.hpp"
#include "terminal/question.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

class InitCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("init", "Write a first configuration, and prepare the database for it");
    std::vector<std::pair<std::string, std::optional<std::string>>> types;
    std::string known;
    for (const auto& type : config::SampleForm::directory_types()) {
      types.emplace_back(type, type);
      known += (known.empty() ? "" : ", ") + type;
    }
    add_choice(*app, "--directory", answers_.directory_type, "Where identities come from: " + known, std::move(types))
        ->type_name("KIND");
    app->add_option("--set", settings_, "A key of the section `directory`; may be repeated")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app->add_option("--database", answers_.connection, "libpq's connection string; default: a socket of this machine")
        ->type_name("CONNECTION");
    app->add_option("-e,--environment", answers_.environments, "An environment's name; may be repeated")
        ->type_name("NAME")
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app->add_option("--output", output_, "Where to write it; default: where the other commands look")
        ->type_name("FILE");
    auto* create =
        app->add_flag("--create-database", create_database_, "Create the role and the database that are missing");
    app->add_flag("--offline", offline_, "Connect to nothing: neither to PostgreSQL nor to the directory")
        ->excludes(create);
    return app->footer(
        "Examples:\n"
        "  dvsync init\n"
        "  dvsync init --directory graph --set tenant=contoso.example --environment contoso\n"
        "  dvsync init --directory file --output new.yaml --create-database\n"
        "\n"
        "Asks at a terminal for what the options do not say. In a pipe it asks nothing, and what nobody said stays as "
        "the sample has it, which it tells. A file that is there is never replaced without a question, and not at all "
        "in a pipe. Files for secrets are made beside it, for dvsync's user alone.\n"
        "The database is created as the server's user `postgres`: by root on the same machine, else with a line for "
        "that user in the password file.");
  }

  int run(const Context& context) override {
    file_ = config::file_to_load(output_ ? output_ : context.configuration_file);
    read_settings();
    Interview interview(context.err);
    agree_to_replace(interview);
    const auto service = other_user(service_user);
    NewSecrets secrets(service);
    const auto form = filled_form(file_, answers_, interview, secrets);
    const auto configuration = accepted(form);
    write_configuration(file_, form.text(), service);
    secrets.keep();
    Findings findings(context.out);
    findings.tell({.message = "configuration " + file_.string()});
    const bool unfinished = !form.examples().empty() || !secrets.empty_ones().empty();
    const bool database = offline_ || prepare_database(context, configuration, service, interview, findings);
    if (!offline_ && !unfinished) look_at_directory(configuration, service, findings);
    tell_next(context, configuration, form, secrets, service, database);
    return create_database_ && !database ? findings.exit_code() : 0;
  }

 private:
  void read_settings() {
    for (const auto& setting : settings_) {
      const auto equals = setting.find('=');
      if (equals == std::string::npos || equals == 0) {
        throw sync::UsageError("`" + printable(setting) + "` is not KEY=VALUE, such as tenant=contoso.example");
      }
      answers_.directory.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
    }
  }

  void agree_to_replace(Interview& interview) const {
    if (!would_be_lost(file_)) return;
    const auto there = printable(file_.string()) + " is there already";
    if (!interview.anybody()) {
      throw sync::UsageError(there +
                             ", and nobody can be asked here: nothing was written; `--output` names another file");
    }
    if (!confirmed(there + ". Replace it?")) throw sync::UsageError("nothing was written");
  }

  [[nodiscard]] config::Configuration accepted(const config::SampleForm& form) const {
    auto loaded = config::parse(form.text(), file_);
    if (auto* diagnostics = std::get_if<std::vector<config::Diagnostic>>(&loaded)) {
      throw InvalidConfiguration(std::move(*diagnostics));
    }
    return std::get<config::Configuration>(std::move(loaded));
  }

  // Whether the daemon's role can open a session in the end.
  [[nodiscard]] bool prepare_database(const Context& context, const config::Configuration& configuration,
                                      const std::optional<SystemUser>& service, Interview& interview,
                                      Findings& findings) const {
    using Level = sync::PreflightFinding::Level;
    const FirstDatabase database(configuration.database.connection, service);
    auto obstacle = database.obstacle();
    if (obstacle && (create_database_ || interview.anybody())) {
      try {
        database.create(context.out, interview, create_database_);
        obstacle = database.obstacle();
      } catch (const StoreError& error) {
        findings.tell({Level::wrong, error.what(), sync::cause_of(error)});
        return false;
      }
    }
    if (obstacle) {
      findings.tell({Level::wrong, *obstacle, sync::FailureCause::unavailable});
    } else {
      findings.tell({Level::good, "the database answers", sync::FailureCause::none});
    }
    return !obstacle;
  }

  static void look_at_directory(const config::Configuration& configuration, const std::optional<SystemUser>& service,
                                Findings& findings) {
    const WorkingAs daemon(service);
    sync::check_directory(configuration, [&](const sync::PreflightFinding& finding) { findings.tell(finding); });
  }

  [[nodiscard]] std::string command(const std::string& words, const std::optional<SystemUser>& service) const {
    const auto usual = config::file_to_load(std::nullopt);
    const auto file = file_ == usual ? "" : " --config " + file_.string();
    return "  " + std::string(service ? "sudo -u dvsync " : "") + "dvsync" + file + " " + words + "\n";
  }

  void tell_next(const Context& context, const config::Configuration& configuration, const config::SampleForm& form,
                 const NewSecrets& secrets, const std::optional<SystemUser>& service, bool database) const {
    std::string text = "\nNext:\n";
    const auto examples = form.examples();
    for (const auto& key : examples) {
      text += "  line " + std::to_string(key.line) + " of " + file_.string() + " still has an example: " + key.name +
              ": " + key.value + "\n";
    }
    for (const auto& empty : secrets.empty_ones()) text += "  put the secret into " + empty.string() + "\n";
    if (!database) text += FirstDatabase(configuration.database.connection, service).by_hand();
    text += command(examples.empty() ? "migrate" : "check --offline", service);
    context.out.write(text);
  }

  Answers answers_;
  std::vector<std::string> settings_;
  std::optional<std::string> output_;
  bool create_database_ = false;
  bool offline_ = false;
  std::filesystem::path file_;
};

}  // namespace

std::unique_ptr<Command> make_init_command() { return std::make_unique<InitCommand>(); }

}  // namespace dvsync::cli
