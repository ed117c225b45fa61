#include "engine_steps.hpp"

#include <algorithm>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "candidates.hpp"
#include "dvsync/store/in_line.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/store/out_of_reach.hpp"
#include "dvsync/sync/lease_wait.hpp"
#include "mirror_answers.hpp"
#include "run_failure.hpp"

namespace dvsync::sync {

std::unique_ptr<store::Lease> acquire_lease(const config::Configuration& configuration, const RunRequest& request,
                                            Observer& observer, const std::stop_token& stop) {
  if (request.wait) return wait_for_lease(configuration, request.command, observer, stop);
  store::LeaseHolder holder;
  auto lease = lease_if_idle(configuration, request.command, holder, stop);
  if (!lease) throw Busy(holder.name);
  return lease;
}

namespace {

std::int64_t last_run_on(const config::Configuration& configuration,
                         const std::vector<const config::Environment*>& environments, SpareSessions* spare,
                         const std::stop_token& stop) {
  try {
    auto session = open_one_of(configuration, environments, stop);
    std::vector<std::string> schemas;
    for (const auto* environment : environments) schemas.push_back(environment->schema);
    const auto last = store::last_run_id(*session, schemas);
    if (spare != nullptr) spare->keep(environments.front(), std::move(session));
    return last;
  } catch (const StoreError&) {
    return 0;  // it cannot be reached, or none of them is migrated: their own runs say so
  }
}

}  // namespace

std::int64_t last_run_of(const config::Configuration& configuration,
                         const std::vector<const config::Environment*>& environments, SpareSessions* spare,
                         const std::stop_token& stop) {
  std::vector<std::future<std::int64_t>> asked;
  for (const auto& [conninfo, there] : by_server(configuration, environments)) {
    // A spare session is for a run of one environment.
    auto* const keeps = environments.size() == 1 ? spare : nullptr;
    for (auto& part : in_parts(there, configuration.database.sessions)) {
      asked.push_back(std::async(std::launch::async, [&configuration, part = std::move(part), keeps, &stop] {
        return last_run_on(configuration, part, keeps, stop);
      }));
    }
  }
  std::int64_t last = 0;
  for (auto& one : asked) last = std::max(last, one.get());
  return last;
}

std::int64_t unused_run_id(const config::Configuration& configuration,
                           const std::vector<const config::Environment*>& environments, store::Connection& mirror,
                           const std::stop_token& stop, const LastRuns& known) {
  std::int64_t last = 0;
  std::vector<const config::Environment*> others;
  for (const auto* environment : environments) {
    const auto found = known.find(environment);
    if (found == known.end()) {
      others.push_back(environment);
    } else {
      last = std::max(last, found->second);
    }
  }
  return store::next_run_id(mirror, std::max(last, last_run_of(configuration, others, nullptr, stop)));
}

namespace {

// nullopt: this worker steps aside, and nothing has begun.
std::optional<EnvironmentReport> run_one(const RunContext& context, const config::Environment& environment,
                                         store::Lease& lease, store::OutOfReach& out_of_reach) {
  if (const auto told = out_of_reach.words_for(environment)) {
    return failed_report(environment.rules.name, {.reason = *told});
  }
  const auto started = std::chrono::steady_clock::now();
  EnvironmentReport report;
  try {
    report = run_environment(context, environment, lease);
  } catch (...) {  // whatever it is, the other environments come to their turn
    const auto failure = failure_of(std::current_exception(), context.configuration, &environment);
    if (failure.full && context.steps_aside) return std::nullopt;
    report = failed_report(environment.rules.name, failure);
    if (!failure.fenced) {
      store::EnvironmentSessions sessions(context.configuration, {}, out_of_reach);
      record_failure(context, environment, sessions, report);
    }
  }
  report.duration = elapsed_since(started);
  return report;
}

// Sessions that an environment's run opens: two to the mirror, two and one for each writer to the environment.
constexpr std::int64_t sessions_of_a_run = 5;

// Whether a run of it looks at everybody, and these are very many: its threads have work for all processors.
bool looks_at_very_many(const RunContext& context, const config::Environment& environment) {
  if (environment.security_group || context.pull == nullptr) return false;
  const bool all = context.scope.full || context.pull->merge.changed > few_candidates;
  return all && context.pull->records > few_candidates;
}

// The environments of one server, and who works on them.
class Queue {
 public:
  using Place = std::pair<std::size_t, const config::Environment*>;

  void add(Place place) { waiting_.push_back(place); }
  [[nodiscard]] const std::deque<Place>& waiting() const { return waiting_; }
  void expect(std::size_t workers) { workers_ = workers; }

  // nullopt: there is no more; the worker is gone.
  std::optional<Place> take() {
    const std::scoped_lock lock(mutex_);
    if (waiting_.empty()) {
      --workers_;
      return std::nullopt;
    }
    const auto place = waiting_.front();
    waiting_.pop_front();
    return place;
  }
  // Gives it back. True: others work on, and the worker is gone. False: it is the last one.
  bool leave_to_others(const Place& place) {
    const std::scoped_lock lock(mutex_);
    waiting_.push_front(place);
    if (workers_ == 1) return false;
    --workers_;
    return true;
  }

 private:
  std::mutex mutex_;
  std::deque<Place> waiting_;
  std::size_t workers_ = 0;
};

// How many environments of one server are worked on at a time: a run that has the server for itself takes one more
// session for a second writer, and the lease and the run itself have two. Where all look at very many, one: two side by
// side took longer, and more memory.
std::size_t side_by_side(const RunContext& context, const Queue& queue) {
  const auto& environments = queue.waiting();
  const bool of_very_many =
      std::ranges::all_of(environments, [&](const auto& place) { return looks_at_very_many(context, *place.second); });
  const auto sessions = context.configuration.database.sessions;
  const auto most = of_very_many ? 1 : std::max<std::int64_t>(1, (sessions + 2) / sessions_of_a_run);
  return std::min(environments.size(), static_cast<std::size_t>(most));
}

// The environments of a run, taken one after the other by threads that work side by side.
class Round {
 public:
  Round(const RunContext& context, store::Lease& lease, std::size_t environments)
      : context_(context), lease_(lease), out_of_reach_(context.configuration), reports_(environments) {}

  // Until the queue is empty. `steps_aside`: where others work on it as well, and the server has too few sessions.
  void work(Queue& queue, bool steps_aside) noexcept {
    try {
      take_all(queue, steps_aside);
    } catch (...) {  // of the observer: a run's own failures are in its report
      const std::scoped_lock lock(context_.observer_mutex);
      failure_ = std::current_exception();
    }
  }

  // In the order in which they were asked for. Rethrows what the observer met.
  std::vector<EnvironmentReport> reports() {
    if (failure_) std::rethrow_exception(failure_);
    std::vector<EnvironmentReport> made;
    for (auto& report : reports_) {
      if (report) made.push_back(std::move(*report));
    }
    return made;
  }

 private:
  void take_all(Queue& queue, bool steps_aside) {
    auto context = context_;
    context.steps_aside = steps_aside;
    while (const auto place = queue.take()) {
      auto report = run_one(context, *place->second, lease_, out_of_reach_);
      if (!report) {
        if (queue.leave_to_others(*place)) return;
        context.steps_aside = false;
        continue;
      }
      const std::scoped_lock lock(context_.observer_mutex);
      context_.observer.environment_ends(context_.run_id, *report);
      reports_[place->first] = std::move(report);
      if (context_.stop.stop_requested()) return;
    }
  }

  const RunContext& context_;
  store::Lease& lease_;
  store::OutOfReach out_of_reach_;
  std::vector<std::optional<EnvironmentReport>> reports_;
  std::exception_ptr failure_;
};

}  // namespace

RunReport run_environments(const RunContext& of, const std::vector<const config::Environment*>& environments,
                           store::Lease& lease) {
  std::map<std::string, Queue> servers;
  for (std::size_t place = 0; place < environments.size(); ++place) {
    const auto* environment = environments[place];
    if (environment->rules.type == core::EnvironmentType::none) continue;  // gate 1: there is no table
    servers[store::connection_of(of.configuration, *environment)].add({place, environment});
  }
  SessionPool pool;
  RunContext context = of;
  MirrorAnswers answers(of.configuration.licenses);
  if (environments.size() > 1) {
    context.pool = &pool;
    context.answers = &answers;
  }
  Round round(context, lease, environments.size());
  std::size_t most = 0;
  std::vector<std::function<void()>> workers;
  for (auto& [conninfo, queue] : servers) {
    const auto threads = side_by_side(of, queue);
    most = std::max(most, threads);
    queue.expect(threads);
    for (std::size_t thread = 0; thread < threads; ++thread) {
      workers.emplace_back([&round, &queue = queue, thread] { round.work(queue, thread != 0); });
    }
  }
  if (most > 1) context.writers = 1;
  if (of.configuration.database.has_few_sessions()) context.writers = 0;
  {
    std::vector<std::jthread> threads;
    try {
      for (std::size_t i = 1; i < workers.size(); ++i) threads.emplace_back(workers[i]);
    } catch (const std::system_error&) {
      // No more threads to be had: this one does what they would have done.
    }
    const auto started = threads.size();
    for (std::size_t i = 0; i < workers.size(); ++i) {
      if (i == 0 || i > started) workers[i]();
    }
  }
  RunReport report;
  report.run_id = context.run_id;
  report.environments = round.reports();
  return report;
}

}  // namespace dvsync::sync
