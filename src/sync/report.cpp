#include "dvsync/sync/report.hpp"

#include <sysexits.h>

namespace dvsync::sync {

int RunReport::exit_code() const {
  if (!pull_error.empty()) return EX_UNAVAILABLE;
  bool again = false;
  for (const auto& environment : environments) {
    if (environment.unavailable) return EX_UNAVAILABLE;
    again = again || environment.outcome != store::Outcome::succeeded;
  }
  return again ? EX_TEMPFAIL : 0;
}

}  // namespace dvsync::sync
