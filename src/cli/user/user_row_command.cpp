// dvsync user add-application, link-stub: rows that the sync itself never makes or turns into others.

#include "dvsync/sync/engine.hpp"
#include "options.hpp"
#include "terminal/stop_signals.hpp"
#include "user/user_commands.hpp"

namespace dvsync::cli {
namespace {

core::Guid guid_of(const std::string& option, const std::string& word) {
  const auto id = core::parse_guid(word);
  if (!id) throw sync::UsageError(option + " must be a GUID (8-4-4-4-12 hexadecimal digits), not `" + word + "`");
  return *id;
}

class UserApplicationCommand : public Command {
 public:
  CLI::App* declare(CLI::App& user) override {
    auto* app = user.add_subcommand("add-application", "Create an application user");
    app->add_option("--application-id", application_id_, "The application's (client) id")->type_name("ID")->required();
    app->add_option("--object-id", object_id_, "Its service principal's object id")->type_name("ID");
    app->add_option("--name", name_, "How it is called; default: the application id")->type_name("NAME");
    options_.add_to(*app);
    return app->footer(
        "The row is enabled and non-interactive, outside the limit of seven; the sync leaves it alone. Connects with\n"
        "`migrate_connection` where there is one: the daemon's own role may not do this.");
  }
  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const auto& environment = options_.with_rows_of(configuration);
    const auto application = guid_of("--application-id", application_id_);
    const auto object = object_id_ ? std::optional(guid_of("--object-id", *object_id_)) : std::nullopt;
    const StopSignals signals;
    sync::Desk desk(configuration, environment, requester(), signals.token(), sync::Desk::Rights::owner);
    const auto name = name_.empty() ? core::to_string(application) : name_;
    return tell(context, environment, desk.add_application(application, object, name), options_.json);
  }

 private:
  UserOptions options_;
  std::string application_id_;
  std::optional<std::string> object_id_;
  std::string name_;
};

class UserLinkCommand : public Command {
 public:
  CLI::App* declare(CLI::App& user) override {
    auto* app = user.add_subcommand("link-stub", "Turn an imported placeholder into a directory user's row");
    app->add_option("stub", stub_, "The stub's systemuserid, or its user name")->type_name("STUB")->required();
    app->add_option("user", user_, "The directory user: a user name, or an object id")->type_name("USER")->required();
    options_.add_to(*app);
    return app->footer(
        "The sync matches rows by object id and never by name, so this is the only way. The row keeps its "
        "systemuserid,\n"
        "and is then brought in line by the rules. Connects with `migrate_connection` where there is one: the "
        "daemon's\n"
        "own role may not do this.");
  }
  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const auto& environment = options_.with_rows_of(configuration);
    const StopSignals signals;
    sync::Desk desk(configuration, environment, requester(), signals.token(), sync::Desk::Rights::owner);
    return tell(context, environment, desk.link_stub(stub_, sync::reference_to(user_)), options_.json);
  }

 private:
  UserOptions options_;
  std::string stub_;
  std::string user_;
};

}  // namespace

std::unique_ptr<Command> make_user_application_command() { return std::make_unique<UserApplicationCommand>(); }
std::unique_ptr<Command> make_user_link_command() { return std::make_unique<UserLinkCommand>(); }

}  // namespace dvsync::cli
