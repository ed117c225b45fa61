// dvsync log: the sync log.

#include <algorithm>

#include "command.hpp"
#include "dvsync/interruptible_sleep.hpp"
#include "dvsync/store/in_line.hpp"
#include "dvsync/store/log_reader.hpp"
#include "dvsync/store/newest.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/sync/engine.hpp"
#include "dvsync/sync/person_facts.hpp"
#include "environments.hpp"
#include "log/log_options.hpp"
#include "log/log_printer.hpp"
#include "log/log_tail.hpp"
#include "log/log_text.hpp"
#include "person.hpp"
#include "terminal/pager.hpp"
#include "terminal/stop_signals.hpp"
#include "terminal/table.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

using store::LogFilter;
using store::LogReader;

constexpr std::chrono::seconds follow_interval{1};
constexpr std::int64_t most_holds = 10'000;  // of one run, in memory

struct OpenLog {
  std::unique_ptr<store::Connection> session;
  LogReader query;
};

// The logs that can be read. Of the others `context.err` tells why; `code` is then that of the worst.
std::vector<OpenLog> open_logs(const Context& context, const config::Configuration& configuration,
                               const std::vector<std::string>& environments, int& code) {
  std::vector<OpenLog> logs;
  code = each_environment(context, configuration, environments, [&](const auto& environment) {
    auto session = store::open_environment(configuration, environment);
    LogReader query(*session, environment.rules.name);
    logs.push_back({.session = std::move(session), .query = std::move(query)});
  });
  return logs;
}

// What a log that has nothing to tell says.
std::string nothing_found(std::vector<OpenLog>& logs, bool rejected) {
  if (rejected) return "Nothing is rejected now.\n";
  std::string text;
  for (auto& log : logs) text += nothing_in(log.query);
  return text;
}

// Environments that the latest run found in line, and did not open: their own logs have nothing of it.
std::string those_in_line(const config::Configuration& configuration, const std::vector<std::string>& chosen,
                          std::int64_t newest_listed) {
  const auto found = store::read_in_line(*store::open_mirror(configuration));
  std::int64_t run_id = newest_listed;
  for (const auto& [name, in_line] : found) run_id = std::max(run_id, in_line.run_id);
  std::vector<std::string> names;
  std::chrono::seconds age{0};
  for (const auto* environment : sync::chosen(configuration, chosen)) {
    const auto in_line = found.find(environment->rules.name);
    if (in_line == found.end() || in_line->second.run_id != run_id) continue;
    names.push_back(printable(environment->rules.name));
    age = in_line->second.age;
  }
  if (names.empty()) return "";
  return "Run " + std::to_string(run_id) + ", " + format_age(age) + " ago, had nothing to do in " +
         names_in_words(names) + ".\n";
}

class LogCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("log", "The sync log: runs, changes, rejections");
    asked_.add_to(*app);
    return app->footer(
        "Examples:\n"
        "  dvsync log                                the latest runs, newest last\n"
        "  dvsync log --run 17                       everything run 17 changed\n"
        "  dvsync log --user ana@contoso.example     what became of a user\n"
        "  dvsync log --since 2h --changes           the changes of the last two hours\n"
        "  dvsync log --action disable --since 30d --csv    who was disabled this month\n"
        "  dvsync log --refused --since 7d           who asked for whom, and was refused\n"
        "  dvsync log --rejected                     who cannot be synchronised, and why\n"
        "  dvsync log --follow                       as it happens\n"
        "\n"
        "On a terminal the answer goes through $PAGER; PAGER=cat leaves it out.");
  }

  int run(const Context& context) override {
    auto filter = asked_.filter();
    const auto configuration = context.configuration();
    int code = 0;
    auto logs = open_logs(context, configuration, asked_.environments, code);
    if (logs.empty() && code != 0) return code;
    if (asked_.user) filter.user = user_of(context, configuration);
    if (asked_.follow) {
      follow(context, logs, filter);
      return code;
    }
    std::optional<Pager> pager;
    if (!asked_.json && !asked_.csv) pager.emplace(context.out);
    const auto printer = make_printer(context.out, logs, asked_.nests_changes());
    const auto entries = list(context, logs, filter, *printer);
    printer->end();
    if (lists_latest_runs(filter)) say_who_was_in_line(context, configuration);
    if (entries == 0) say_that_there_is_nothing(context, logs, code);
    return code;
  }

 private:
  [[nodiscard]] bool lists_latest_runs(const LogFilter& filter) const {
    const bool narrowed = filter.run_id || filter.user || !asked_.outcome.empty() || !asked_.by.empty();
    return !narrowed && !asked_.json && !asked_.csv && std::string_view(asked_.list()) == "runs";
  }

  void say_who_was_in_line(const Context& context, const config::Configuration& configuration) const {
    try {
      context.out.write(those_in_line(configuration, asked_.environments, newest_listed_));
    } catch (const StoreError&) {
      // The environments' own logs are told; what is wrong with the mirror, `status` says.
    }
  }

  [[nodiscard]] store::LoggedUser user_of(const Context& context, const config::Configuration& configuration) const {
    const auto person = person_named(context, configuration, sync::chosen(configuration, asked_.environments),
                                     *asked_.user, asked_.json && !asked_.follow);
    return sync::logged_user_of(person, *asked_.user);
  }

  void say_that_there_is_nothing(const Context& context, std::vector<OpenLog>& logs, int code) const {
    if (asked_.run_id && code == 0 && std::string_view(asked_.list()) != "rejected" && !asked_.user) {
      const auto has_it = [this](auto& log) { return !log.query.runs({.run_id = asked_.run_id}).empty(); };
      if (std::none_of(logs.begin(), logs.end(), has_it)) {
        throw sync::UsageError("the log has no run " + std::to_string(*asked_.run_id) +
                               "; `dvsync log` lists the runs");
      }
    }
    if (asked_.json || asked_.csv) return;
    if (asked_.requests || asked_.refused) {
      context.out.write(asked_.refused ? "Nobody was refused.\n" : "Nobody asked.\n");
    } else {
      context.out.write(nothing_found(logs, asked_.rejected));
    }
  }

  [[nodiscard]] std::unique_ptr<LogPrinter> make_printer(Output& out, const std::vector<OpenLog>& logs,
                                                         bool with_changes) const {
    if (asked_.json && asked_.follow) return make_log_objects(out, with_changes);
    if (asked_.json) return make_log_document(out, asked_.list(), with_changes);
    if (asked_.csv) return make_log_csv(out, asked_.list());
    std::size_t width = 0;
    for (const auto& log : logs) width = std::max(width, display_width(log.query.name()));
    return make_log_lines(out, width, asked_.run_id.has_value());
  }

  // How many entries there were.
  std::size_t list(const Context& context, std::vector<OpenLog>& logs, const LogFilter& filter, LogPrinter& printer) {
    if (asked_.rejected) return list_rejections(logs, filter, printer);
    if (asked_.requests || asked_.refused) return list_requests(context, logs, filter, printer);
    if (asked_.lists_changes()) return list_changes(context, logs, filter, printer);
    std::vector<std::pair<LoggedRun, LogReader*>> runs;
    for (auto& log : logs) {
      for (auto& run : log.query.runs(filter)) runs.emplace_back(std::move(run), &log.query);
    }
    const auto run_of = [](const auto& entry) -> const LoggedRun& { return entry.first; };
    if (store::keep_newest_runs(runs, asked_.limit, run_of)) say_that_some_are_left_out(context);
    for (const auto& [run, query] : runs) {
      if (!context.out.good()) break;  // whoever read has seen enough
      tell(run, *query, printer, asked_.nests_changes());
      newest_listed_ = std::max(newest_listed_, run.run_id);
    }
    return runs.size();
  }

  static std::size_t list_rejections(std::vector<OpenLog>& logs, const LogFilter& filter, LogPrinter& printer) {
    std::size_t entries = 0;
    for (auto& log : logs) {
      log.query.rejections(filter, [&](const auto& rejection) {
        printer.rejection(rejection);
        ++entries;
        return true;
      });
    }
    return entries;
  }

  std::size_t list_requests(const Context& context, std::vector<OpenLog>& logs, const LogFilter& filter,
                            LogPrinter& printer) const {
    std::vector<store::LoggedRequest> requests;
    for (auto& log : logs) {
      auto found = log.query.requests(filter);
      std::move(found.begin(), found.end(), std::back_inserter(requests));
    }
    const auto time_of = [](const auto& request) { return request.requested_at; };
    if (store::keep_newest(requests, asked_.limit, time_of)) say_that_some_are_left_out(context);
    for (const auto& request : requests) printer.request(request);
    return requests.size();
  }

  // Some are sorted by time over all environments; all there are would not fit in memory, and come one environment
  // after the other.
  std::size_t list_changes(const Context& context, std::vector<OpenLog>& logs, const LogFilter& filter,
                           LogPrinter& printer) const {
    if (asked_.limit == 0 && !filter.user) return pour_changes(context, logs, filter, printer);
    std::vector<LoggedChange> changes;
    for (auto& log : logs) {
      auto found = log.query.newest_changes(filter);
      std::move(found.begin(), found.end(), std::back_inserter(changes));
    }
    const auto time_of = [](const auto& change) { return change.at; };
    if (store::keep_newest(changes, asked_.limit, time_of)) say_that_some_are_left_out(context);
    for (const auto& change : changes) printer.change(change);
    return changes.size();
  }

  static std::size_t pour_changes(const Context& context, std::vector<OpenLog>& logs, const LogFilter& filter,
                                  LogPrinter& printer) {
    constexpr std::size_t look_up_from_time_to_time = 1000;
    std::size_t entries = 0;
    for (auto& log : logs) {
      log.query.changes(filter, [&](const auto& change) {
        printer.change(change);
        return ++entries % look_up_from_time_to_time != 0 || context.out.good();
      });
    }
    return entries;
  }

  static void say_that_some_are_left_out(const Context& context) {
    context.err.write("Older entries are left out: --limit 0 shows all, --since a part.\n");
    context.err.flush();
  }

  static void tell(const LoggedRun& run, LogReader& query, LogPrinter& printer, bool with_changes) {
    printer.run(run);
    // Whatever the counters say: what is held was changed otherwise, and a run at work has not counted yet.
    if (with_changes) {
      query.changes({.run_id = run.run_id}, [&printer](const auto& change) {
        printer.change_of_run(change);
        return true;
      });
    }
    printer.run_ends(with_changes ? query.holds_of(run.run_id, most_holds) : std::vector<store::LoggedHold>{});
  }

  void follow(const Context& context, std::vector<OpenLog>& logs, const LogFilter& filter) {
    const StopSignals signals;
    const auto stop = signals.token();
    // Before the list: a run that ends in between is told twice rather than not at all.
    std::vector<LogTail> tails;
    for (auto& log : logs) tails.emplace_back(log.query);
    list(context, logs, filter, *make_printer(context.out, logs, asked_.nests_changes()));
    // What already was may be long; what happens from now on is told with its changes.
    const auto ended = make_printer(context.out, logs, !asked_.lists_changes());
    while (!stop.stop_requested() && context.out.good()) {
      for (std::size_t i = 0; i < logs.size(); ++i) tell_ended(tails[i], logs[i].query, filter, *ended);
      if (!sleep_for(follow_interval, stop)) return;
    }
  }

  void tell_ended(LogTail& tail, LogReader& query, LogFilter filter, LogPrinter& printer) const {
    for (const auto& run : tail.ended()) {
      filter.run_id = run.run_id;
      if (asked_.lists_changes()) {
        for (const auto& change : query.newest_changes(filter)) printer.change(change);
      } else if (!query.runs(filter).empty()) {
        tell(run, query, printer, true);
      }
    }
  }

  LogOptions asked_;
  std::int64_t newest_listed_ = 0;  // the run
};

}  // namespace

std::unique_ptr<Command> make_log_command() { return std::make_unique<LogCommand>(); }

}  // namespace dvsync::cli
