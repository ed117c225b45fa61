// dvsync user enable, disable, set-access-mode, add-application, link-stub: an administrator's own acts on one row.

#include <cstdio>
#include <functional>

#include "dvsync/sync/engine.hpp"
#include "options.hpp"
#include "terminal/question.hpp"
#include "terminal/stop_signals.hpp"
#include "user/user_commands.hpp"

namespace dvsync::cli {
namespace {

// What the acts' options say.
struct ActOptions {
  std::string user;
  std::string stub;
  core::AccessMode mode = core::AccessMode::read_write;
  sync::UserOperations::NewApplication application;
  bool even_if_refused = false;
};

// An act is its name, its options, and what it does.
struct Act {
  const char* name;
  const char* description;
  const char* footer;
  sync::UserOperations::Rights rights = sync::UserOperations::Rights::daemon;
  void (*add_options)(CLI::App&, ActOptions&);
  sync::RequestOutcome (*carry_out)(sync::UserOperations&, const ActOptions&);
};

void add_row(CLI::App& app, ActOptions& given) {
  app.add_option("user", given.user, "A user name, an object id or a systemuserid")->type_name("USER")->required();
}

// `take` gets the id. A word that is none is a mistake on the command line.
CLI::Option* add_guid(CLI::App& app, const std::string& name, const std::string& description,
                      std::function<void(const core::Guid&)> take) {
  const auto read = [name, take = std::move(take)](const std::string& word) {
    const auto id = core::parse_guid(word);
    if (!id) throw CLI::ValidationError(name, "`" + word + "` is no GUID (8-4-4-4-12 hexadecimal digits)");
    take(*id);
  };
  return app.add_option_function<std::string>(name, read, description)->type_name("ID");
}

bool ask_whether(const std::string& warning) {
  std::fprintf(stderr, "%s\n", warning.c_str());
  return confirmed("Disable it all the same?");
}

constexpr Act enable{
    .name = "enable",
    .description = "Enable a user, if the rules allow it",
    .footer =
        "Ends a disable by hand, also where `manual_disable: sticky` lets nothing else end it. A user whom the\n"
        "gates keep out is refused, with the reason: the next sync would disable it again.",
    .add_options = add_row,
    .carry_out = [](sync::UserOperations& operations,
                    const ActOptions& given) { return operations.enable(given.user); },
};

constexpr Act disable{
    .name = "disable",
    .description = "Disable a user by hand, whatever the rules say",
    .footer =
        "Takes effect at once, also where the guard holds a disable back. What ends it again is the\n"
        "environment's `manual_disable`: until_access (the user's next access, or a request for it), sticky\n"
        "(only `dvsync user enable`), or override (the next sync).",
    .add_options = add_row,
    .carry_out = [](sync::UserOperations& operations,
                    const ActOptions& given) { return operations.disable(given.user, ask_whether); },
};

constexpr Act invited{
    .name = "invited",
    .description = "Note that a user who was enabled again got the new invitation",
    .footer =
        "`dvsync user list --invitation-required` shows who still needs one: a user who is enabled again has to be\n"
        "invited again.",
    .add_options = add_row,
    .carry_out = [](sync::UserOperations& operations,
                    const ActOptions& given) { return operations.mark_invited(given.user); },
};

constexpr Act set_access_mode{
    .name = "set-access-mode",
    .description = "Read-write, administrative or non-interactive",
    .footer =
        "Seven users of an environment can be non-interactive; application users do not count.\n"
        "\n"
        "Example:\n"
        "  dvsync user set-access-mode non-interactive service@contoso.example",
    .add_options =
        [](CLI::App& app, ActOptions& given) {
          add_choice<core::AccessMode>(app, "mode", given.mode, "read-write, administrative or non-interactive",
                                       {{"read-write", core::AccessMode::read_write},
                                        {"administrative", core::AccessMode::administrative},
                                        {"non-interactive", core::AccessMode::non_interactive}})
              ->type_name("MODE")
              ->required();
          add_row(app, given);
        },
    .carry_out = [](sync::UserOperations& operations,
                    const ActOptions& given) { return operations.set_access_mode(given.user, given.mode); },
};

// The two that make rows which the sync itself never makes, or turn them into others.

constexpr Act add_application{
    .name = "add-application",
    .description = "Create an application user",
    .footer =
        "The row is enabled and non-interactive, outside the limit of seven; the sync leaves it alone. Connects\n"
        "with `migrate_connection` where there is one: the daemon's own role may not do this.",
    .rights = sync::UserOperations::Rights::owner,
    .add_options =
        [](CLI::App& app, ActOptions& given) {
          add_guid(app, "--application-id", "The application's (client) id", [&given](const core::Guid& id) {
            given.application.application_id = id;
          })->required();
          add_guid(app, "--object-id", "Its service principal's object id",
                   [&given](const core::Guid& id) { given.application.object_id = id; });
          auto& application = given.application;
          app.add_option("--name", application.name, "How it is called; default: the application id")
              ->type_name("NAME");
          app.add_option("--email", application.email, "Its primary e-mail address")->type_name("ADDRESS");
          app.add_option("--business-unit", application.business_unit,
                         "An id, a name, or root; default: the environment's")
              ->type_name("UNIT");
          app.add_option("--role", application.roles, "Its security roles, by name")->type_name("ROLE");
        },
    .carry_out =
        [](sync::UserOperations& operations, const ActOptions& given) {
          auto application = given.application;
          if (application.name.empty()) application.name = core::to_string(application.application_id);
          return operations.add_application(application);
        },
};

constexpr Act link_stub{
    .name = "link-stub",
    .description = "Turn an imported placeholder into a directory user's row",
    .footer =
        "The sync matches rows by object id and never by name, so this is the only way. The row keeps its\n"
        "systemuserid, and is then brought in line by the rules. Only a user whom the rules let in is linked.\n"
        "Connects with `migrate_connection` where there is one: the daemon's own role may not do this.",
    .rights = sync::UserOperations::Rights::owner,
    .add_options =
        [](CLI::App& app, ActOptions& given) {
          app.add_option("stub", given.stub, "The stub's systemuserid, or its user name")
              ->type_name("STUB")
              ->required();
          app.add_option("user", given.user, "The directory user: a user name, or an object id")
              ->type_name("USER")
              ->required();
          app.add_flag("--even-if-refused", given.even_if_refused,
                       "Also a user who may not enter: the row is disabled");
        },
    .carry_out =
        [](sync::UserOperations& operations, const ActOptions& given) {
          using enum sync::UserOperations::IfRefused;
          return operations.link_stub(given.stub, sync::reference_to(given.user),
                                      given.even_if_refused ? link_all_the_same : do_nothing);
        },
};

class UserActCommand : public Command {
 public:
  explicit UserActCommand(const Act& act) : act_(act) {}

  CLI::App* declare(CLI::App& user) override {
    auto* app = user.add_subcommand(act_.name, act_.description);
    act_.add_options(*app, given_);
    options_.add_to(*app);
    return app->footer(act_.footer);
  }
  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const auto& environment = options_.with_rows_of(configuration);
    const StopSignals signals;
    sync::UserOperations operations(configuration, environment, requester(), signals.token(), act_.rights);
    return tell(context, environment, act_.carry_out(operations, given_), options_.json);
  }

 private:
  const Act& act_;
  UserOptions options_;
  ActOptions given_;
};

}  // namespace

std::unique_ptr<Command> make_user_enable_command() { return std::make_unique<UserActCommand>(enable); }
std::unique_ptr<Command> make_user_disable_command() { return std::make_unique<UserActCommand>(disable); }
std::unique_ptr<Command> make_user_invited_command() { return std::make_unique<UserActCommand>(invited); }
std::unique_ptr<Command> make_user_access_mode_command() { return std::make_unique<UserActCommand>(set_access_mode); }
std::unique_ptr<Command> make_user_application_command() { return std::make_unique<UserActCommand>(add_application); }
std::unique_ptr<Command> make_user_link_command() { return std::make_unique<UserActCommand>(link_stub); }

}  // namespace dvsync::cli
