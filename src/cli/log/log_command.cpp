// dvsync log: the sync log.

#include <algorithm>
#include <set>

#include "command.hpp"
#include "dvsync/interruptible_sleep.hpp"
#include "dvsync/store/log_reader.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/sync/engine.hpp"
#include "errors.hpp"
#include "log/log_printer.hpp"
#include "log/since.hpp"
#include "options.hpp"
#include "person.hpp"
#include "terminal/stop_signals.hpp"
#include "terminal/table.hpp"

namespace dvsync::cli {
namespace {

using store::LogFilter;
using store::LogReader;

constexpr std::chrono::seconds follow_interval{1};

struct OpenLog {
  std::unique_ptr<store::Connection> session;
  LogReader query;
};

// The logs that can be read. Of the others `context.err` tells why; `code` is then that of the worst.
std::vector<OpenLog> open_logs(const Context& context, const config::Configuration& configuration,
                               const std::vector<std::string>& environments, int& code) {
  std::vector<OpenLog> logs;
  for (const auto* environment : sync::chosen(configuration, environments)) {
    if (environment->rules.type == core::EnvironmentType::none) continue;
    try {
      auto session = store::open_environment(configuration, *environment);
      LogReader query(*session, environment->rules.name);
      logs.push_back({.session = std::move(session), .query = std::move(query)});
    } catch (const StoreError& error) {
      const auto failure = failure_of(error, context.err.paint());
      context.err.write(failure.text);
      context.err.flush();
      code = std::max(code, failure.exit_code);
    }
  }
  return logs;
}

// Neither ids nor ends become visible in their own order: an on-demand run ends within a longer one, and a run's end is
// written a while before it is committed. So a little of the past is looked at again.
constexpr std::chrono::minutes overlap{10};

// `tail -f` for the runs of one environment: each is told once, when it has ended.
class LogTail {
 public:
  // Whatever ended before now counts as told.
  explicit LogTail(LogReader& log) : log_(log), newest_(log.now()) { (void)ended(); }
  // Runs that ended since the last call, in the order of their ids.
  [[nodiscard]] std::vector<LoggedRun> ended() {
    auto runs = log_.runs({.since = core::Timestamp(newest_ - overlap)});
    std::erase_if(runs, [](const LoggedRun& run) { return !run.finished_at; });
    std::set<std::int64_t> recent;
    for (const auto& run : runs) {
      recent.insert(run.run_id);
      newest_ = std::max(newest_, *run.finished_at);
    }
    std::erase_if(runs, [this](const LoggedRun& run) { return told_.contains(run.run_id); });
    told_ = std::move(recent);
    return runs;
  }

 private:
  LogReader& log_;
  core::Timestamp newest_;       // end of the latest run told, by the server's clock
  std::set<std::int64_t> told_;  // runs that ended not long before that
};

class LogCommand : public Command {
 public:
  CLI::App* declare(CLI::App& program) override {
    auto* app = program.add_subcommand("log", "The sync log: runs, changes, rejections");
    auto* one_run = add_number(*app, "--run", "--run", run_id_, 1, "This run, with its changes")->type_name("N");
    app->add_option("-u,--user", user_, "The changes of this user (a user name of any time, an id, a part of a name)")
        ->type_name("USER");
    app->add_option("--since", since_, "From then on: 2h, 3d, 2026-03-01, 2026-03-01T14:05")->type_name("T");
    auto* follow = app->add_flag("-f,--follow", follow_, "Go on: tell each run, with its changes, when it ends")
                       ->excludes(one_run);
    app->add_flag("--changes", changes_, "Every change below its run; implied by --run and --follow");
    app->add_flag("--rejected", rejected_, "What is rejected now, instead of runs")->excludes(follow);
    add_environments(*app, environments_);
    add_number(*app, "-n,--limit", "--limit", limit_, 0,
               "At most so many runs, or changes of a user: the newest; 0: all")
        ->type_name("N")
        ->default_str(std::to_string(limit_));
    add_json(*app, json_);
    return app->footer(
        "Examples:\n"
        "  dvsync log                                the latest runs, newest last\n"
        "  dvsync log --run 17                       everything run 17 changed\n"
        "  dvsync log --user ana@contoso.example     what became of a user\n"
        "  dvsync log --since 2h --changes           the changes of the last two hours\n"
        "  dvsync log --rejected                     who cannot be synchronised, and why\n"
        "  dvsync log --follow                       as it happens");
  }

  int run(const Context& context) override {
    auto filter = checked_filter();
    const auto configuration = context.configuration();
    int code = 0;
    auto logs = open_logs(context, configuration, environments_, code);
    if (logs.empty() && code != 0) return code;
    if (user_) {
      const auto person =
          person_named(context, configuration, sync::chosen(configuration, environments_), *user_, json_ && !follow_);
      filter.user = store::LoggedUser{.object_id = person.object_id};
      for (const auto& row : person.rows) filter.user->systemuserids.push_back(row.systemuserid);
    }
    with_changes_ = !user_ && (changes_ || run_id_);
    const auto printer = make_printer(context.out, logs, with_changes_);
    if (rejected_) {
      for (auto& log : logs) {
        log.query.rejections(filter, [&](const auto& rejection) { printer->rejection(rejection); });
      }
    } else if (follow_) {
      follow(context, logs, filter, *printer);
    } else {
      if (list(context, logs, filter, *printer) == 0 && run_id_ && code == 0) {
        throw sync::UsageError("the log has no run " + std::to_string(*run_id_));
      }
    }
    printer->end();
    return code;
  }

 private:
  [[nodiscard]] LogFilter checked_filter() const {
    LogFilter filter{.run_id = run_id_, .limit = limit_};
    if (!since_) return filter;
    filter.since = parse_since(*since_);
    if (!filter.since) {
      throw sync::UsageError(
          "--since takes a length of time (30m, 2h, 3d) or a moment (2026-03-01, 2026-03-01T14:05), not `" + *since_ +
          "`");
    }
    return filter;
  }

  [[nodiscard]] std::unique_ptr<LogPrinter> make_printer(Output& out, const std::vector<OpenLog>& logs,
                                                         bool with_changes) const {
    if (json_ && follow_) return make_log_objects(out, with_changes);
    if (json_) return make_log_document(out, rejected_ ? "rejected" : user_ ? "changes" : "runs", with_changes);
    std::size_t width = 0;
    for (const auto& log : logs) width = std::max(width, display_width(log.query.name()));
    return make_log_lines(out, width);
  }

  // How many entries there were.
  std::size_t list(const Context& context, std::vector<OpenLog>& logs, const LogFilter& filter,
                   LogPrinter& printer) const {
    if (filter.user) return list_changes_of_user(context, logs, filter, printer);
    std::vector<std::pair<LoggedRun, LogReader*>> runs;
    for (auto& log : logs) {
      for (auto& run : log.query.runs(filter)) runs.emplace_back(std::move(run), &log.query);
    }
    keep_newest_runs(runs, context);
    for (const auto& [run, query] : runs) tell(run, *query, printer, with_changes_);
    return runs.size();
  }

  std::size_t list_changes_of_user(const Context& context, std::vector<OpenLog>& logs, const LogFilter& filter,
                                   LogPrinter& printer) const {
    std::vector<LoggedChange> changes;
    for (auto& log : logs) {
      auto found = log.query.changes_of_user(filter);
      std::move(found.begin(), found.end(), std::back_inserter(changes));
    }
    keep_newest_changes(changes, context);
    for (const auto& change : changes) printer.change(change);
    return changes.size();
  }

  // In the order of time, the newest `limit` runs, each in all its environments.
  void keep_newest_runs(std::vector<std::pair<LoggedRun, LogReader*>>& runs, const Context& context) const {
    std::stable_sort(runs.begin(), runs.end(),
                     [](const auto& a, const auto& b) { return a.first.started_at < b.first.started_at; });
    std::set<std::int64_t> ids;
    for (const auto& [run, query] : runs) ids.insert(run.run_id);
    if (limit_ == 0 || ids.size() <= static_cast<std::size_t>(limit_)) return;
    const auto oldest = *std::next(ids.rbegin(), limit_ - 1);
    std::erase_if(runs, [oldest](const auto& run) { return run.first.run_id < oldest; });
    say_that_some_are_left_out(context);
  }

  void keep_newest_changes(std::vector<LoggedChange>& changes, const Context& context) const {
    std::stable_sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    if (limit_ == 0 || changes.size() <= static_cast<std::size_t>(limit_)) return;
    changes.erase(changes.begin(), changes.end() - limit_);
    say_that_some_are_left_out(context);
  }

  static void say_that_some_are_left_out(const Context& context) {
    context.err.write("Older entries are left out: --limit 0 shows all, --since a part.\n");
    context.err.flush();
  }

  void tell(const LoggedRun& run, LogReader& query, LogPrinter& printer, bool with_changes) const {
    printer.run(run);
    // Whatever the counters say: what is held was changed otherwise, and a run at work has not counted yet.
    if (with_changes) {
      query.changes_of(run.run_id, [&printer](const auto& change) { printer.change_of_run(change); });
    }
    printer.run_ends();
  }

  void follow(const Context& context, std::vector<OpenLog>& logs, const LogFilter& filter, LogPrinter& printer) const {
    const StopSignals signals;
    const auto stop = signals.token();
    // Before the list: a run that ends in between is told twice rather than not at all.
    std::vector<LogTail> tails;
    for (auto& log : logs) tails.emplace_back(log.query);
    list(context, logs, filter, printer);
    // What already was may be long; what happens from now on is told with its changes.
    const auto ended = make_printer(context.out, logs, !user_);
    while (!stop.stop_requested() && context.out.good()) {
      for (std::size_t i = 0; i < logs.size(); ++i) tell_ended(tails[i], logs[i].query, filter, *ended);
      if (!sleep_for(follow_interval, stop)) return;
    }
  }

  void tell_ended(LogTail& tail, LogReader& query, LogFilter filter, LogPrinter& printer) const {
    for (const auto& run : tail.ended()) {
      if (!filter.user) {
        tell(run, query, printer, true);
      } else {
        filter.run_id = run.run_id;
        for (const auto& change : query.changes_of_user(filter)) printer.change(change);
      }
    }
  }

  std::optional<std::int64_t> run_id_;
  std::optional<std::string> user_;
  std::optional<std::string> since_;
  std::vector<std::string> environments_;
  std::int64_t limit_ = 200;
  bool follow_ = false;
  bool changes_ = false;
  bool rejected_ = false;
  bool json_ = false;
  bool with_changes_ = false;
};

}  // namespace

std::unique_ptr<Command> make_log_command() { return std::make_unique<LogCommand>(); }

}  // namespace dvsync::cli
