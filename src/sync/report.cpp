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

void CommittedChanges::add(const core::Change& change, const std::vector<std::string>& notes) {
  ++counted[{change.action, change.reason}];
  if (listed.size() >= most_listed) return;
  const auto& row = change.action == core::Decision::create ? change.after : change.before;
  listed.push_back({change.action, change.reason, change.object_id, row[core::Column::domainname], notes});
}

}  // namespace dvsync::sync
