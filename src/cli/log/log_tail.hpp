#pragma once
// `tail -f` for the runs of one environment.

#include <set>
#include <vector>

#include "dvsync/store/log_reader.hpp"

namespace dvsync::cli {

// Each run is told once, when it has ended.
class LogTail {
 public:
  // Whatever ended before now counts as told.
  explicit LogTail(store::LogReader& log) : log_(log), newest_(log.now()) { (void)ended(); }
  // Runs that ended since the last call, in the order of their ids.
  [[nodiscard]] std::vector<store::LoggedRun> ended();

 private:
  store::LogReader& log_;
  core::Timestamp newest_;       // end of the latest run told, by the server's clock
  std::set<std::int64_t> told_;  // runs that ended not long before that
};

}  // namespace dvsync::cli
