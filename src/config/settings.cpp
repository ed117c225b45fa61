#include "settings.hpp"

#include <algorithm>
#include <cstdint>

#include "database.hpp"
#include "files.hpp"
#include "values.hpp"

namespace dvsync::config {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

constexpr std::int64_t most_disables = 1'000'000'000;

}  // namespace

Schedule read_schedule(Section section) {
  Schedule schedule;
  const bool every_known =
      section.optional("every", schedule.every, Duration{seconds(1), days(30)}) || !section.has("every");
  schedule.full_every = std::max(schedule.full_every, schedule.every);
  if (section.optional("full_every", schedule.full_every, Duration{seconds(1), days(365)}) && every_known &&
      schedule.full_every < schedule.every) {
    section.reject_value("full_every", "`full_every` must not be shorter than `every`");
  }
  // A short interval must not be swamped by a jitter that nobody asked for.
  schedule.jitter = std::min(schedule.jitter, schedule.every);
  if (section.optional("jitter", schedule.jitter, Duration{seconds(0), hours(24)}) && every_known &&
      schedule.jitter > schedule.every) {
    section.reject_value("jitter", "`jitter` must not be longer than `every`");
  }
  section.optional("fresh_within", schedule.fresh_within, Duration{seconds(1), days(365)});
  section.close();
  return schedule;
}

Requests read_requests(Section section) {
  Requests requests;
  section.optional("expire_after", requests.expire_after, Duration{seconds(1), days(1)});
  section.optional(
      "first_access", requests.first_access,
      OneOf<FirstAccess>{{"ask_refused", FirstAccess::ask_refused}, {"ask_always", FirstAccess::ask_always}});
  section.optional("first_access_role", requests.first_access_role, schema_name);
  section.optional("on_demand_role", requests.on_demand_role, schema_name);
  section.close();
  return requests;
}

Safety read_safety(Section section) {
  Safety safety;
  section.optional("max_disables", safety.max_disables, Count{0, most_disables});
  section.optional("max_disables_percent", safety.max_disables_percent, percent);
  section.optional("window", safety.window, Duration{seconds(1), days(30)});
  section.close();
  return safety;
}

Log read_log(Section section, const std::filesystem::path& folder) {
  Log log;
  section.optional("level", log.level, word_of({"trace", "debug", "info", "warn", "error"}));
  section.optional("format", log.format,
                   OneOf<LogFormat>{{"auto", LogFormat::automatic},
                                    {"text", LogFormat::text},
                                    {"json", LogFormat::json},
                                    {"journal", LogFormat::journal}});
  section.optional("retention", log.retention, Duration{hours(1), days(36500)});
  section.optional("archive", log.archive, Path{folder});
  section.close();
  return log;
}

Metrics read_metrics(Section section, const std::filesystem::path& folder) {
  Metrics metrics;
  section.optional("textfile", metrics.textfile, Path{folder});
  // node_exporter reads files of this name only, and says nothing about others.
  if (metrics.textfile && metrics.textfile->extension() != ".prom") {
    section.reject_value("textfile", "`textfile` must end in .prom");
  }
  section.close();
  return metrics;
}

}  // namespace dvsync::config
