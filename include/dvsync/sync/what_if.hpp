#pragma once
// What if: who would gain access, and who would lose it, under another configuration, or without a group or a user.
// Everybody is evaluated twice against the mirror and the rows as they are: as things stand, and as they would be. The
// directory is not read, and nothing is written.

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::sync {

struct WhatIf {
  const config::Configuration* configuration = nullptr;  // instead of the present one; nullptr: none
  std::vector<std::string> without_groups = {};          // as if nobody were in them: names, object ids or DNs
  std::vector<core::Guid> without_users = {};            // as if the directory had them no more
};

// Whether the next sync lets a user in, and why.
struct Access {
  bool access = false;
  core::Decision decision = core::Decision::keep;
  core::Reason reason = core::Reason::entitled;
};
struct AccessChange {
  core::Guid object_id;
  core::Text user;
  Access now;
  Access then;
};

struct WhatIfEnvironment {
  std::string name;
  std::int64_t gain = 0;
  std::int64_t lose = 0;
  std::string note = {};                       // why it was not compared
  std::vector<std::string> held_because = {};  // what the guard would say of the first run
  std::vector<std::string> missing = {};       // facts without which users were left as they are
  std::string error = {};
  FailureCause cause = FailureCause::none;
};

// What happens meanwhile, and who would gain or lose; one call at a time.
class WhatIfObserver {
 public:
  virtual ~WhatIfObserver() = default;
  virtual void begins(const std::string& /*environment*/) {}
  virtual void differs(const AccessChange&) {}
  virtual void ends(const WhatIfEnvironment&) {}
};

// In these environments of the present configuration; empty: all, and those that only the other one has. Throws
// UsageError: an unknown environment or group; StoreError of the mirror, Interrupted.
[[nodiscard]] std::vector<WhatIfEnvironment> what_if(const config::Configuration& present, const WhatIf& other,
                                                     const std::vector<std::string>& environments,
                                                     WhatIfObserver& observer, std::stop_token stop);

}  // namespace dvsync::sync
