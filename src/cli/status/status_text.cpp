#include "status/status_text.hpp"

#include <algorithm>

#include "log/log_text.hpp"
#include "sync/report_json.hpp"
#include "sync/summary.hpp"
#include "terminal/progress.hpp"
#include "terminal/table.hpp"
#include "words.hpp"

namespace dvsync::cli {
namespace {

namespace json = boost::json;

std::string ago(std::int64_t seconds) { return span_of(std::chrono::seconds(seconds)) + " ago"; }

std::string mirror_text(const MirrorStatus& mirror, const Paint& paint) {
  if (!mirror.pulled_at) return "Directory: " + paint.yellow("never read") + ": run `dvsync sync`\n";
  auto text = "Directory " + printable(mirror.directory.value_or("")) + ": " +
              count_of(mirror.identities, "identity", "identities") + ", read " +
              ago(mirror.pulled_seconds_ago.value_or(0)) + " (" + local_time(*mirror.pulled_at) + ")\n";
  if (!mirror.listing_complete) {
    text += "  " + paint.yellow("The listing is not complete:") + " nobody is disabled for being absent.\n";
  }
  if (mirror.rejected_records != 0) {
    text += "  " + paint.yellow(count_of(mirror.rejected_records, "record", "records")) +
            " of the directory cannot be used.\n";
  }
  return text;
}

std::string working_text(const MirrorStatus& mirror) {
  if (!mirror.working) return "nobody";
  auto text = printable(*mirror.working);
  if (!mirror.next_run_seconds) return text;
  if (*mirror.next_run_seconds == 0) return text + ", runs now";
  return text + ", next run in " + span_of(std::chrono::seconds(*mirror.next_run_seconds));
}

std::string lag_of(const EnvironmentStatus& e) {
  if (!e.error.empty()) return "";
  if (!e.watermark) return "everybody";
  return e.behind == 0 ? "none" : count_of(e.behind, "identity", "identities");
}

std::vector<Cell> row_of(const EnvironmentStatus& e) {
  if (!e.error.empty()) return {{e.name}, {""}, {"unknown", Tint::bad}, {""}, {""}, {""}};
  if (!e.last_run) return {{e.name}, {"none"}, {""}, {""}, {lag_of(e)}, {""}};
  const auto& run = *e.last_run;
  const auto outcome = run.outcome.empty() ? std::string("running") : run.outcome;
  const bool good = outcome == "succeeded" || outcome == "running";
  const auto changes = changes_in_words(run.counters);
  return {{e.name},
          {std::to_string(run.run_id) + " " + run.kind},
          {outcome, good                                                  ? Tint::good
                    : outcome == "incomplete" || outcome == "interrupted" ? Tint::attention
                                                                          : Tint::bad},
          {run.outcome.empty() ? "since " + local_time(run.started_at) : ago(e.ended_seconds_ago.value_or(0))},
          {lag_of(e)},
          {changes.empty() ? "no changes" : changes}};
}

std::string attention_of(const EnvironmentStatus& e, const Paint& paint) {
  const auto name = paint.bold(e.name) + ": ";
  std::string text;
  if (!e.error.empty()) return name + paint.red(e.error) + "\n";
  for (const auto& held : e.held) {
    text += name + paint.red("HELD:") + " " + describe(held) + ", waiting for " +
            span_of(std::chrono::seconds(held.seconds)) + ": `dvsync approve " + std::to_string(held.run_id) + "`\n";
  }
  if (e.approved != 0)
    text += name + count_of(e.approved, "approved decision waits", "approved decisions wait") + " for the next run\n";
  if (e.failures != 0)
    text += name + paint.red(count_of(e.failures, "run", "runs") + " failed or interrupted") +
            " since the last one that went through\n";
  if (e.last_run) {
    if (!e.last_run->detail.empty()) text += name + paint.red(printable(e.last_run->detail)) + "\n";
    for (const auto& missing : e.last_run->missing)
      text += name + paint.yellow("missing:") + " " + printable(missing) + "\n";
    for (const auto& warning : e.last_run->warnings)
      text += name + paint.yellow("warning:") + " " + printable(warning) + "\n";
  }
  if (e.rejected != 0) {
    text += name + paint.yellow(count_of(e.rejected, "user is", "users are") + " rejected") +
            ": `dvsync log --rejected --environment " + e.name + "`\n";
  }
  return text;
}

}  // namespace

std::string text_of(const Status& status, const Paint& paint) {
  auto text = mirror_text(status.mirror, paint);
  text += "Working: " + working_text(status.mirror) + "\n\n";
  Table table({{"environment"}, {"last run"}, {"outcome"}, {"ended"}, {"lag"}, {"changes"}});
  std::string attention;
  for (const auto& environment : status.environments) {
    table.add(row_of(environment));
    attention += attention_of(environment, paint);
  }
  text += table.text(paint);
  return text + "\n" + (attention.empty() ? paint.green("Nothing needs attention.") + "\n" : attention);
}

}  // namespace dvsync::cli
