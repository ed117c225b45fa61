// dvsync user list: rows as the admin centre's views show them.

#include <algorithm>
#include <boost/json.hpp>

#include "dvsync/store/identity_queries.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/user_views.hpp"
#include "dvsync/sync/engine.hpp"
#include "json.hpp"
#include "listing.hpp"
#include "user/user_commands.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

using store::UserView;

boost::json::object listed_json(const store::ListedUser& user) {
  return {{"systemuserid", core::to_string(user.systemuserid)},
          {"object_id", json_or_null(user.object_id)},
          {"domainname", user.domainname},
          {"fullname", json_text(user.fullname)},
          {"disabled", user.disabled},
          {"disabledreason", json_text(user.disabledreason)},
          {"access_mode", name_of_access_mode(user.access_mode)},
          {"licensed", user.licensed},
          {"azure_state", user.azure_state},
          {"modified_on", json_text(user.modified_on)}};
}

std::vector<Cell> cells_of(const store::ListedUser& user) {
  const auto state = !user.disabled                ? "enabled"
                     : user.disabledreason.empty() ? "disabled"
                                                   : printable(user.disabledreason);
  return {{printable(user.domainname)},
          {state},
          {std::string(name_of_access_mode(user.access_mode))},
          {core::to_string(user.systemuserid), Tint::faint},
          {printable(user.fullname)}};
}

class UserListCommand : public Command {
 public:
  CLI::App* declare(CLI::App& user) override {
    auto* app = user.add_subcommand("list", "Rows of an environment, as the admin centre's views show them");
    add_view(*app, "--enabled", UserView::enabled, "Users who may enter");
    add_view(*app, "--disabled", UserView::disabled, "Users who may not, for whatever reason");
    add_view(*app, "--stub", UserView::stub, "Imported placeholders, which no directory user stands behind");
    add_view(*app, "--application", UserView::application, "Application users");
    add_view(*app, "--non-interactive", UserView::non_interactive, "Users in access mode 4");
    add_view(*app, "--administrative", UserView::administrative, "Users in access mode 1");
    add_view(*app, "--not-in-directory", UserView::not_in_directory, "Users whom the directory no longer has");
    add_view(*app, "--invitation-required", UserView::invitation_required,
             "Users who were enabled again, and not invited since");
    add_view(*app, "--administrator-no-more", UserView::administrator_no_more,
             "Users with the role System Administrator whom the directory has as no administrators");
    add_view(*app, "--without-role", UserView::without_role,
             "Enabled users without a security role: they reach no app");
    add_view(*app, "--purgeable", UserView::purgeable,
             "Of these, disabled ones: you may delete them, dvsync never does");
    options_.add_to(*app);
    app->add_flag("--csv", csv_, "Print comma separated values, with a heading")->excludes("--json");
    return app->footer(
        "Without a view: every row. Several views: rows that are in all of them.\n"
        "\n"
        "Examples:\n"
        "  dvsync user list --disabled\n"
        "  dvsync user list --enabled --administrative --json");
  }

  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const auto& environment = options_.with_rows_of(configuration);
    const auto session = store::open_environment(configuration, environment);
    Listing list(context.out,
                 options_.json ? Format::json
                 : csv_        ? Format::csv
                               : Format::text,
                 "users", listed_json({}),
                 {{"user"},
                  {"state"},
                  {"access mode", Align::left, Fit::leave_out},
                  {"systemuserid", Align::left, Fit::leave_out},
                  {"name", Align::left, Fit::leave_out}});
    const store::UserListing listing{.views = views_, .administrators = administrators(configuration)};
    store::list_users(*session, listing, [&](const store::ListedUser& user) {
      list.add(listed_json(user), [&user] { return cells_of(user); });
    });
    list.end({{"environment", environment.rules.name}});
    if (list.is_text()) {
      const auto total = static_cast<std::int64_t>(list.entries());
      context.out.write(environment.rules.name + ": " + count_of(total, "user", "users") + "\n");
    }
    return 0;
  }

 private:
  // Only one view asks for them.
  [[nodiscard]] std::vector<core::Guid> administrators(const config::Configuration& configuration) const {
    if (std::ranges::find(views_, UserView::administrator_no_more) == views_.end()) return {};
    auto known = store::administrators(*store::open_mirror(configuration));
    if (!known) throw sync::UsageError("the directory does not tell who all its administrators are");
    return *std::move(known);
  }
  void add_view(CLI::App& app, const std::string& name, UserView view, const std::string& description) {
    app.add_flag_callback(
        name, [this, view] { views_.push_back(view); }, description);
  }

  UserOptions options_;
  std::vector<UserView> views_;
  bool csv_ = false;
};

}  // namespace

std::unique_ptr<Command> make_user_list_command() { return std::make_unique<UserListCommand>(); }

}  // namespace dvsync::cli
