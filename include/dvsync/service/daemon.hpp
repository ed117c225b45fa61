#pragma once
// The daemon: one thread for timer and signals, one worker for everything that blocks.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "dvsync/config/configuration.hpp"
#include "dvsync/service/daemon_state.hpp"
#include "dvsync/service/log.hpp"
#include "dvsync/service/worker.hpp"

namespace dvsync::service {

// How long the worker may go without any progress before it counts as hung: longer than the longest limit there is. A
// statement may take a quarter of an hour, a throttled directory half an hour between two pages.
inline constexpr std::chrono::minutes longest_silence{40};

// The paces of the daemon between runs; tests choose shorter ones.
struct Pace {
  std::chrono::milliseconds look{1000};     // whether somebody waits for the lease, and whether it still is ours
  std::chrono::milliseconds standby{1000};  // how often one that stands by asks for the lease
  std::chrono::milliseconds longest_standby{10'000};    // and how rarely at most while the database is away
  std::chrono::milliseconds tidy{3'600'000};            // how often the log is looked through for what is old enough
  std::chrono::milliseconds silence = longest_silence;  // for the watchdog
};

// Time as the daemon sees it. Tests let it pass faster.
class DaemonClock {
 public:
  using Time = std::chrono::steady_clock::time_point;
  virtual ~DaemonClock() = default;
  [[nodiscard]] virtual Time now() const { return std::chrono::steady_clock::now(); }
  // How long to sleep so that it is `time`.
  [[nodiscard]] virtual std::chrono::nanoseconds until(Time time) { return time - now(); }
};

struct DaemonParts {
  SharedConfiguration configuration;
  Worker& worker;
  Progress& progress;
  Log& log;
  // Reads the configuration anew; nullptr: it is not valid, and the reason has been logged.
  std::function<SharedConfiguration()> reload;
  // After every run, on the worker: whether all of it went through. May block, and throw Interrupted.
  std::function<void(bool, const std::stop_token&)> on_run = {};
  Pace pace = {};
  std::shared_ptr<DaemonClock> clock = std::make_shared<DaemonClock>();
  std::shared_ptr<DaemonState> state = std::make_shared<DaemonState>();  // kept up to date
};

// Serves until SIGTERM or SIGINT; a second one of these ends the process at once. SIGUSR1 and SIGUSR2 ask for a run,
// SIGHUP for a reload. Blocks these signals in all other threads.
void serve(const DaemonParts& parts);

}  // namespace dvsync::service
