#pragma once
// Where everything stands: the mirror, who works, and each environment. Facts only; service/health.hpp judges them.
// All ages are by the server's clock: no two machines have to agree on the time.

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dvsync/core/identity.hpp"
#include "dvsync/error.hpp"
#include "dvsync/store/alarms.hpp"
#include "dvsync/store/in_line.hpp"
#include "dvsync/store/log_reader.hpp"
#include "dvsync/store/postgres/connection.hpp"
#include "dvsync/store/schedule.hpp"
#include "dvsync/store/touched_rows.hpp"

namespace dvsync::store {

// Why nothing is known of a place: its database cannot be asked.
struct Unreachable {
  StoreError::Kind kind = StoreError::Kind::unavailable;
  std::string why;
};

struct MirrorStatus {
  std::optional<Unreachable> unreachable = {};  // all else is then empty
  std::optional<core::Guid> mirror_id = {};
  std::optional<std::string> directory = {};  // nullopt: never read
  std::int64_t version = 0;
  std::optional<core::Guid> mark = {};  // of that version
  std::int64_t identities = 0;
  std::optional<core::Timestamp> pulled_at = {};
  std::optional<std::chrono::seconds> pulled_ago = {};
  bool listing_complete = false;
  std::int64_t rejected_records = 0;
  ScheduleState schedule = {};
  InLineByName in_line = {};                 // environments that were not opened, as there was nothing to do
  std::vector<AlarmDeliveries> alarms = {};  // of the places that the configuration names
};

// Decisions of one class that one run was the first to hold, and that nobody approved.
struct HeldDecisions {
  std::int64_t run_id = 0;
  std::string guard_class;
  std::int64_t decisions = 0;
  core::Timestamp since = {};
  std::int64_t seconds = 0;  // held for as long
};

// Since when something has been so, run after run; the number of runs, or of what waits.
struct Lasting {
  std::int64_t count = 0;
  std::optional<std::chrono::seconds> age = {};
};

struct EnvironmentStatus {
  std::string name;
  std::optional<Unreachable> unreachable = {};  // all else is then empty
  std::optional<LoggedRun> last_run = {};       // of the background
  std::optional<std::chrono::seconds> ended_ago = {};
  std::optional<std::chrono::seconds> in_line_ago = {};  // since a run of everybody, or of what changed, went through
  std::optional<std::int64_t> watermark =
      {};                                 // the mirror version it is in line with; nullopt: none, or of another mirror
  std::int64_t behind = 0;                // identities that moved since
  Lasting failures = {};                  // runs since the last one that went through
  std::string last_failure = {};          // why the latest of them failed
  Lasting incomplete = {};                // runs since the last one that knew all it needed
  std::vector<std::string> missing = {};  // what the latest of them did not know
  std::vector<HeldDecisions> held = {};
  std::int64_t approved = 0;  // released, and not carried out yet
  RowWatch row_watch = {};
  Lasting rejected = {};  // users, or records, that cannot be brought in line
};

// How far environments are behind the mirror. What is the same for many of them is asked once. Any thread may call.
class Lag {
 public:
  // Both are the caller's, and outlive this.
  Lag(Connection& mirror, const MirrorStatus& status) : mirror_(mirror), status_(status) {}
  // Of the environment that stands there by its own tables. Throws StoreError.
  void tell(const EnvironmentState& own, EnvironmentStatus& status);

 private:
  [[nodiscard]] bool has_passed(const EnvironmentState& state);
  [[nodiscard]] std::int64_t behind(std::int64_t watermark);

  std::mutex mutex_;
  Connection& mirror_;
  const MirrorStatus& status_;
  std::map<std::pair<std::int64_t, core::Guid>, bool> passed_;
  std::map<std::int64_t, std::int64_t> behind_;
};

// Throw StoreError. `lag`: nullptr: the mirror cannot be asked, and the lag is not known.
[[nodiscard]] MirrorStatus read_mirror_status(Connection& mirror);
[[nodiscard]] EnvironmentStatus read_environment_status(Connection& environment, const std::string& name, Lag* lag);

[[nodiscard]] std::vector<HeldDecisions> read_held(Connection& environment);

}  // namespace dvsync::store
