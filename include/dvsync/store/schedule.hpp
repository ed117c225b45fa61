#pragma once
// The schedule that daemons on one mirror share, and the wishes of commands that wait for the lease. All times are the
// server's, given as ages: no two machines have to agree on the time.

#include <chrono>
#include <optional>
#include <string>

#include "dvsync/store/lease.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

struct ScheduleState {
  std::int64_t fence = 0;       // the lease's
  bool free = false;            // nobody holds the lease, as Lease::try_take() judges
  std::string holder = {};      // else who
  bool daemon_known = false;    // a daemon held the lease at some time
  bool held_by_daemon = false;  // one does now: it works, or waits for its next run
  bool running = false;         // its run is under way

  std::optional<std::chrono::seconds> since_run = {};   // since the last run of a daemon began
  std::optional<std::chrono::seconds> since_full = {};  // since the last full one that went through began
  bool last_succeeded = false;                          // the last run went through: it neither failed nor was killed
  bool last_full = false;

  std::optional<std::string> wanted_by = {};  // a command that waits now
};

[[nodiscard]] ScheduleState read_schedule(Connection& mirror);

// A daemon has the lease.
void note_daemon(Connection& mirror, const Lease& lease);
void note_run_begins(Connection& mirror, bool full);
void note_run_ends(Connection& mirror, bool succeeded);

// A command wants the lease: to be said again at least every second, for as long as it waits.
void request_lease(Connection& mirror, const std::string& name);
void withdraw_request(Connection& mirror);

}  // namespace dvsync::store
