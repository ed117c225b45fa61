#include "dvsync/service/metrics.hpp"

#include <fcntl.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace dvsync::service {
namespace {

using Labels = prometheus::Labels;

double seconds_of(std::chrono::nanoseconds duration) { return static_cast<double>(duration.count()) / 1e9; }

prometheus::Histogram::BucketBoundaries run_lengths() {
  return {0.1, 0.3, 1, 3, 10, 30, 60, 120, 300, 600, 1800, 3600};
}

constexpr std::array outcomes{store::Outcome::succeeded, store::Outcome::incomplete, store::Outcome::held,
                              store::Outcome::failed, store::Outcome::interrupted};

// For what users are disabled, and for what they get in: whatever happens for the first time is an increase.
constexpr std::array keep_out{core::Reason::not_in_directory, core::Reason::soft_deleted,
                              core::Reason::account_disabled, core::Reason::not_in_security_group,
                              core::Reason::no_license,       core::Reason::guest_no_license};
constexpr std::array let_in{core::Reason::entitled,
                            core::Reason::entitled_admin,
                            core::Reason::entitled_non_interactive,
                            core::Reason::entitled_administrative,
                            core::Reason::entitled_creator,
                            core::Reason::group_owner,
                            core::Reason::nested_member,
                            core::Reason::free_plan,
                            core::Reason::app_pass,
                            core::Reason::tenant_marketing_license,
                            core::Reason::no_license_kept};

// What the profile of a row follows under, whether it is enabled or not, besides these.
constexpr std::array profile_alone{
    core::Reason::manually_disabled,      core::Reason::stub_user,     core::Reason::directory_unknown,
    core::Reason::security_group_unknown, core::Reason::roles_unknown, core::Reason::license_unknown,
    core::Reason::identity_incomplete,    core::Reason::invalid_value, core::Reason::user_name_missing};

Labels change_labels(const std::string& environment, core::Decision action, core::Reason reason) {
  return {{"environment", environment},
          {"action", std::string(core::name_of(action))},
          {"reason", std::string(core::code_of(reason))}};
}

Labels run_labels(const std::string& environment, store::RunKind kind, store::Outcome outcome) {
  return {{"environment", environment},
          {"kind", std::string(core::name_of(kind))},
          {"outcome", std::string(core::name_of(outcome))}};
}

}  // namespace

class Metrics::Families {
 public:
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& runs = prometheus::BuildCounter()
                                                      .Name("dvsync_runs_total")
                                                      .Help("Runs of an environment, by outcome")
                                                      .Register(registry);
  prometheus::Family<prometheus::Histogram>& durations = prometheus::BuildHistogram()
                                                             .Name("dvsync_run_duration_seconds")
                                                             .Help("How long runs of an environment took")
                                                             .Register(registry);
  prometheus::Family<prometheus::Counter>& changes = prometheus::BuildCounter()
                                                         .Name("dvsync_changes_total")
                                                         .Help("Committed changes, by action and reason")
                                                         .Register(registry);
  prometheus::Family<prometheus::Gauge>& lag =
      prometheus::BuildGauge()
          .Name("dvsync_lag_seconds")
          .Help("How long at most a change in the directory had waited for its row when the last run ended")
          .Register(registry);
  prometheus::Family<prometheus::Gauge>& in_line =
      prometheus::BuildGauge()
          .Name("dvsync_in_line_with_directory_timestamp_seconds")
          .Help("When the reading of the directory began that the rows reflect")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& attempts = prometheus::BuildCounter()
                                                          .Name("dvsync_attempts_total")
                                                          .Help("Runs of the daemon, by whether all of it went through")
                                                          .Register(registry);
  prometheus::Gauge& identities = prometheus::BuildGauge()
                                      .Name("dvsync_directory_records")
                                      .Help("Records read of the directory by the last pull")
                                      .Register(registry)
                                      .Add({});
  prometheus::Gauge& build = prometheus::BuildGauge()
                                 .Name("dvsync_build_info")
                                 .Help("Which dvsync this is; always 1")
                                 .Register(registry)
                                 .Add({{"version", DVSYNC_VERSION}});
};

// Made anew whenever everything is read, so that nothing is left of an environment that is no longer configured.
class Metrics::Snapshot {
 public:
  Snapshot(const Status& status, const std::vector<Finding>& findings, Time now) : now_(now) {
    gauge("dvsync_health", "What `dvsync status --check` answers: 0 OK, 1 WARNING, 2 CRITICAL")
        .Add({})
        .Set(static_cast<double>(worst_of(findings)));
    mirror_reachable_.Add({}).Set(status.mirror.unreachable ? 0 : 1);
    count("", findings);
    for (const auto& environment : status.environments) {
      count(environment.name, findings);
      tell(environment);
    }
  }

  prometheus::Registry registry;

 private:
  using Gauges = prometheus::Family<prometheus::Gauge>;

  Gauges& gauge(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
  }

  void count(const std::string& environment, const std::vector<Finding>& findings) {
    for (const auto severity : {Severity::note, Severity::warning, Severity::critical}) {
      const auto number = std::count_if(findings.begin(), findings.end(), [&](const Finding& finding) {
        return finding.environment == environment && finding.severity == severity;
      });
      findings_.Add({{"environment", environment}, {"severity", std::string(name_of(severity))}})
          .Set(static_cast<double>(number));
    }
  }

  void tell(const store::EnvironmentStatus& e) {
    const Labels environment{{"environment", e.name}};
    reachable_.Add(environment).Set(e.unreachable ? 0 : 1);
    if (e.unreachable) return;
    failures_.Add(environment).Set(static_cast<double>(e.failures.count));
    incomplete_.Add(environment).Set(static_cast<double>(e.incomplete.count));
    behind_.Add(environment).Set(static_cast<double>(e.behind));
    rejected_.Add(environment).Set(static_cast<double>(e.rejected.count));
    if (e.in_line_ago) success_.Add(environment).Set(seconds_of((now_ - *e.in_line_ago).time_since_epoch()));
    for (std::size_t c = 0; c < core::guard_class_count; ++c) {
      const std::string guard_class(core::name_of(static_cast<core::GuardClass>(c)));
      std::int64_t decisions = 0;
      std::optional<std::int64_t> longest;
      for (const auto& held : e.held) {
        if (held.guard_class != guard_class) continue;
        decisions += held.decisions;
        longest = std::max(longest.value_or(0), held.seconds);
      }
      const Labels labels{{"environment", e.name}, {"class", guard_class}};
      held_.Add(labels).Set(static_cast<double>(decisions));
      if (longest) {
        held_since_.Add(labels).Set(seconds_of((now_ - std::chrono::seconds(*longest)).time_since_epoch()));
      }
    }
  }

  Time now_;
  Gauges& findings_ =
      gauge("dvsync_findings", "What `dvsync status` tells, by severity; without an environment: of all");
  Gauges& mirror_reachable_ = gauge("dvsync_mirror_reachable", "Whether the mirror's database could be read");
  Gauges& reachable_ = gauge("dvsync_environment_reachable", "Whether the environment's database could be read");
  Gauges& failures_ =
      gauge("dvsync_failed_runs", "Runs that failed or were interrupted since the last one that went through");
  Gauges& incomplete_ = gauge("dvsync_incomplete_runs", "Runs since the last one that knew all it needed");
  Gauges& behind_ =
      gauge("dvsync_behind_identities", "Identities that moved since the environment was brought in line");
  Gauges& rejected_ = gauge("dvsync_rejected_users", "Users who cannot be brought in line");
  Gauges& success_ = gauge("dvsync_last_success_timestamp_seconds", "When the last run ended that went through");
  Gauges& held_ = gauge("dvsync_held_decisions", "Decisions that wait for an approval, by class of the guard");
  Gauges& held_since_ = gauge("dvsync_held_since_timestamp_seconds", "Since when the first of them waits");
};

namespace {

// Registered for one answer alone.
void tell_moment(prometheus::Registry& registry, const Moment& moment) {
  const auto gauge = [&](const char* name, const char* help) -> prometheus::Gauge& {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
  };
  gauge("dvsync_database_sessions", "Sessions with databases that the daemon has open")
      .Set(static_cast<double>(moment.sessions));
  if (!moment.next_run) return;
  gauge("dvsync_next_run_timestamp_seconds", "When the next run is due, while this daemon works and idles")
      .Set(seconds_of(moment.next_run->time_since_epoch()));
}

}  // namespace

Metrics::Metrics(std::function<Time()> clock, std::function<Moment()> moment)
    : clock_(std::move(clock)), moment_(std::move(moment)), families_(std::make_unique<Families>()) {
  families_->build.Set(1);
  for (const char* result : {"succeeded", "failed"}) families_->attempts.Add({{"result", result}});
}
Metrics::~Metrics() = default;

void Metrics::merged(const sync::PullReport& pull) {
  pull_began_ = clock_() - std::chrono::duration_cast<Time::duration>(pull.duration);
  families_->identities.Set(static_cast<double>(pull.records));
}

void Metrics::committed(const std::string& name, std::int64_t, const sync::CommittedChanges& changes) {
  for (const auto& [what, number] : changes.counted) {
    families_->changes.Add(change_labels(name, what.first, what.second)).Increment(static_cast<double>(number));
  }
}

void Metrics::environment_ends(std::int64_t, const sync::EnvironmentReport& report) {
  const Labels environment{{"environment", report.name}};
  families_->runs.Add(run_labels(report.name, report.kind, report.outcome)).Increment();
  if (report.outcome == store::Outcome::failed || report.outcome == store::Outcome::interrupted) return;
  families_->durations.Add(environment, run_lengths()).Observe(seconds_of(report.duration));
  const auto now = clock_();
  if (!pull_began_) return;
  // What changed right after the last reading began is not in the rows before now.
  if (const auto before = in_line_since_.find(report.name); before != in_line_since_.end()) {
    families_->lag.Add(environment).Set(seconds_of(now - before->second));
  }
  in_line_since_[report.name] = *pull_began_;
  families_->in_line.Add(environment).Set(seconds_of(pull_began_->time_since_epoch()));
}

void Metrics::run_ended(bool went_through) {
  families_->attempts.Add({{"result", went_through ? "succeeded" : "failed"}}).Increment();
}

void Metrics::begin_at_zero(const config::Configuration& configuration) {
  for (const auto& environment : configuration.environments) {
    if (environment.rules.type == core::EnvironmentType::none) continue;
    for (const auto kind : {store::RunKind::incremental, store::RunKind::full}) {
      for (const auto outcome : outcomes) families_->runs.Add(run_labels(environment.rules.name, kind, outcome));
    }
    const auto begin = [&](core::Decision action, const auto& reasons) {
      for (const auto reason : reasons) families_->changes.Add(change_labels(environment.rules.name, action, reason));
    };
    begin(core::Decision::disable, keep_out);
    begin(core::Decision::create, let_in);
    begin(core::Decision::enable, let_in);
    begin(core::Decision::update, keep_out);
    begin(core::Decision::update, let_in);
    begin(core::Decision::update, profile_alone);
  }
}

void Metrics::set_status(const Status& status, const std::vector<Finding>& findings) {
  auto snapshot = std::make_shared<Snapshot>(status, findings, clock_());
  const std::scoped_lock lock(mutex_);
  snapshot_ = std::move(snapshot);
}

std::string Metrics::text() const {
  auto families = families_->registry.Collect();
  const auto add = [&families](const prometheus::Registry& registry) {
    for (auto& family : registry.Collect()) families.push_back(std::move(family));
  };
  prometheus::Registry now;
  tell_moment(now, moment_());
  add(now);
  std::shared_ptr<Snapshot> snapshot;
  {
    const std::scoped_lock lock(mutex_);
    snapshot = snapshot_;
  }
  if (snapshot) add(snapshot->registry);
  return prometheus::TextSerializer().Serialize(families);
}

std::optional<std::string> Metrics::write(const std::filesystem::path& file) const {
  // node_exporter reads *.prom alone, so the half-written file is not seen.
  auto unfinished = file;
  unfinished += ".new";
  const auto content = text();
  // The folder may be one that others write: nothing that they put there is written through or to.
  ::unlink(unfinished.c_str());
  const int descriptor = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  const auto failure = [&] { return file.string() + ": " + std::generic_category().message(errno); };
  if (descriptor < 0) return failure();
  std::optional<std::string> wrong;
  // Readable for the exporter, whatever the umask.
  if (::fchmod(descriptor, 0644) != 0 ||
      ::write(descriptor, content.data(), content.size()) != static_cast<ssize_t>(content.size())) {
    wrong = failure();
  }
  ::close(descriptor);
  if (!wrong && ::rename(unfinished.c_str(), file.c_str()) != 0) wrong = failure();
  if (wrong) ::unlink(unfinished.c_str());
  return wrong;
}

}  // namespace dvsync::service
