// dvsync user enable, disable, set-access-mode: an administrator's own acts on one row.

#include "options.hpp"
#include "terminal/stop_signals.hpp"
#include "user/user_commands.hpp"

namespace dvsync::cli {
namespace {

constexpr const char* row_help = "A user name, an object id or a systemuserid";

class UserEnableCommand : public Command {
 public:
  CLI::App* declare(CLI::App& user) override {
    auto* app = user.add_subcommand("enable", "Enable a user, if the rules allow it");
    app->add_option("user", user_, row_help)->type_name("USER")->required();
    options_.add_to(*app);
    return app->footer(
        "Ends a disable by hand, also where `manual_disable: sticky` lets nothing else end it. A user whom the gates "
        "keep\n"
        "out is refused, with the reason: the next sync would disable it again.");
  }
  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const auto& environment = options_.with_rows_of(configuration);
    const StopSignals signals;
    sync::Desk desk(configuration, environment, requester(), signals.token());
    return tell(context, environment, desk.enable(user_), options_.json);
  }

 private:
  UserOptions options_;
  std::string user_;
};

class UserDisableCommand : public Command {
 public:
  CLI::App* declare(CLI::App& user) override {
    auto* app = user.add_subcommand("disable", "Disable a user by hand, whatever the rules say");
    app->add_option("user", user_, row_help)->type_name("USER")->required();
    options_.add_to(*app);
    return app->footer(
        "Takes effect at once, also where the guard holds a disable back. What ends it again is the environment's\n"
        "`manual_disable`: until_access (the user's next access, or a request for it), sticky (only `dvsync user\n"
        "enable`), or override (the next sync).");
  }
  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const auto& environment = options_.with_rows_of(configuration);
    const StopSignals signals;
    sync::Desk desk(configuration, environment, requester(), signals.token());
    return tell(context, environment, desk.disable(user_), options_.json);
  }

 private:
  UserOptions options_;
  std::string user_;
};

class UserAccessModeCommand : public Command {
 public:
  CLI::App* declare(CLI::App& user) override {
    auto* app = user.add_subcommand("set-access-mode", "Read-write, administrative or non-interactive");
    add_choice<core::AccessMode>(*app, "mode", mode_, "read-write, administrative or non-interactive",
                                 {{"read-write", core::AccessMode::read_write},
                                  {"administrative", core::AccessMode::administrative},
                                  {"non-interactive", core::AccessMode::non_interactive}})
        ->type_name("MODE")
        ->required();
    app->add_option("user", user_, row_help)->type_name("USER")->required();
    options_.add_to(*app);
    return app->footer(
        "Seven users of an environment can be non-interactive; application users do not count.\n"
        "\n"
        "Example:\n"
        "  dvsync user set-access-mode non-interactive service@contoso.example");
  }
  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const auto& environment = options_.with_rows_of(configuration);
    const StopSignals signals;
    sync::Desk desk(configuration, environment, requester(), signals.token());
    return tell(context, environment, desk.set_access_mode(user_, mode_), options_.json);
  }

 private:
  UserOptions options_;
  core::AccessMode mode_ = core::AccessMode::read_write;
  std::string user_;
};

}  // namespace

std::unique_ptr<Command> make_user_enable_command() { return std::make_unique<UserEnableCommand>(); }
std::unique_ptr<Command> make_user_disable_command() { return std::make_unique<UserDisableCommand>(); }
std::unique_ptr<Command> make_user_access_mode_command() { return std::make_unique<UserAccessModeCommand>(); }

}  // namespace dvsync::cli
