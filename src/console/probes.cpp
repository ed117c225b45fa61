#include "probes.hpp"

#include "dvsync/service/daemon.hpp"

namespace dvsync::console {

// As systemd's watchdog judges it.
Answer healthz(const service::DaemonStanding& standing, std::chrono::nanoseconds idle) {
  const bool hangs = standing.running && idle >= service::longest_silence;
  return hangs ? plain_text(503, "a run hangs\n") : plain_text(200, "ok\n");
}

Answer readyz(const service::DaemonStanding& standing) {
  const bool ready = service::is_ready(standing);
  return plain_text(ready ? 200 : 503, std::string(service::name_of(standing.phase)) + "\n");
}

}  // namespace dvsync::console
