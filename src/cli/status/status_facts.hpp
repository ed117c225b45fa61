#pragma once
// Where everything stands: the mirror, who works, and each environment. What `dvsync status` tells.

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/identity.hpp"
#include "log/log_entries.hpp"
#include "sync/held.hpp"

namespace dvsync::cli {

struct MirrorStatus {
  std::optional<std::string> directory;  // nullopt: never read
  std::int64_t version = 0;
  std::int64_t identities = 0;
  std::optional<core::Timestamp> pulled_at;
  std::optional<std::int64_t> pulled_seconds_ago;
  bool listing_complete = false;
  std::int64_t rejected_records = 0;
  std::optional<std::string> working;  // who holds the lease
  std::optional<std::int64_t> next_run_seconds =
      {};  // a daemon has it, and runs again in about as long; 0: it runs now
};

struct EnvironmentStatus {
  std::string name;
  std::string error;  // why nothing is known of it; all else is then empty
  std::optional<LoggedRun> last_run;
  std::optional<std::int64_t> ended_seconds_ago;
  std::optional<std::int64_t> in_line_seconds_ago;  // since a run of everybody, or of what changed, went through
  std::optional<std::int64_t>
      watermark;              // the mirror version it is in line with; nullopt: none yet, or of another mirror
  std::int64_t behind = 0;    // identities that moved since
  std::int64_t failures = 0;  // runs since the last one that went through
  std::vector<HeldDecisions> held;
  std::int64_t approved = 0;  // released, and not carried out yet
  std::int64_t rejected = 0;
};

struct Status {
  MirrorStatus mirror;
  std::vector<EnvironmentStatus> environments;
  int exit_code = 0;  // of what could not be reached
};

// An environment that cannot be asked says so in `error`. Throws StoreError where the mirror cannot be asked.
[[nodiscard]] Status read_status(const config::Configuration& configuration);

}  // namespace dvsync::cli
