// dvsync report administrators: those of the directory, and whoever has Dataverse's own role, with their rows.

#include <unordered_map>

#include "dvsync/store/identity_queries.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/reports.hpp"
#include "json.hpp"
#include "report/report_options.hpp"
#include "terminal/pager.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

// What is known of one administrator in one environment; either may be missing.
struct Administrator {
  std::string environment;
  const store::DirectoryAdministrator* person = nullptr;
  const store::AdministratorRow* row = nullptr;

  [[nodiscard]] std::string user_name() const {
    return row != nullptr ? row->domainname : person != nullptr ? person->user_name : "";
  }
  [[nodiscard]] std::vector<std::string> roles() const {
    std::vector<std::string> names;
    if (person == nullptr) return names;
    for (const auto role : person->roles) names.emplace_back(core::name_of(role));
    return names;
  }
  [[nodiscard]] std::optional<core::Guid> object_id() const {
    return person != nullptr ? std::optional(person->object_id) : row != nullptr ? row->object_id : std::nullopt;
  }
};

boost::json::object json_of_administrator(const Administrator& one) {
  const auto* row = one.row;
  return {{"environment", one.environment},
          {"user_name", json_text(one.user_name())},
          {"display_name", one.person != nullptr ? json_text(one.person->display_name) : nullptr},
          {"directory_roles", json_of(one.roles())},
          {"disabled", row != nullptr ? boost::json::value(row->disabled) : nullptr},
          {"disabledreason", row != nullptr ? json_text(row->disabledreason) : nullptr},
          {"access_mode",
           row != nullptr ? boost::json::value(name_of_access_mode(row->access_mode)) : boost::json::value(nullptr)},
          {"system_administrator", row != nullptr && row->system_administrator
                                       ? boost::json::value(*row->system_administrator)
                                       : boost::json::value(nullptr)},
          {"object_id", json_or_null(one.object_id())},
          {"systemuserid", row != nullptr ? json_value(row->systemuserid) : boost::json::value(nullptr)}};
}

std::vector<Cell> cells_of(const Administrator& one) {
  std::string roles;
  for (const auto& role : one.roles()) roles += (roles.empty() ? "" : ", ") + role;
  const auto* row = one.row;
  return {name_cell(one.user_name()),
          {one.environment},
          {roles.empty() ? "none" : roles, roles.empty() ? Tint::attention : Tint::none},
          row != nullptr ? state_cell(row->disabled, row->disabledreason) : Cell{"no row", Tint::faint},
          {row != nullptr ? std::string(name_of_access_mode(row->access_mode)) : ""},
          row != nullptr ? yes_or_no(row->system_administrator) : Cell{""},
          {one.object_id() ? core::to_string(*one.object_id()) : "", Tint::faint}};
}

class AdministratorsReport : public Command {
 public:
  CLI::App* declare(CLI::App& report) override {
    auto* app =
        report.add_subcommand("administrators", "Administrators of the directory and of Dataverse, and their rows");
    options_.add_to(*app);
    return app->footer(
        "The directory's roles are Global, Power Platform and Dynamics 365 administrator. Who has none of them and "
        "the\n"
        "security role System Administrator is listed as well.\n"
        "\n"
        "Examples:\n"
        "  dvsync report administrators --environment contoso\n"
        "  dvsync report administrators --json | jq '.administrators[] | select(.directory_roles == [])'");
  }

  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const auto mirror = store::open_mirror(configuration);
    const bool complete = store::administrators(*mirror).has_value();
    const auto people = store::read_administrators(*mirror);
    std::vector<core::Guid> ids;
    for (const auto& person : people) ids.push_back(person.object_id);
    std::optional<Pager> pager;
    if (options_.format() == Format::text) pager.emplace(context.out);
    Listing list(context.out, options_.format(), "administrators", json_of_administrator({}),
                 {{"user"},
                  {"environment"},
                  {"directory roles", Align::left, Fit::fold},
                  {"state"},
                  {"access mode", Align::left, Fit::leave_out},
                  {"System Administrator", Align::left, Fit::leave_out},
                  {"object id", Align::left, Fit::leave_out}});
    const int code = each_environment(context, configuration, options_.environments, [&](const auto& environment) {
      const auto session = store::open_environment(configuration, environment);
      list_one(environment.rules.name, people, store::administrator_rows(*session, ids), list);
    });
    list.end({{"complete", complete}});
    if (!list.is_text()) return code;
    if (list.entries() == 0 && code == 0) context.out.write("No administrators are known.\n");
    if (!complete) context.out.write("The directory does not tell who all its administrators are.\n");
    return code;
  }

 private:
  static void list_one(const std::string& environment, const std::vector<store::DirectoryAdministrator>& people,
                       const std::vector<store::AdministratorRow>& rows, Listing& list) {
    const auto add = [&](const Administrator& one) {
      list.add(json_of_administrator(one), [&one] { return cells_of(one); });
    };
    std::unordered_map<core::Guid, const store::DirectoryAdministrator*> by_id;
    for (const auto& person : people) by_id.emplace(person.object_id, &person);
    for (const auto& row : rows) {
      const auto found = row.object_id ? by_id.find(*row.object_id) : by_id.end();
      add({environment, found == by_id.end() ? nullptr : found->second, &row});
      if (found != by_id.end()) by_id.erase(found);
    }
    for (const auto& person : people) {
      if (by_id.contains(person.object_id)) add({environment, &person, nullptr});
    }
  }

  ReportOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_administrators_report() { return std::make_unique<AdministratorsReport>(); }

}  // namespace dvsync::cli
