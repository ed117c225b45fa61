#include "log/log_options.hpp"

#include "dvsync/sync/engine.hpp"
#include "explain/reasons.hpp"
#include "log/since.hpp"
#include "options.hpp"

namespace dvsync::cli {
void LogOptions::add_to(CLI::App& app) {
  auto* one_run = add_number(app, "--run", "--run", run_id, 1, "This run, with its changes")->type_name("N");
  app.add_option("-u,--user", user, "The changes of this user (a user name of any time, an id, a part of a name)")
      ->type_name("USER");
  app.add_option("--since", since, "From then on: 2h, 3d, 2026-03-01, 2026-03-01T14:05")->type_name("T");
  app.add_option("--until", until, "Until then, as with --since")->type_name("T");
  add_words(app, "--action", actions, {"create", "update", "enable", "disable"},
            "Changes that did this: create, update, enable or disable; may be repeated")
      ->type_name("ACTION");
  app.add_option("--reason", reasons, "Changes, or rejections, for this reason code; may be repeated")
      ->type_name("CODE")
      ->allow_extra_args(false);
  app.add_option("--by", by, "Runs and changes that this one asked for; the daemon is called `dvsync run`")
      ->type_name("WHO");
  add_choice<std::string>(app, "--outcome", outcome, "succeeded, incomplete, held, failed, interrupted or running",
                          {{"succeeded", "succeeded"},
                           {"incomplete", "incomplete"},
                           {"held", "held"},
                           {"failed", "failed"},
                           {"interrupted", "interrupted"},
                           {"running", "running"}})
      ->type_name("OUTCOME");
  auto* goes_on =
      app.add_flag("-f,--follow", follow, "Go on: tell each run, with its changes, when it ends")->excludes(one_run);
  app.add_flag("--changes", changes, "Every change below its run; implied by --run and --follow");
  auto* as_rejected = app.add_flag("--rejected", rejected, "What is rejected now, instead of runs")->excludes(goes_on);
  auto* as_requests = app.add_flag("--requests", requests, "Who asked for whom and was answered what, instead of runs")
                          ->excludes(goes_on)
                          ->excludes(as_rejected);
  app.add_flag("--refused", refused, "Of these, the requests and commands that were refused")
      ->excludes(goes_on)
      ->excludes(as_rejected)
      ->excludes(as_requests);
  add_environments(app, environments);
  add_number(app, "-n,--limit", "--limit", limit, 0,
             "At most so many runs, or changes on their own: the newest; 0: all")
      ->type_name("N")
      ->default_str(std::to_string(limit));
  auto* as_json = add_json(app, json);
  app.add_flag("--csv", csv, "Print comma separated values, with a heading")->excludes(as_json)->excludes(goes_on);
}

store::LogFilter LogOptions::filter() const {
  store::LogFilter filter{.run_id = run_id,
                          .by = by,
                          .outcome = outcome,
                          .actions = actions,
                          .reasons = reasons,
                          .refused = refused,
                          .limit = limit};
  const auto period = period_of(since, until);
  filter.since = period.since;
  filter.until = period.until;
  for (const auto& code : reasons) static_cast<void>(reason_entry(code));
  if (follow && filter.until) throw sync::UsageError("--follow goes on without an end: leave --until out");
  if ((requests || refused) && (!actions.empty() || !outcome.empty() || changes)) {
    throw sync::UsageError("--requests and --refused tell who asked: --action, --outcome and --changes are of runs");
  }
  if (rejected && (!actions.empty() || !by.empty() || !outcome.empty())) {
    throw sync::UsageError(
        "--rejected lists what cannot be synchronised now: --action, --by and --outcome are of runs and changes");
  }
  return filter;
}

}  // namespace dvsync::cli
