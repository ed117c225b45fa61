#include "dvsync/service/health.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dvsync/core/plan.hpp"
#include "dvsync/sync/in_words.hpp"

namespace dvsync::service {
namespace {

// Why the last run held this class: "; absent: 40 disables are wanted, …".
std::string arithmetic_of(const store::EnvironmentStatus& e, const std::string& guard_class) {
  if (!e.last_run) return "";
  for (const auto& sum : e.last_run->held_because) {
    if (sum.starts_with(guard_class + ":")) return "; " + sum;
  }
  return "";
}

using std::chrono::seconds;
using sync::count_of;
using sync::format_age;
using sync::printable;

constexpr std::chrono::minutes shortest_warning{5};
constexpr std::chrono::minutes shortest_critical{10};
// A daemon that has not run for as long, while others keep every environment in line, was given up.
constexpr std::chrono::hours given_up_after{24 * 7};

constexpr const char* start_the_daemon = "start the daemon: `systemctl start dvsync`, or `dvsync run`";
constexpr const char* read_its_log = "read the daemon's log: `journalctl -u dvsync`";
constexpr const char* check = "`dvsync check` tells what is wrong";

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : "; ") + printable(text);
  return all;
}

class Judge {
 public:
  Judge(const Status& status, const config::Schedule& schedule)
      : status_(status), schedule_(schedule), limits_(limits_for(schedule)) {}

  std::vector<Finding> findings() {
    judge_mirror();
    for (const auto& environment : status_.environments) judge_environment(environment);
    std::stable_sort(findings_.begin(), findings_.end(),
                     [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
    return std::move(findings_);
  }

 private:
  using Age = std::optional<seconds>;

  void judge_mirror() {
    const auto& mirror = status_.mirror;
    if (mirror.unreachable) {
      return find(Severity::critical, "mirror_unreachable", printable(mirror.unreachable->why), {}, check);
    }
    judge_daemon();
    if (!mirror.pulled_at) {
      find(Severity::critical, "directory_never_read", "the directory was never read", {}, "run `dvsync sync`");
    } else if (!mirror.listing_complete) {
      find(Severity::note, "listing_incomplete",
           "the directory's listing is not complete: nobody is disabled for being absent", {},
           "a complete listing (for a file: mode snapshot) tells who is gone");
    }
    if (mirror.rejected_records != 0) {
      find(Severity::warning, "records_rejected",
           count_of(mirror.rejected_records, "record", "records") + " of the directory cannot be used", {},
           "`dvsync log --rejected` lists them", {.count = mirror.rejected_records});
    }
    judge_alarms();
  }

  // Places that are to be told, and cannot be: an attempt or two may fail.
  void judge_alarms() {
    for (const auto& place : status_.mirror.alarms) {
      if (!place.waiting_for || place.failure.empty() || severity_of(*place.waiting_for) == Severity::note) continue;
      find(Severity::warning, "alarms_undelivered",
           count_of(place.waiting, "alarm", "alarms") + " for " + printable(place.target) +
               " cannot be delivered: " + printable(place.failure),
           place.waiting_for, "`dvsync notify --test " + printable(place.target) + "` tries it",
           {.subject = place.target, .count = place.waiting});
    }
  }

  // A daemon that should have run and did not. Where none ever took the lease, runs are made by hand or by cron: then
  // the environments' own ages tell.
  void judge_daemon() {
    const auto& daemon = status_.mirror.schedule;
    if (!daemon.daemon_known || given_up(daemon)) return;
    const bool works = daemon.held_by_daemon && !daemon.free;
    if (!daemon.since_run) {
      if (!works) {
        find(Severity::critical, "daemon_missing", "no daemon works: one was started, and ended before its first run",
             {}, start_the_daemon);
      }
      return;
    }
    const auto severity = severity_of(*daemon.since_run);
    if (severity == Severity::note) return;
    const auto began = "its last run began " + format_age(*daemon.since_run) + " ago, and one is due every " +
                       format_age(schedule_.every);
    if (works && daemon.running) {
      find(Severity::warning, "run_lasts",
           "the run of " + printable(daemon.holder) + " has been under way for " + format_age(*daemon.since_run),
           daemon.since_run, read_its_log);
    } else if (works) {
      find(severity, "daemon_idle",
           "the daemon (" + printable(daemon.holder) + ") has the lease but does not run: " + began, daemon.since_run,
           read_its_log);
    } else if (daemon.free) {
      find(severity, "daemon_missing", "no daemon works, nobody has the lease: " + began, daemon.since_run,
           start_the_daemon);
    } else {
      find(severity, "daemon_waits", "the daemon waits, " + printable(daemon.holder) + " has the lease: " + began,
           daemon.since_run, "let that command end, or end it");
    }
  }

  [[nodiscard]] bool given_up(const store::ScheduleState& daemon) const {
    return daemon.free && daemon.since_run && *daemon.since_run > given_up_after &&
           std::all_of(status_.environments.begin(), status_.environments.end(), [this](const auto& environment) {
             return environment.in_line_ago && severity_of(*environment.in_line_ago) == Severity::note;
           });
  }

  void judge_environment(const store::EnvironmentStatus& e) {
    environment_ = e.name;
    if (e.unreachable) {
      return find(Severity::critical, "environment_unreachable", printable(e.unreachable->why), {}, check);
    }
    judge_age(e);
    judge_runs(e);
    for (const auto& held : e.held) {
      const auto age = seconds(held.seconds);
      find(Severity::warning, "held",
           "HELD: " + describe(held) + ", waiting for " + format_age(age) + arithmetic_of(e, held.guard_class), age,
           fmt::format("look with `dvsync plan`, release with `dvsync approve {0}`, or refuse with `dvsync reject {0}`",
                       held.run_id),
           {.subject = held.guard_class, .run_id = held.run_id, .count = held.decisions});
    }
    if (e.rejected.count != 0) {
      find(Severity::warning, "rejected", count_of(e.rejected.count, "user is", "users are") + " rejected",
           e.rejected.age, "`dvsync log --rejected` lists them", {.count = e.rejected.count});
    }
    if (e.approved != 0) {
      find(Severity::note, "approved",
           count_of(e.approved, "approved decision waits", "approved decisions wait") + " for the next run", {},
           "nothing: the next run carries them out");
    }
    judge_watch(e);
    if (!e.last_run) return;
    for (const auto& warning : e.last_run->warnings) {
      find(Severity::note, "warning", "warning: " + printable(warning), {}, show_runs(e));
    }
  }

  void judge_age(const store::EnvironmentStatus& e) {
    if (!e.in_line_ago) {
      return find(Severity::critical, "never_in_line", "no run has gone through yet", {}, get_it_going());
    }
    const auto severity = severity_of(*e.in_line_ago);
    if (severity == Severity::note) return;
    auto what = "the last run that went through ended " + format_age(*e.in_line_ago) + " ago";
    if (e.behind != 0) what += "; " + count_of(e.behind, "identity", "identities") + " moved since";
    find(severity, "overdue", what, e.in_line_ago, get_it_going());
  }

  void judge_runs(const store::EnvironmentStatus& e) {
    if (e.failures.count != 0) {
      auto what = count_of(e.failures.count, "run", "runs") + " failed or interrupted since the last that went through";
      if (!e.last_failure.empty()) what += ": " + printable(e.last_failure);
      find(Severity::warning, "failing", what, e.failures.age, check,
           {.run_id = last_run_of(e), .count = e.failures.count});
    }
    if (e.incomplete.count != 0) {
      const auto missing = e.missing.empty() ? std::string("facts are missing") : joined(e.missing);
      find(Severity::warning, "incomplete", "incomplete: " + missing, e.incomplete.age, show_runs(e),
           {.run_id = last_run_of(e), .count = e.incomplete.count});
    }
  }

  // Rows that others change (docs/rules.md D16).
  void judge_watch(const store::EnvironmentStatus& e) {
    if (e.row_watch.touched != 0) {
      find(Severity::note, "rows_touched", count_of(e.row_watch.touched, "row was", "rows were") + " changed by others",
           {}, "nothing: the next run looks at them");
    }
    if (!e.row_watch.watches) {
      find(Severity::note, "rows_not_watched", "rows that others change wait for the next full run", {},
           "`dvsync migrate` with watch_rows: on has them noted");
    }
  }

  static std::string show_runs(const store::EnvironmentStatus& e) {
    return "`dvsync log --environment " + e.name + "` shows its runs";
  }

  // What makes runs go through again, as far as the schedule tells who should make them.
  [[nodiscard]] std::string get_it_going() const {
    const auto& daemon = status_.mirror.schedule;
    if (status_.mirror.unreachable) return check;
    if (!daemon.daemon_known) return "run `dvsync sync` (no daemon ever ran here: by hand, or by cron), or start one";
    return daemon.free ? start_the_daemon : read_its_log;
  }

  [[nodiscard]] Severity severity_of(seconds age) const {
    return age > limits_.critical ? Severity::critical : age > limits_.warning ? Severity::warning : Severity::note;
  }

  static std::optional<std::int64_t> last_run_of(const store::EnvironmentStatus& e) {
    return e.last_run ? std::optional(e.last_run->run_id) : std::nullopt;
  }

  struct Particulars {
    std::string subject = {};
    std::optional<std::int64_t> run_id = {};
    std::int64_t count = 0;
  };
  void find(Severity severity, std::string_view code, std::string what, Age age, std::string next,
            const Particulars& particulars = no_particulars) {
    findings_.push_back({severity, code, environment_, std::move(what), age, std::move(next), particulars.subject,
                         particulars.run_id, particulars.count});
  }
  static const Particulars no_particulars;

  const Status& status_;
  const config::Schedule& schedule_;
  HealthLimits limits_;
  std::string environment_;  // whose facts are looked at; empty: everybody's
  std::vector<Finding> findings_;
};
const Judge::Particulars Judge::no_particulars;

}  // namespace

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::critical:
      return "critical";
  }
  return "";
}

HealthLimits limits_for(const config::Schedule& schedule) {
  const auto between = schedule.every + schedule.jitter;
  return {std::max<seconds>(shortest_warning, 2 * between), std::max<seconds>(shortest_critical, 4 * between)};
}

std::vector<Finding> judge(const Status& status, const config::Schedule& schedule) {
  return Judge(status, schedule).findings();
}

Severity worst_of(const std::vector<Finding>& findings) {
  return findings.empty() ? Severity::note : findings.front().severity;
}

std::string describe(const store::HeldDecisions& held) {
  const auto is = [&](core::GuardClass guard_class) { return held.guard_class == core::name_of(guard_class); };
  return (is(core::GuardClass::admitted) ? count_of(held.decisions, "create or enable", "creates and enables")
          : is(core::GuardClass::access) ? count_of(held.decisions, "user who loses roles", "users who lose roles")
                                         : count_of(held.decisions, "disable", "disables")) +
         fmt::format(" ({}) of run {}", held.guard_class, held.run_id);
}

}  // namespace dvsync::service
