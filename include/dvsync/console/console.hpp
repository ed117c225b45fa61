#pragma once
// The daemon's HTTP: probes, metrics, and what operators ask (docs/console.md). It has threads and sessions of its own,
// so that no run waits for it, and answers whether this daemon has the lease or not.

#include <memory>

#include "dvsync/config/configuration.hpp"
#include "dvsync/service/daemon_state.hpp"
#include "dvsync/service/log.hpp"
#include "dvsync/service/metrics.hpp"
#include "dvsync/service/worker.hpp"

namespace dvsync::console {

// All are the caller's, and outlive the console.
struct Parts {
  service::Log& log;
  const service::Metrics& metrics;
  const service::DaemonState& state;
  const service::Progress& progress;
};

class Console {
 public:
  explicit Console(const Parts& parts);
  ~Console();  // ends every connection
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  // From now on. Never throws for what it cannot listen on: that is logged, and tried again.
  void serve(service::SharedConfiguration configuration);

 private:
  class Served;
  std::unique_ptr<Served> served_;
};

}  // namespace dvsync::console
