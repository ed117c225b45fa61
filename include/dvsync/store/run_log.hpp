#pragma once
// The runs of one environment: where it stands, who may write, how each run began and ended.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/core/counters.hpp"
#include "dvsync/core/guid.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/core/run.hpp"
#include "dvsync/store/lease.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

using core::Outcome;
using core::RunKind;
using core::RunPhases;

struct EnvironmentState {
  std::optional<core::Guid> mirror_id;
  std::optional<std::int64_t> watermark;
  std::optional<core::Guid> mark;  // the mirror's, of that version
  std::optional<std::int64_t> rules_hash;
  std::optional<std::int64_t> knowledge_hash;
  std::optional<core::Timestamp> evaluated_at;
  std::optional<core::Timestamp> read_at;  // when the reading began that it is in line with
};

struct RunStart {
  std::int64_t run_id = 0;
  RunKind kind = RunKind::incremental;
  std::string trigger;
  std::string requested_by = {};
  std::int64_t mirror_version = 0;
  std::optional<core::Guid> mirror_mark = {};  // of that version
  std::int64_t answers = 0;                    // the run whose held decisions this one carries out; 0: none
  std::string comment = {};
  std::string plan = {};      // of `apply`: the content hash of the saved plan
  std::string why_full = {};  // why everybody is looked at; empty: not everybody
};

// Above `above`, and never given out before by this mirror.
[[nodiscard]] std::int64_t next_run_id(Connection& mirror, std::int64_t above = 0);
// The highest that the environment's log knows; 0: none.
[[nodiscard]] std::int64_t last_run_id(Connection& environment);

// Where the environment stands, without touching it (for plan and explain).
[[nodiscard]] EnvironmentState read_environment_state(Connection& environment);
// Whether the mirror is certain to know everything that moved since the environment was there. Not where one of the two
// was restored from a backup or failed over, or where the mirror has forgotten who left since.
[[nodiscard]] bool has_passed(Connection& mirror, const core::Guid& mirror_id, const EnvironmentState& state);

// The same of what was worked on since the last run that went through. A run that was cut off, or a request, wrote rows
// by facts that a failover may have lost.
[[nodiscard]] bool knows_what_was_worked_on(Connection& mirror, Connection& environment);

// Where the environment stands, and whether there is anything of what a run then asks for: most have none of it.
struct Standing {
  EnvironmentState state;
  bool worked_on_newer = false;  // somebody worked on facts newer than the last run that went through did
  bool touched = false;          // others changed rows
};
[[nodiscard]] Standing read_standing(Connection& environment);

// What waits in an environment for its next run. Where nothing does, nobody has to ask for it.
struct Waits {
  bool held = true;      // decisions that are held, or released
  bool declined = true;  // rejected by an operator
  bool rejected = true;  // users, or records, that could not be brought in line
};
[[nodiscard]] Waits read_waits(Connection& environment);

// The run that carried out the saved plan of this content hash here.
[[nodiscard]] std::optional<std::int64_t> run_that_applied(Connection& environment, const std::string& plan);

// Takes the environment under the lease's fence (waiting for a transaction of an earlier holder), marks runs that
// never ended as interrupted, and begins this one.
struct BegunRun {
  // That all of the run's transactions compare. The lease's may rise meanwhile, for another environment's sake.
  std::int64_t fence = 0;
  Waits waits;
};
BegunRun begin_run(Connection& environment, Lease& lease, const RunStart& start);

// What background runs did that were cut off, or go on, since the last one that went through: rows that were not
// created, or not enabled, "before the run" (D8).
struct UnfinishedRuns {
  std::int64_t created = 0;
  std::int64_t enabled = 0;
};
[[nodiscard]] UnfinishedRuns read_unfinished_runs(Connection& environment);

// Whether the environment has rows that gate 0 lets through and that no unfinished run created: then a change of rules
// guards who is admitted (D12). What requests created before the first run went through belongs to the first load.
[[nodiscard]] bool is_in_use(Connection& environment);

using ClassCounts = std::array<std::int64_t, core::guard_class_count>;

struct RunEnd {
  Outcome outcome = Outcome::succeeded;
  core::Counters counters;
  ClassCounts passed{};  // went past the guard without approval
  std::vector<std::string> missing = {};
  std::vector<std::string> warnings = {};
  std::string detail = {};
  std::vector<std::string> held_because = {};  // the guard's arithmetic, a sentence a class
  std::optional<RunPhases> phases = {};
  // When the reading began that the environment was in line with until now; nullopt: it was in line with none, or stays
  // where it was. What changed right after it waited until this run ends.
  std::optional<core::Timestamp> behind_since = {};
};
// Ends a run; inside the caller's transaction if there is one.
void end_run(Connection& environment, std::int64_t run_id, const RunEnd& end);

// Ends a run that failed or was stopped, with the counters of what it committed, which are returned. Notes one that
// failed before it began here, too; under the next free id if it has none (0).
core::Counters end_failed_run(Connection& environment, const RunStart& run, Outcome outcome, const std::string& detail);

// The new position, in the run's last transaction.
struct Position {
  core::Guid mirror_id;
  std::int64_t watermark = 0;
  std::optional<core::Guid> mark;
  std::int64_t rules_hash = 0;
  std::int64_t knowledge_hash = 0;
  core::Timestamp evaluated_at;
  std::optional<core::Timestamp> read_at = {};  // nullopt: as it was
};
void move_position(Connection& environment, const Position& position);

[[nodiscard]] std::vector<core::Guid> rejected_identities(Connection& environment);
// Forgets rejections that this run did not meet again; with `only`, those of one identity.
void forget_rejections(Connection& environment, std::int64_t run_id, const core::Guid* only);

}  // namespace dvsync::store
