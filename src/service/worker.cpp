#include "dvsync/service/worker.hpp"

#include <algorithm>
#include <set>

#include "dvsync/source/open_directory.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/out_of_reach.hpp"
#include "dvsync/store/retention.hpp"
#include "dvsync/store/schedule.hpp"
#include "dvsync/sync/engine.hpp"
#include "dvsync/sync/lease_wait.hpp"

namespace dvsync::service {
namespace {

constexpr const char* command = "dvsync run";
constexpr int forgettings = 20;  // small transactions in a row before anything else may have its turn

Past past_of(const store::ScheduleState& state) {
  Past past{.since_run = state.since_run, .since_full = state.since_full, .unfinished = {}};
  if (state.since_run && !state.last_succeeded) past.unfinished = state.last_full ? Kind::full : Kind::incremental;
  return past;
}

bool went_through(const sync::RunReport& report) {
  return report.pull_error.empty() && !ended_with(report, store::Outcome::failed) &&
         !ended_with(report, store::Outcome::interrupted);
}

class LeasedWorker : public Worker {
 public:
  LeasedWorker(SharedConfiguration configuration, sync::Observer& observer, std::vector<Component*> components)
      : configuration_(std::move(configuration)), observer_(observer), components_(std::move(components)) {}
  ~LeasedWorker() override { drop(); }

  LeaseAttempt acquire_lease() override {
    const auto state = store::read_schedule(session());
    if (state.wanted_by) return {.ours = false, .holder = *state.wanted_by, .of_daemon = false, .past = {}};
    if (!state.free) return {.ours = false, .holder = state.holder, .of_daemon = state.held_by_daemon, .past = {}};
    store::LeaseHolder holder;
    auto lease = sync::try_lease(*configuration_, command, holder);
    if (!lease) return {.ours = false, .holder = holder.name, .of_daemon = state.held_by_daemon, .past = {}};
    store::note_daemon(session(), *lease);
    lease_ = std::move(lease);
    try {
      start_components();
    } catch (...) {
      drop();  // else we would stand by for ourselves
      throw;
    }
    return {.ours = true, .holder = {}, .of_daemon = false, .past = past_of(state)};
  }

  LeaseState lease_state() override {
    if (!lease_) return LeaseState::lost;
    const auto state = store::read_schedule(session());
    if (!lease_->lost() && state.fence == lease_->fence()) {
      return state.wanted_by ? LeaseState::wanted : LeaseState::ours;
    }
    drop();
    return LeaseState::lost;
  }

  void release_lease() override { drop(); }

  sync::RunReport run(Kind kind, std::stop_token stop) override {
    const bool full = kind == Kind::full;
    store::note_run_begins(session(), full);
    if (!source_) source_ = source::open_directory(*configuration_);
    auto report = sync::run_under(
        *lease_, *configuration_, *source_,
        {.full = full, .missed_full = owed_, .command = command, .requested_by = "dvsync run"}, observer_, stop);
    store::note_run_ends(session(), went_through(report));
    remember_who_missed_it(report, full);
    return report;
  }

  bool tidy(std::stop_token stop) override {
    bool more = false;
    std::string failure;
    store::OutOfReach out_of_reach(*configuration_);
    for (const auto& environment : configuration_->environments) {
      if (environment.rules.type == core::EnvironmentType::none || out_of_reach.words_for(environment)) continue;
      try {
        more = out_of_reach.opened(&environment, [&] { return tidy(environment, stop); }) || more;
      } catch (const StoreError& error) {
        failure = error.what();  // one environment that is away does not keep the others untidy
      }
    }
    if (!failure.empty()) throw StoreError(StoreError::Kind::unavailable, failure);
    return more;
  }

  bool reconfigure(SharedConfiguration configuration) override {
    const auto& before = configuration_->database;
    const bool other_mirror = configuration->database.connection != before.connection ||
                              configuration->database.mirror_schema != before.mirror_schema;
    stop_components();
    if (other_mirror) {
      drop();
      session_.reset();
    }
    source_.reset();
    configuration_ = std::move(configuration);
    if (lease_) start_components();
    return lease_ != nullptr;
  }

 private:
  void remember_who_missed_it(const sync::RunReport& report, bool full) {
    if (!reached_some(report)) return;  // then the next run is full again
    for (const auto& environment : report.environments) {
      if (environment.outcome != store::Outcome::failed) {
        owed_.erase(environment.name);
      } else if (full) {
        owed_.insert(environment.name);
      }
    }
  }
  bool tidy(const config::Environment& environment, const std::stop_token& stop) {
    const auto connection = store::open_environment(*configuration_, environment, {.stop = stop});
    const auto& log = configuration_->log;
    const auto& name = environment.rules.name;
    std::optional<store::LogArchive> archive;
    if (log.archive) archive.emplace(*log.archive, name);
    const store::Retention retention{.age = log.retention, .archive = archive ? &*archive : nullptr, .stop = stop};
    for (int i = 0; i < forgettings; ++i) {
      if (stop.stop_requested() || !store::forget_some(*connection, name, retention)) return false;
    }
    return true;
  }
  // For the schedule; a session that broke is replaced.
  store::Connection& session() {
    if (!session_ || session_->broken()) session_ = store::open_mirror(*configuration_);
    return *session_;
  }
  void drop() {
    stop_components();
    lease_.reset();
  }
  void start_components() {
    for (auto* component : components_) component->start(configuration_, *lease_);
    serving_ = true;
  }
  void stop_components() {
    if (!std::exchange(serving_, false)) return;
    for (auto* component : components_) component->stop();
  }

  SharedConfiguration configuration_;
  sync::Observer& observer_;
  std::vector<Component*> components_;
  std::unique_ptr<store::Lease> lease_;
  std::unique_ptr<store::Connection> session_;
  std::unique_ptr<source::DirectorySource> source_;
  std::set<std::string> owed_;  // environments to which a full run is owed
  bool serving_ = false;
};

}  // namespace

std::unique_ptr<Worker> make_worker(SharedConfiguration configuration, sync::Observer& observer,
                                    std::vector<Component*> components) {
  return std::make_unique<LeasedWorker>(std::move(configuration), observer, std::move(components));
}

}  // namespace dvsync::service
