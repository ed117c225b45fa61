#include "run_account.hpp"

#include <utility>

namespace dvsync::sync {
namespace {

constexpr std::size_t most_left_over = 20'000;  // all of them are in memory at the end of the run
constexpr std::size_t most_renamed = 20'000;    // more are looked for among all names at once

}  // namespace

core::RunPhases RunClock::phases(const PullReport* pull) const {
  const auto between = [](Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(to - from);
  };
  core::RunPhases phases;
  phases.planning = between(began_, planned_at_) - writing_;
  phases.writing = writing_ + between(planned_at_, Clock::now());
  if (pull == nullptr) return phases;
  phases.reading = pull->duration;
  phases.records = static_cast<std::int64_t>(pull->records);
  phases.moved = pull->merge.changed;
  return phases;
}

RunAccount::RunAccount(const RunContext& context, std::string environment) : context_(context) {
  report.name = std::move(environment);
}

void RunAccount::tell(const CommittedChanges& changes) {
  const std::scoped_lock lock(context_.observer_mutex);
  context_.observer.committed(report.name, context_.run_id, changes);
}

void RunAccount::tell(const store::ListedRejection& rejection) {
  const std::scoped_lock lock(context_.observer_mutex);
  context_.observer.rejected(report.name, context_.run_id, rejection.object_id, rejection.domainname, rejection.reason,
                             rejection.in_words());
}

void RunAccount::add(const core::Counters& counters) {
  const std::scoped_lock lock(context_.observer_mutex);
  report.counters += counters;
  context_.observer.progress(report.name, report.counters);
}

void RunAccount::miss(core::Reason reason) {
  const std::scoped_lock lock(context_.observer_mutex);
  missing.add(reason);
}

void RunAccount::take(const Executed& executed, const CommittedChanges& changes) {
  tell(changes);
  for (const auto& rejection : executed.rejections) tell(rejection);
  for (const auto reason : executed.missing) miss(reason);
  leave_over(executed);
  add_names(executed);
  add(executed.counters);
}

void RunAccount::add_names(const Executed& executed) {
  const std::scoped_lock lock(context_.observer_mutex);
  renamed_many = renamed_many || renamed.size() + executed.renamed.size() > most_renamed;
  if (!renamed_many) renamed.insert(renamed.end(), executed.renamed.begin(), executed.renamed.end());
}

void RunAccount::leave_over(const Executed& executed) {
  const std::scoped_lock lock(context_.observer_mutex);
  missing.add_locked(executed.locked);
  unapplied.insert(unapplied.end(), executed.unapplied.begin(), executed.unapplied.end());
  for (const auto& task : executed.left_over) {
    if (left_over.size() >= most_left_over) {
      stays_behind = true;
      missing.add_locked(1);
      report.counters.count_rejected();
      continue;
    }
    Task again{.identity = {}, .options = task.options, .has_row = true, .verdict = task.verdict};
    again.identity.object_id = task.identity.object_id;
    left_over.push_back(std::move(again));
  }
}

}  // namespace dvsync::sync
