#pragma once
// The sync log of one environment as it is read: runs, changes, rejections. What can be long is read in pieces and
// handed on one by one.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dvsync/core/counters.hpp"
#include "dvsync/core/guid.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/core/run.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

struct LoggedRun {
  std::string environment;
  std::int64_t run_id = 0;
  std::string kind;
  std::string trigger;
  std::string outcome;  // empty: it is still running, or was cut off
  core::Timestamp started_at;
  std::optional<core::Timestamp> finished_at;
  std::string requested_by;
  core::Counters counters;
  std::vector<std::string> missing;
  std::vector<std::string> warnings;
  std::string detail;
  std::int64_t answers = 0;  // the run whose held decisions it carried out, or rejected, or that it undid; 0: none
  std::string comment = {};
  std::vector<std::string> held_because = {};  // the guard's arithmetic
  std::string why_full = {};                   // why everybody was looked at; empty: not everybody
  std::optional<core::RunPhases> phases = {};  // nullopt: it did not get to its end
  // How long the rows had been behind the directory at its end: no change waited longer. nullopt: they were in line
  // with no reading before, or are not with this one.
  std::optional<std::chrono::milliseconds> lag = {};
  std::string plan = {};  // the content hash of the saved plan it carried out
};

// A decision that a run was the first to hold, and what became of it.
struct LoggedHold {
  std::string object_id;
  std::string domainname;
  std::string guard_class;
  std::string action;
  std::string reason;
  std::string answer;  // approved, rejected; empty: nobody answered
  std::optional<core::Timestamp> answered_at;
  std::string answered_by;
  std::string comment;
  std::string ended;  // carried_out, not_wanted; empty: it waits, or stays rejected
  std::int64_t ended_run_id = 0;
};

struct LoggedChange {
  std::string environment;
  std::int64_t run_id = 0;
  core::Timestamp at;
  std::string action;
  std::string reason;
  std::string systemuserid;
  std::string object_id;
  std::string domainname;
  std::string requested_by;  // of its run
  std::string fields;        // JSON: {"column": [before, after]}; empty for a create, whose row is there to see
  std::vector<std::string> notes;
};

struct LoggedRejection {
  std::string environment;
  core::Timestamp since;
  std::string object_id;  // empty: the record did not even say whose it is
  std::string domainname;
  std::string place;
  std::string reason;
  std::string detail;
  std::int64_t first_run_id = 0;
  std::int64_t last_run_id = 0;
};

// Who asked for whom and was answered what: a client's request, or a command that was refused.
struct LoggedRequest {
  std::string environment = {};
  std::int64_t request_id = 0;
  core::Timestamp requested_at = {};
  std::optional<core::Timestamp> answered_at = {};
  std::string requested_by = {};
  std::string command = {};  // "user enable"; empty: a client asked
  std::string trigger = {};
  std::string user_name = {};  // as it was asked
  std::string object_id = {};  // as it was asked
  std::string decision = {};   // empty: it waits
  std::string access = {};     // yes, no
  std::string reason = {};
  std::string detail = {};
  std::string systemuserid = {};
  std::int64_t run_id = 0;
};

// A length of time before now by the server's clock, or a moment.
using Since = std::variant<std::chrono::seconds, core::Timestamp>;

// A user's rows: today's by object id, and others by their own ids.
struct LoggedUser {
  std::optional<core::Guid> object_id;
  std::vector<core::Guid> systemuserids = {};
  std::vector<std::string> names = {};  // that requests may have asked for them by
};

struct LogFilter {
  std::optional<std::int64_t> run_id = {};
  std::optional<LoggedUser> user = {};
  std::optional<Since> since = {};
  std::optional<Since> until = {};
  std::string by = {};       // who asked for the run; empty: anybody
  std::string outcome = {};  // of the run, or `running`; empty: any
  std::vector<std::string> actions = {};
  std::vector<std::string> reasons = {};
  bool refused = false;     // of requests: those that were refused
  std::int64_t limit = 0;   // the newest so many; 0: all
  bool background = false;  // without what was done on demand
};

// Throws StoreError. The session is the caller's, and outlives this. No statement goes on while what it found is told.
class LogReader {
 public:
  LogReader(Connection& environment, std::string name) : environment_(environment), name_(std::move(name)) {}

  [[nodiscard]] const std::string& name() const { return name_; }

  // Oldest first; one more than `limit` where there are more. What the filter says of changes does not count.
  [[nodiscard]] std::vector<LoggedRun> runs(const LogFilter& filter);
  // Run by run, in the order in which they were made; however many. `take` says whether to go on.
  void changes(const LogFilter& filter, const std::function<bool(const LoggedChange&)>& take);
  // The newest of them, oldest first; one more than `limit` where there are more.
  [[nodiscard]] std::vector<LoggedChange> newest_changes(const LogFilter& filter);
  [[nodiscard]] core::Timestamp now();  // by the server's clock
  // Those that the run held first, at most so many.
  [[nodiscard]] std::vector<LoggedHold> holds_of(std::int64_t run_id, std::int64_t most);
  void rejections(const LogFilter& filter, const std::function<bool(const LoggedRejection&)>& take);
  // By the time they were asked, the newest `limit` of them, oldest first; one more where there are more.
  [[nodiscard]] std::vector<LoggedRequest> requests(const LogFilter& filter);
  // Those whose answers are older, at most so many. On a session that has row_security on.
  [[nodiscard]] std::vector<LoggedRequest> answered_before(std::chrono::seconds age, std::int64_t most);
  // When the first and the last run began that the log has; nullopt: it has none.
  [[nodiscard]] std::optional<std::pair<core::Timestamp, core::Timestamp>> range();

 private:
  // A part of sync_change that one statement reads.
  struct Slice {
    std::vector<std::int64_t> runs;
    std::int64_t first_batch = 0;
    std::int64_t last_batch = 0;
    std::int64_t lines = 0;
  };
  [[nodiscard]] std::vector<Slice> slices(const LogFilter& filter);
  [[nodiscard]] std::vector<Slice> slices_of_run(std::int64_t run_id);
  [[nodiscard]] Rows newest_of(const LogFilter& filter, const std::string& part, std::int64_t most);
  bool tell_slice(const LogFilter& filter, const Slice& slice, const std::function<bool(const LoggedChange&)>& take);

  Connection& environment_;
  std::string name_;
};

// A column that was selected by array_to_json(); null: empty.
[[nodiscard]] std::vector<std::string> texts_at(const Rows& rows, int row, int column);

}  // namespace dvsync::store
