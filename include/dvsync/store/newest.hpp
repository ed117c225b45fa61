#pragma once
// The newest entries of several environments' logs, in the order of time.

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <vector>

namespace dvsync::store {

// Keeps the newest `limit` of them (0: all), oldest first. True: others are left out.
template <class Entry, class TimeOf>
[[nodiscard]] bool keep_newest(std::vector<Entry>& entries, std::int64_t limit, const TimeOf& time_of) {
  std::stable_sort(entries.begin(), entries.end(),
                   [&](const auto& a, const auto& b) { return time_of(a) < time_of(b); });
  if (limit == 0 || entries.size() <= static_cast<std::size_t>(limit)) return false;
  entries.erase(entries.begin(), entries.end() - limit);
  return true;
}

// The same of runs, each in all its environments. `run_of`: the LoggedRun of an entry.
template <class Entry, class RunOf>
[[nodiscard]] bool keep_newest_runs(std::vector<Entry>& entries, std::int64_t limit, const RunOf& run_of) {
  static_cast<void>(keep_newest(entries, 0, [&](const auto& entry) { return run_of(entry).started_at; }));
  std::set<std::int64_t> ids;
  for (const auto& entry : entries) ids.insert(run_of(entry).run_id);
  if (limit == 0 || ids.size() <= static_cast<std::size_t>(limit)) return false;
  const auto oldest = *std::next(ids.rbegin(), limit - 1);
  std::erase_if(entries, [&](const auto& entry) { return run_of(entry).run_id < oldest; });
  return true;
}

}  // namespace dvsync::store
