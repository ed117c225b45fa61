#include "dvsync/sync/report.hpp"

#include <sysexits.h>

#include <algorithm>

namespace dvsync::sync {

int exit_code_of(FailureCause cause) {
  switch (cause) {
    case FailureCause::denied:
      return EX_NOPERM;
    case FailureCause::configuration:
      return EX_CONFIG;
    case FailureCause::refused:
      return EX_DATAERR;
    case FailureCause::incomplete:
      return EX_TEMPFAIL;
    case FailureCause::unavailable:
      return EX_UNAVAILABLE;
    case FailureCause::none:
      break;
  }
  return 0;
}

int RunReport::exit_code() const {
  if (!pull_error.empty()) return exit_code_of(pull_cause);
  auto worst = FailureCause::none;
  std::size_t failed = 0;
  bool again = false;
  for (const auto& environment : environments) {
    worst = std::max(worst, environment.cause);
    failed += environment.cause == FailureCause::none ? 0 : 1;
    again = again || environment.outcome != store::Outcome::succeeded;
  }
  // One environment's trouble is not the run's: it says that a part could not be served.
  if (failed > 0) return failed == environments.size() ? exit_code_of(worst) : EX_UNAVAILABLE;
  return again ? EX_TEMPFAIL : 0;
}

void CommittedChanges::add(const core::Change& change, const std::vector<std::string>& notes) {
  ++counted[{change.action, change.reason}];
  if (listed.size() >= most_listed) return;
  const auto& row = change.action == core::Decision::create ? change.after : change.before;
  listed.push_back({change.action, change.reason, change.object_id, row[core::Column::domainname], notes});
}

}  // namespace dvsync::sync
