#include "dvsync/service/metrics.hpp"

#include <fcntl.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sys/stat.h>
#include <unistd.h>

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
  prometheus::Family<prometheus::Gauge>& held = prometheus::BuildGauge()
                                                    .Name("dvsync_held_decisions")
                                                    .Help("Decisions that wait for an approval, by class of the guard")
                                                    .Register(registry);
  prometheus::Family<prometheus::Gauge>& rejected = prometheus::BuildGauge()
                                                        .Name("dvsync_rejected_users")
                                                        .Help("Users the last run could not bring in line")
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
  prometheus::Family<prometheus::Gauge>& success = prometheus::BuildGauge()
                                                       .Name("dvsync_last_success_timestamp_seconds")
                                                       .Help("When the last run ended that went through")
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
};

Metrics::Metrics(std::function<Time()> clock) : clock_(std::move(clock)), families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::merged(const sync::PullReport& pull) {
  pull_began_ = clock_() - std::chrono::duration_cast<Time::duration>(pull.duration);
  families_->identities.Set(static_cast<double>(pull.records));
}

void Metrics::committed(const std::string& name, std::int64_t, const sync::CommittedChanges& changes) {
  for (const auto& [what, number] : changes.counted) {
    families_->changes
        .Add({{"environment", name},
              {"action", std::string(core::name_of(what.first))},
              {"reason", std::string(core::code_of(what.second))}})
        .Increment(static_cast<double>(number));
  }
}

void Metrics::environment_ends(std::int64_t, const sync::EnvironmentReport& report) {
  const Labels environment{{"environment", report.name}};
  families_->runs
      .Add({{"environment", report.name},
            {"kind", std::string(store::name_of(report.kind))},
            {"outcome", std::string(store::name_of(report.outcome))}})
      .Increment();
  if (report.outcome == store::Outcome::failed || report.outcome == store::Outcome::interrupted) return;
  families_->durations.Add(environment, run_lengths()).Observe(seconds_of(report.duration));
  for (std::size_t c = 0; c < report.held_classes.size(); ++c) {
    families_->held
        .Add({{"environment", report.name}, {"class", std::string(core::name_of(static_cast<core::GuardClass>(c)))}})
        .Set(report.held_classes[c] ? static_cast<double>(report.wanted[c]) : 0);
  }
  families_->rejected.Add(environment).Set(static_cast<double>(report.counters.rejected));
  const auto now = clock_();
  families_->success.Add(environment).Set(seconds_of(now.time_since_epoch()));
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

std::string Metrics::text() const { return prometheus::TextSerializer().Serialize(families_->registry.Collect()); }

std::optional<std::string> Metrics::write(const std::filesystem::path& file) const {
  // node_exporter reads *.prom alone, so the half-written file is not seen.
  auto unfinished = file;
  unfinished += ".new";
  const auto content = text();
  const int descriptor = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
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
