// dvsync report lag: how late changes of the directory reached the rows, day by day.

#include <algorithm>
#include <map>

#include "dvsync/store/open.hpp"
#include "dvsync/store/reports.hpp"
#include "json.hpp"
#include "log/log_text.hpp"
#include "log/since.hpp"
#include "report/report_options.hpp"
#include "terminal/pager.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

using std::chrono::milliseconds;

struct LagOfDay {
  std::string day;
  std::string environment;
  std::int64_t runs = 0;
  milliseconds p50{0};
  milliseconds p95{0};
  milliseconds longest{0};
};

// The smallest value that this share of all does not exceed.
milliseconds percentile(const std::vector<milliseconds>& sorted, std::size_t percent) {
  const auto rank = (sorted.size() * percent + 99) / 100;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

LagOfDay lag_of(const std::string& day, const std::string& environment, std::vector<milliseconds> lags) {
  std::ranges::sort(lags);
  return {.day = day,
          .environment = environment,
          .runs = static_cast<std::int64_t>(lags.size()),
          .p50 = percentile(lags, 50),
          .p95 = percentile(lags, 95),
          .longest = lags.back()};
}

boost::json::object json_of_lag(const LagOfDay& one) {
  return {{"day", one.day},
          {"environment", one.environment},
          {"runs", one.runs},
          {"p50_ms", one.p50.count()},
          {"p95_ms", one.p95.count()},
          {"longest_ms", one.longest.count()}};
}

class LagReport : public Command {
 public:
  CLI::App* declare(CLI::App& report) override {
    auto* app =
        report.add_subcommand("lag", "How late changes of the directory reached the rows, by day and environment");
    app->add_option("--since", since_, "From then on: 2h, 3d, 2026-03-01")->type_name("T")->default_str("30d");
    app->add_option("--until", until_, "Until then, as with --since")->type_name("T");
    options_.add_to(*app);
    return app->footer(
        "A run's lag is the time from the reading before, which just missed what changed then, to the run's end: no\n"
        "change waited longer, unless it was held or rejected. Days are those of the machine's time zone.\n"
        "\n"
        "Examples:\n"
        "  dvsync report lag\n"
        "  dvsync report lag --since 2026-03-01 --until 2026-04-01 --csv");
  }

  int run(const Context& context) override {
    const auto period = period_of(since_, until_);
    const auto configuration = context.configuration();
    std::optional<Pager> pager;
    if (options_.format() == Format::text) pager.emplace(context.out);
    std::map<std::pair<std::string, std::string>, std::vector<milliseconds>> by_day;
    std::string nothing;
    const int code = each_environment(context, configuration, options_.environments, [&](const auto& environment) {
      const auto session = store::open_environment(configuration, environment);
      const auto runs = store::read_lags(*session, period.since, period.until);
      for (const auto& run : runs) {
        by_day[{local_time(run.finished_at).substr(0, 10), environment.rules.name}].push_back(run.lag);
      }
      store::LogReader log(*session, environment.rules.name);
      if (runs.empty()) nothing += nothing_in(log);
    });
    list_days(context.out, by_day);
    if (options_.format() == Format::text) context.out.write(nothing);
    return code;
  }

 private:
  void list_days(Output& out,
                 const std::map<std::pair<std::string, std::string>, std::vector<milliseconds>>& by_day) const {
    Listing list(out, options_.format(), "lag", json_of_lag({}),
                 {{"day"},
                  {"environment"},
                  {"runs", Align::right},
                  {"p50", Align::right},
                  {"p95", Align::right},
                  {"longest", Align::right}});
    for (const auto& [key, lags] : by_day) {
      const auto one = lag_of(key.first, key.second, lags);
      list.add(json_of_lag(one), [&one] {
        return std::vector<Cell>{{one.day},
                                 {one.environment},
                                 {std::to_string(one.runs)},
                                 {format_duration(one.p50)},
                                 {format_duration(one.p95)},
                                 {format_duration(one.longest)}};
      });
    }
    list.end();
  }

  ReportOptions options_;
  std::optional<std::string> since_ = "30d";
  std::optional<std::string> until_;
};

}  // namespace

std::unique_ptr<Command> make_lag_report() { return std::make_unique<LagReport>(); }

}  // namespace dvsync::cli
