// dvsync report changes and rejected: what was changed within a month, and who cannot be synchronised; out of the log.

#include <fmt/format.h>

#include <map>

#include "dvsync/store/log_reader.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/sync/engine.hpp"
#include "json.hpp"
#include "log/log_text.hpp"
#include "log/since.hpp"
#include "report/report_options.hpp"
#include "terminal/pager.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

using store::LogReader;

std::string what_changed(const LoggedChange& change) {
  auto text = fields_text(change);
  for (const auto& note : change.notes) text += (text.empty() ? "[" : " [") + printable(note) + "]";
  return text;
}

std::string this_month() {
  return local_time(std::chrono::time_point_cast<core::Timestamp::duration>(std::chrono::system_clock::now()))
      .substr(0, 7);
}

std::string month_after(const std::string& month) {
  const int months = std::stoi(month.substr(0, 4)) * 12 + std::stoi(month.substr(5, 2));  // of the next one, from 0
  return fmt::format("{:04}-{:02}", months / 12, months % 12 + 1);
}

// From the first moment of a month to its last, in the machine's time zone.
Period period_of_month(const std::string& month) {
  const auto begin = month.size() == 7 && month.find_first_not_of("0123456789-") == std::string::npos
                         ? parse_since(month + "-01")
                         : std::nullopt;
  if (!begin) throw sync::UsageError("--month takes a year and a month, as 2026-03, not `" + printable(month) + "`");
  auto period = period_of(month + "-01", std::nullopt);
  const auto end = std::get<core::Timestamp>(parse_since(month_after(month) + "-01").value());
  period.until = end - std::chrono::microseconds(1);
  return period;
}

class ChangesReport : public Command {
 public:
  CLI::App* declare(CLI::App& report) override {
    auto* app = report.add_subcommand("changes", "Everything that was changed within a month, by whom and why");
    auto* month = app->add_option("--month", month_, "This month (default: the present one)")->type_name("YYYY-MM");
    app->add_option("--since", since_, "From then on: 2h, 3d, 2026-03-01, 2026-03-01T14:05")
        ->type_name("T")
        ->excludes(month);
    app->add_option("--until", until_, "Until then, as with --since")->type_name("T")->excludes(month);
    options_.add_to(*app);
    return app->footer(
        "The same lines as those of `dvsync log --changes`, and how many there are of each kind.\n"
        "\n"
        "Examples:\n"
        "  dvsync report changes --month 2026-03 --csv > march.csv\n"
        "  dvsync report changes --since 7d");
  }

  int run(const Context& context) override {
    const bool bounded = since_ || until_;
    const auto period = bounded ? period_of(since_, until_) : period_of_month(month_.empty() ? this_month() : month_);
    const auto configuration = context.configuration();
    std::optional<Pager> pager;
    if (options_.format() == Format::text) pager.emplace(context.out);
    Listing list(context.out, options_.format(), "changes", json_of(LoggedChange{}),
                 {{"at"},
                  {"user"},
                  {"action"},
                  {"reason", Align::left, Fit::leave_out},
                  {"environment", Align::left, Fit::leave_out},
                  {"run", Align::right, Fit::leave_out},
                  {"by", Align::left, Fit::leave_out},
                  {"what", Align::left, Fit::fold}});
    std::string nothing;
    const int code = each_environment(context, configuration, options_.environments, [&](const auto& environment) {
      const auto session = store::open_environment(configuration, environment);
      LogReader log(*session, environment.rules.name);
      if (!tell(log, {.since = period.since, .until = period.until}, list)) nothing += nothing_in(log);
    });
    list.end({{"totals", totals_json()}});
    if (list.is_text()) context.out.write(totals_text() + nothing);
    return code;
  }

 private:
  // Whether there was anything.
  bool tell(LogReader& log, const store::LogFilter& filter, Listing& list) {
    const auto before = list.entries();
    log.changes(filter, [&](const LoggedChange& change) {
      ++totals_[{change.environment, change.action, change.reason}];
      list.add(json_of(change), [&change] {
        return std::vector<Cell>{time_cell(change.at),
                                 name_cell(change.domainname),
                                 {change.action},
                                 {printable(change.reason)},
                                 {printable(change.environment)},
                                 {std::to_string(change.run_id)},
                                 {printable(change.requested_by)},
                                 {what_changed(change)}};
      });
      return true;
    });
    return list.entries() != before;
  }

  [[nodiscard]] boost::json::array totals_json() const {
    boost::json::array all;
    for (const auto& [kind, changes] : totals_) {
      const auto& [environment, action, reason] = kind;
      all.push_back(boost::json::object{
          {"environment", environment}, {"action", action}, {"reason", reason}, {"changes", changes}});
    }
    return all;
  }

  [[nodiscard]] std::string totals_text() const {
    std::map<std::string, std::vector<std::pair<std::string, std::int64_t>>> by_environment;
    for (const auto& [kind, changes] : totals_) {
      const auto& [environment, action, reason] = kind;
      by_environment[environment].emplace_back(action + " (" + printable(reason) + ")", changes);
    }
    std::string text;
    for (const auto& [environment, counts] : by_environment) text += environment + ": " + tally_of(counts) + "\n";
    return text;
  }

  ReportOptions options_;
  std::string month_;
  std::optional<std::string> since_;
  std::optional<std::string> until_;
  std::map<std::tuple<std::string, std::string, std::string>, std::int64_t> totals_;
};

class RejectedReport : public Command {
 public:
  CLI::App* declare(CLI::App& report) override {
    auto* app = report.add_subcommand("rejected", "Who cannot be synchronised now, since when and why");
    options_.add_to(*app);
    return app->footer(
        "What each reason means, and what to do: `dvsync explain --reason CODE`.\n"
        "\n"
        "Examples:\n"
        "  dvsync report rejected\n"
        "  dvsync report rejected --environment contoso --csv");
  }

  int run(const Context& context) override {
    const auto configuration = context.configuration();
    std::optional<Pager> pager;
    if (options_.format() == Format::text) pager.emplace(context.out);
    Listing list(context.out, options_.format(), "rejected", json_of(LoggedRejection{}),
                 {{"user"},
                  {"environment"},
                  {"reason"},
                  {"detail", Align::left, Fit::fold},
                  {"since", Align::left, Fit::leave_out},
                  {"place", Align::left, Fit::leave_out},
                  {"object id", Align::left, Fit::leave_out}});
    const int code = each_environment(context, configuration, options_.environments, [&](const auto& environment) {
      const auto session = store::open_environment(configuration, environment);
      LogReader(*session, environment.rules.name).rejections({}, [&list](const LoggedRejection& one) {
        list.add(json_of(one), [&one] {
          return std::vector<Cell>{
              name_cell(one.domainname),   {printable(one.environment)}, {printable(one.reason), Tint::attention},
              {printable(one.detail)},     time_cell(one.since),         {printable(one.place)},
              {one.object_id, Tint::faint}};
        });
        return true;
      });
    });
    list.end();
    if (list.is_text() && list.entries() == 0 && code == 0) context.out.write("Nothing is rejected now.\n");
    return code;
  }

 private:
  ReportOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_changes_report() { return std::make_unique<ChangesReport>(); }
std::unique_ptr<Command> make_rejected_report() { return std::make_unique<RejectedReport>(); }

}  // namespace dvsync::cli
