#pragma once
// /healthz and /readyz: for supervisors and load balancers. They tell nothing that is not everybody's business.

#include <chrono>

#include "dvsync/service/daemon_state.hpp"
#include "message.hpp"

namespace dvsync::console {

// `idle`: since the worker last got on with something.
[[nodiscard]] Answer healthz(const service::DaemonStanding& standing, std::chrono::nanoseconds idle);
[[nodiscard]] Answer readyz(const service::DaemonStanding& standing);

}  // namespace dvsync::console
