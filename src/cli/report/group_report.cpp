// dvsync report group: the security groups as the mirror knows them, or who is in one.

#include <algorithm>

#include "dvsync/config/suggestion.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/reports.hpp"
#include "dvsync/sync/engine.hpp"
#include "json.hpp"
#include "report/report_options.hpp"
#include "terminal/pager.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

using store::GroupUser;
using store::NamedGroup;

std::string_view words_of(store::Known known) {
  switch (known) {
    case store::Known::complete:
      return "complete";
    case store::Known::partial:
      return "partly known";
    case store::Known::unreadable:
      return "unreadable";
    case store::Known::not_carried:
      return "not told";
  }
  return "";
}

Cell known_cell(store::Known known, const std::string& detail) {
  auto text = std::string(words_of(known));
  if (known == store::Known::unreadable && !detail.empty()) text += ": " + printable(detail);
  return {text, known == store::Known::complete ? Tint::good : Tint::attention};
}

boost::json::object json_of_group(const NamedGroup& group, const std::vector<std::string>& environments) {
  return {{"group", group.name},
          {"object_id", json_or_null(group.known.object_id)},
          {"environments", json_of(environments)},
          {"direct", group.direct},
          {"nested", group.nested},
          {"owners", group.owners},
          {"members_known", words_of(group.known.members)},
          {"owners_known", words_of(group.known.owners)},
          {"detail", json_text(group.known.detail)}};
}

boost::json::object json_of_member(const GroupUser& user) {
  return {{"user_name", json_text(user.user_name)},
          {"display_name", json_text(user.display_name)},
          {"account_enabled",
           user.account_enabled ? boost::json::value(*user.account_enabled) : boost::json::value(nullptr)},
          {"direct", user.direct},
          {"nested", user.nested},
          {"owner", user.owner},
          {"object_id", core::to_string(user.object_id)}};
}

std::string belongs(const GroupUser& user) {
  std::string text = user.direct ? "member" : user.nested ? "nested" : "";
  if (user.owner) text += text.empty() ? "owner" : ", owner";
  return text;
}

class GroupReport : public Command {
 public:
  CLI::App* declare(CLI::App& report) override {
    auto* app = report.add_subcommand("group", "The environments' security groups, or who is in one of them");
    app->add_option("group", group_, "A group as the configuration names it, its object id, or an environment's name")
        ->type_name("GROUP");
    options_.add_to(*app);
    return app->footer(
        "As far as the mirror knows: `nested` are members through other groups, where those were read.\n"
        "\n"
        "Examples:\n"
        "  dvsync report group                  the groups, and how well they are known\n"
        "  dvsync report group contoso --csv    who is in the group of environment contoso");
  }

  int run(const Context& context) override {
    const auto configuration = context.configuration();
    const auto environments = sync::chosen(configuration, options_.environments);
    const auto mirror = store::open_mirror(configuration);
    auto groups = store::read_named_groups(*mirror);
    std::erase_if(groups, [&](const auto& group) { return environments_of(group.name, environments).empty(); });
    std::optional<Pager> pager;
    if (options_.format() == Format::text) pager.emplace(context.out);
    if (group_.empty()) {
      list_groups(context.out, groups, environments);
    } else {
      list_members(context.out, *mirror, chosen_of(groups, environments));
    }
    return 0;
  }

 private:
  using Environments = std::vector<const config::Environment*>;

  static std::vector<std::string> environments_of(const std::string& group, const Environments& environments) {
    std::vector<std::string> names;
    for (const auto* environment : environments) {
      if (environment->security_group == group) names.push_back(environment->rules.name);
    }
    return names;
  }

  [[nodiscard]] const NamedGroup& chosen_of(const std::vector<NamedGroup>& groups,
                                            const Environments& environments) const {
    const auto id = core::parse_guid(group_);
    const auto found = std::ranges::find_if(groups, [&](const NamedGroup& group) {
      const auto used = environments_of(group.name, environments);
      return group.name == group_ || (id && group.known.object_id == id) ||
             std::ranges::find(used, group_) != used.end();
    });
    if (found != groups.end()) return *found;
    std::string known;
    std::vector<std::string_view> names;
    for (const auto& group : groups) {
      known += (known.empty() ? "" : ", ") + printable(group.name);
      names.emplace_back(group.name);
    }
    throw sync::UsageError("no environment has a security group `" + printable(group_) + "`; " +
                           (known.empty() ? "the mirror knows none" : "there are " + known) +
                           config::did_you_mean(group_, names));
  }

  void list_groups(Output& out, const std::vector<NamedGroup>& groups, const Environments& environments) const {
    Listing list(out, options_.format(), "groups", json_of_group({}, {}),
                 {{"group"},
                  {"environments", Align::left, Fit::fold},
                  {"members", Align::right},
                  {"nested", Align::right},
                  {"owners", Align::right},
                  {"members are", Align::left, Fit::fold},
                  {"owners are", Align::left, Fit::leave_out},
                  {"object id", Align::left, Fit::leave_out}});
    for (const auto& group : groups) {
      const auto used = environments_of(group.name, environments);
      list.add(json_of_group(group, used), [&] {
        std::string names;
        for (const auto& name : used) names += (names.empty() ? "" : ", ") + name;
        return std::vector<Cell>{{printable(group.name)},
                                 {names},
                                 {std::to_string(group.direct)},
                                 {std::to_string(group.nested)},
                                 {std::to_string(group.owners)},
                                 known_cell(group.known.members, group.known.detail),
                                 known_cell(group.known.owners, ""),
                                 {group.known.object_id ? core::to_string(*group.known.object_id) : "", Tint::faint}};
      });
    }
    list.end();
    if (list.is_text() && groups.empty()) out.write("No environment has a security group that the mirror knows.\n");
  }

  void list_members(Output& out, store::Connection& mirror, const NamedGroup& group) const {
    Listing list(out, options_.format(), "members", json_of_member({}),
                 {{"user"},
                  {"belongs as"},
                  {"account"},
                  {"name", Align::left, Fit::leave_out},
                  {"object id", Align::left, Fit::leave_out}});
    if (group.known.object_id) {
      store::list_group(mirror, *group.known.object_id, [&](const GroupUser& user) {
        list.add(json_of_member(user), [&] {
          const auto account = !user.account_enabled   ? Cell{"unknown", Tint::attention}
                               : *user.account_enabled ? Cell{"enabled", Tint::good}
                                                       : Cell{"disabled", Tint::bad};
          return std::vector<Cell>{name_cell(user.user_name),
                                   {belongs(user)},
                                   account,
                                   {printable(user.display_name)},
                                   {core::to_string(user.object_id), Tint::faint}};
        });
      });
    }
    list.end({{"group", json_of_group(group, {}).at("group")},
              {"members_known", words_of(group.known.members)},
              {"owners_known", words_of(group.known.owners)}});
    if (!list.is_text()) return;
    out.write(printable(group.name) + ": " + count_of(group.direct, "member", "members") + ", " +
              std::to_string(group.nested) + " nested, " + count_of(group.owners, "owner", "owners") + "; members " +
              known_cell(group.known.members, group.known.detail).text + ", owners " +
              std::string(words_of(group.known.owners)) + "\n");
  }

  ReportOptions options_;
  std::string group_;
};

}  // namespace

std::unique_ptr<Command> make_group_report() { return std::make_unique<GroupReport>(); }

}  // namespace dvsync::cli
