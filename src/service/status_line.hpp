#pragma once
// What `systemctl status` shows of the daemon, in one line. Private to service.

#include <chrono>
#include <string>

#include "dvsync/service/worker.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::service {

[[nodiscard]] const char* name_of(Kind kind);

// "run 17 (incremental) succeeded: 3 created"
[[nodiscard]] std::string status_of(const sync::RunReport& report, Kind kind);

// `last` and when the next run is due: "no run yet; next run at 14:05:09".
[[nodiscard]] std::string status_until_next(const std::string& last, std::chrono::nanoseconds wait);

}  // namespace dvsync::service
