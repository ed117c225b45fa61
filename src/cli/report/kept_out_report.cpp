// dvsync report kept-out: users of the directory without a row, and why.

#include <algorithm>
#include <map>

#include "dvsync/sync/kept_out.hpp"
#include "explain/reasons.hpp"
#include "json.hpp"
#include "report/report_options.hpp"
#include "terminal/pager.hpp"
#include "terminal/stop_signals.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

using sync::KeptOut;

boost::json::object json_of_kept_out(const std::string& environment, const KeptOut& user) {
  return {{"environment", environment},
          {"user_name", json_text(user.user_name)},
          {"display_name", json_text(user.display_name)},
          {"why", sync::name_of(user.why)},
          {"reason", user.reason},
          {"object_id", core::to_string(user.object_id)}};
}

std::string_view words_of(KeptOut::Why why) {
  switch (why) {
    case KeptOut::Why::rules:
      return "the rules";
    case KeptOut::Why::unknown:
      return "a fact is missing";
    case KeptOut::Why::rejected:
      return "rejected";
    case KeptOut::Why::held:
      return "held";
    case KeptOut::Why::due:
      return "the next run";
  }
  return "";
}

class KeptOutReport : public Command {
 public:
  CLI::App* declare(CLI::App& report) override {
    auto* app = report.add_subcommand("kept-out", "Users of the directory without a row, and why");
    app->add_option("--reason", reasons_, "Only for this reason code; may be repeated")
        ->type_name("CODE")
        ->allow_extra_args(false);
    options_.add_to(*app);
    return app->footer(
        "What the next run would decide on what the mirror says: `the next run` means that it creates the row.\n"
        "\n"
        "Examples:\n"
        "  dvsync report kept-out\n"
        "  dvsync report kept-out --reason no_license --csv");
  }

  int run(const Context& context) override {
    for (const auto& code : reasons_) static_cast<void>(reason_entry(code));
    const auto configuration = context.configuration();
    const StopSignals signals;
    std::optional<Pager> pager;
    if (options_.format() == Format::text) pager.emplace(context.out);
    Listing list(context.out, options_.format(), "kept_out", json_of_kept_out("", KeptOut{}),
                 {{"user"},
                  {"environment"},
                  {"kept out by"},
                  {"reason"},
                  {"name", Align::left, Fit::leave_out},
                  {"object id", Align::left, Fit::leave_out}});
    const int code = each_environment(context, configuration, options_.environments, [&](const auto& environment) {
      const auto& name = environment.rules.name;
      std::map<std::string, std::int64_t> counts;
      sync::find_kept_out(configuration, environment, signals.token(), [&](const KeptOut& user) {
        if (!reasons_.empty() && std::ranges::find(reasons_, user.reason) == reasons_.end()) return;
        ++counts[user.reason];
        list.add(json_of_kept_out(name, user), [&] { return cells(name, user); });
      });
      by_environment_.emplace_back(name, std::move(counts));
    });
    list.end({{"reasons", reasons_json()}});
    if (list.is_text()) tell_sums(context.out);
    return code;
  }

 private:
  static std::vector<Cell> cells(const std::string& environment, const KeptOut& user) {
    return {name_cell(user.user_name),
            {environment},
            {std::string(words_of(user.why)), user.why == KeptOut::Why::due ? Tint::good : Tint::none},
            {printable(user.reason)},
            {printable(user.display_name)},
            {core::to_string(user.object_id), Tint::faint}};
  }

  [[nodiscard]] boost::json::array reasons_json() const {
    boost::json::array all;
    for (const auto& [environment, counts] : by_environment_) {
      for (const auto& [reason, users] : counts) {
        all.push_back(boost::json::object{{"environment", environment}, {"reason", reason}, {"users", users}});
      }
    }
    return all;
  }

  void tell_sums(Output& out) const {
    for (const auto& [environment, counts] : by_environment_) {
      std::int64_t users = 0;
      for (const auto& [reason, number] : counts) users += number;
      out.write(environment + ": " +
                (users == 0 ? reasons_.empty() ? "every user of the directory has a row" : "nobody is kept out so"
                            : count_of(users, "user has", "users have") +
                                  " no row: " + tally_of({counts.begin(), counts.end()})) +
                "\n");
    }
  }

  ReportOptions options_;
  std::vector<std::string> reasons_;
  std::vector<std::pair<std::string, std::map<std::string, std::int64_t>>> by_environment_;
};

}  // namespace

std::unique_ptr<Command> make_kept_out_report() { return std::make_unique<KeptOutReport>(); }

}  // namespace dvsync::cli
