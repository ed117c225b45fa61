// dvsync report users and leavers: the rows of people, and since when and why they are as they are.

#include "dvsync/store/open.hpp"
#include "dvsync/store/user_views.hpp"
#include "dvsync/sync/engine.hpp"
#include "json.hpp"
#include "log/since.hpp"
#include "report/report_options.hpp"
#include "terminal/pager.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

using store::ListedUser;
using store::UserView;

struct UserCount {
  std::string environment;
  std::int64_t users = 0;
  std::int64_t disabled = 0;
};

boost::json::object json_of_user(const std::string& environment, const ListedUser& user) {
  return {{"environment", environment},
          {"domainname", user.domainname},
          {"fullname", json_text(user.fullname)},
          {"disabled", user.disabled},
          {"disabledreason", json_text(user.disabledreason)},
          {"disabled_since", json_or_null(user.disabled_since)},
          {"licensed", user.licensed},
          {"access_mode", name_of_access_mode(user.access_mode)},
          {"roles", user.roles ? boost::json::value(json_of(*user.roles)) : boost::json::value(nullptr)},
          {"azure_state", user.azure_state},
          {"modified_on", json_text(user.modified_on)},
          {"object_id", json_or_null(user.object_id)},
          {"systemuserid", core::to_string(user.systemuserid)}};
}

std::string roles_text(const ListedUser& user) {
  std::string text;
  for (const auto& role : user.roles.value_or(std::vector<std::string>{})) {
    text += (text.empty() ? "" : ", ") + printable(role);
  }
  return text;
}

std::string directory_text(const ListedUser& user) {
  return user.azure_state == 0 ? "has them" : user.azure_state == 1 ? "soft-deleted" : "has them no more";
}

// A report of rows; what is special about it is which rows, and their columns.
class RowsReport : public Command {
 public:
  int run(const Context& context) override {
    const auto configuration = context.configuration();
    store::UserListing listing{.views = {UserView::people}, .with_history = true};
    choose(listing);
    std::optional<Pager> pager;
    if (options_.format() == Format::text) pager.emplace(context.out);
    Listing list(context.out, options_.format(), name(), json_of_user("", ListedUser{}), headings());
    std::vector<UserCount> counts;
    const int code = each_environment(context, configuration, options_.environments, [&](const auto& environment) {
      UserCount count{.environment = environment.rules.name};
      const auto session = store::open_environment(configuration, environment);
      store::list_users(*session, listing, [&](const ListedUser& user) {
        ++count.users;
        count.disabled += user.disabled ? 1 : 0;
        list.add(json_of_user(count.environment, user), [&] { return cells(count.environment, user); });
      });
      counts.push_back(std::move(count));
    });
    list.end();
    if (!list.is_text()) return code;
    for (const auto& count : counts) context.out.write(count.environment + ": " + sum_of(count) + "\n");
    return code;
  }

 protected:
  [[nodiscard]] virtual std::string name() const = 0;
  virtual void choose(store::UserListing& listing) const = 0;
  [[nodiscard]] virtual std::vector<Table::Heading> headings() const = 0;
  [[nodiscard]] virtual std::vector<Cell> cells(const std::string& environment, const ListedUser& user) const = 0;
  [[nodiscard]] virtual std::string sum_of(const UserCount& count) const = 0;
  ReportOptions& options() { return options_; }

 private:
  ReportOptions options_;
};

class UsersReport : public RowsReport {
 public:
  CLI::App* declare(CLI::App& report) override {
    auto* app =
        report.add_subcommand("users", "Users who have a row: enabled or since when and why not, licence, roles");
    options().add_to(*app);
    return app->footer(
        "Since when a row is disabled is what the log still knows; nobody's log has what others did.\n"
        "\n"
        "Examples:\n"
        "  dvsync report users --environment contoso\n"
        "  dvsync report users --json | jq '.users[] | select(.licensed | not)'");
  }

 private:
  std::string name() const override { return "users"; }
  void choose(store::UserListing&) const override {}
  std::vector<Table::Heading> headings() const override {
    return {{"user"},
            {"environment"},
            {"state"},
            {"licensed", Align::left, Fit::leave_out},
            {"disabled since", Align::left, Fit::leave_out},
            {"access mode", Align::left, Fit::leave_out},
            {"security roles", Align::left, Fit::fold},
            {"name", Align::left, Fit::leave_out},
            {"systemuserid", Align::left, Fit::leave_out}};
  }
  std::vector<Cell> cells(const std::string& environment, const ListedUser& user) const override {
    return {name_cell(user.domainname),
            {environment},
            state_cell(user.disabled, user.disabledreason),
            yes_or_no(user.licensed),
            time_cell(user.disabled_since),
            {std::string(name_of_access_mode(user.access_mode))},
            {roles_text(user)},
            {printable(user.fullname)},
            {core::to_string(user.systemuserid), Tint::faint}};
  }
  std::string sum_of(const UserCount& count) const override {
    if (count.users == 0) return "no users";
    return count_of(count.users, "user", "users") + ", " + std::to_string(count.users - count.disabled) + " enabled, " +
           std::to_string(count.disabled) + " disabled";
  }
};

class LeaversReport : public RowsReport {
 public:
  CLI::App* declare(CLI::App& report) override {
    auto* app = report.add_subcommand("leavers", "Users who have been disabled for long, and may be cleared away");
    app->add_option_function<std::string>(
           "--older-than",
           [this](const std::string& text) {
             const auto parsed = parse_since(text);
             const auto* length = parsed ? std::get_if<std::chrono::seconds>(&*parsed) : nullptr;
             if (length == nullptr) {
               throw CLI::ValidationError("--older-than", "`" + text + "` is no length of time: 30d, 12w, 1d12h");
             }
             disabled_for_ = *length;
           },
           "Disabled for at least so long")
        ->type_name("LENGTH")
        ->default_str("30d");
    options().add_to(*app);
    return app->footer(
        "What the log does not know any more is as old as the row's last change.\n"
        "\n"
        "Examples:\n"
        "  dvsync report leavers --older-than 90d\n"
        "  dvsync report leavers --older-than 52w --csv > to_be_deleted.csv");
  }

 private:
  std::string name() const override { return "leavers"; }
  void choose(store::UserListing& listing) const override { listing.disabled_for = disabled_for_; }
  std::vector<Table::Heading> headings() const override {
    return {{"user"},
            {"environment"},
            {"reason"},
            {"disabled since", Align::left, Fit::leave_out},
            {"the directory", Align::left, Fit::leave_out},
            {"name", Align::left, Fit::leave_out},
            {"systemuserid", Align::left, Fit::leave_out}};
  }
  std::vector<Cell> cells(const std::string& environment, const ListedUser& user) const override {
    return {name_cell(user.domainname),
            {environment},
            state_cell(user.disabled, user.disabledreason),
            time_cell(user.disabled_since),
            {directory_text(user)},
            {printable(user.fullname)},
            {core::to_string(user.systemuserid), Tint::faint}};
  }
  std::string sum_of(const UserCount& count) const override {
    if (count.users == 0) return "nobody has been disabled for so long";
    return count_of(count.users, "user", "users");
  }

  std::chrono::seconds disabled_for_ = std::chrono::hours(24 * 30);
};

}  // namespace

std::unique_ptr<Command> make_users_report() { return std::make_unique<UsersReport>(); }
std::unique_ptr<Command> make_leavers_report() { return std::make_unique<LeaversReport>(); }

}  // namespace dvsync::cli
