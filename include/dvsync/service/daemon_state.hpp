#pragma once
// How the daemon itself is, for those who ask from other threads: probes and metrics.

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace dvsync::service {

enum class Phase : std::uint8_t {
  starting,      // it has not asked for the lease yet
  working,       // it has the lease
  standing_by,   // another dvsync has it
  out_of_reach,  // the mirror's database cannot be asked
  stopping,
};
[[nodiscard]] std::string_view name_of(Phase phase);

struct DaemonStanding {
  Phase phase = Phase::starting;
  bool running = false;                                                // a run is under way
  std::optional<std::chrono::system_clock::time_point> next_run = {};  // of a daemon that works, between its runs
};

// Any thread may call it.
class DaemonState {
 public:
  void set(const DaemonStanding& standing) {
    const std::scoped_lock lock(mutex_);
    standing_ = standing;
  }
  [[nodiscard]] DaemonStanding get() const {
    const std::scoped_lock lock(mutex_);
    return standing_;
  }

 private:
  mutable std::mutex mutex_;
  DaemonStanding standing_;
};

// Whether the daemon does its part: it works, or stands by for one that does.
[[nodiscard]] inline bool is_ready(const DaemonStanding& standing) {
  return standing.phase == Phase::working || standing.phase == Phase::standing_by;
}

}  // namespace dvsync::service
