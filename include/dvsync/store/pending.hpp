#pragma once
// Changes that wait: counted by the guard at the end of their run, then executed or held (docs/rules.md D8, D12).

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/core/guard.hpp"
#include "dvsync/core/guid.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/store/postgres/connection.hpp"
#include "dvsync/store/run_log.hpp"

namespace dvsync::store {

struct Waiting {
  core::Guid object_id;
  core::GuardClass guard_class = core::GuardClass::stated;
  bool approved = false;
  bool held = false;
};

[[nodiscard]] inline core::GuardStanding standing_of(const Waiting& decision) {
  if (decision.approved) return core::GuardStanding::approved;
  return decision.held ? core::GuardStanding::held : core::GuardStanding::fresh;
}

// Decisions that nobody approved, by class. What this run wants is new, or held by an earlier run as well; `elsewhere`
// is what earlier runs hold and this run does not want, or has not looked at.
struct WaitingCounts {
  ClassCounts fresh{};
  ClassCounts held{};
  ClassCounts elsewhere{};
  ClassCounts declined{};  // by an operator: nobody waits for them
};
[[nodiscard]] WaitingCounts count_waiting(Connection& environment, std::int64_t run_id);
// Whether there is anything the guard may have to count, and whether this run wants any of it.
struct PendingThere {
  bool any = false;
  bool own = false;
};
[[nodiscard]] PendingThere find_pending(Connection& environment, std::int64_t run_id);
// What went past the guard within the window.
[[nodiscard]] ClassCounts count_passed(Connection& environment, std::chrono::seconds window);
// What was rejected by an operator within the window, and is rejected still.
[[nodiscard]] ClassCounts count_declined(Connection& environment, std::chrono::seconds window);
// Enabled rows that gate 0 lets through, now; not counted beyond `most`.
[[nodiscard]] std::int64_t count_enabled_rows(Connection& environment, std::int64_t most);

// The guard's own lock, until the transaction ends: between counting and committing, nobody else counts. A run waits
// for it; whoever works beside a run only tries, so that they never wait for each other. False: somebody else has it.
void take_guard(Connection& environment);
[[nodiscard]] bool try_take_guard(Connection& environment);
// Forgets these decisions, which run `run_id` carried out.
void forget_carried_out(Connection& environment, std::int64_t run_id, const std::vector<core::Guid>& object_ids);

// Marks what this run wants in `guard_class` as held, under the id of the first run that held it.
void hold(Connection& environment, std::int64_t run_id, core::GuardClass guard_class);

// Decisions that this run could not look at anew: they wait on, and count as wanted by it.
void keep_waiting(Connection& environment, std::int64_t run_id, const std::vector<core::Guid>& object_ids);

// The next of those this run wants, in the order of their ids.
[[nodiscard]] std::vector<Waiting> next_waiting(Connection& environment, std::int64_t run_id, const core::Guid& after,
                                                int limit);
// What is held or approved now, of all or of these: every run decides it again.
[[nodiscard]] std::vector<Waiting> held_decisions(Connection& environment);
[[nodiscard]] bool holds_anything(Connection& environment);
[[nodiscard]] std::vector<Waiting> held_among(Connection& environment, const std::vector<core::Guid>& object_ids);

// Which decisions a run has looked at anew.
struct Settled {
  bool approved_only = false;
  bool own_only = false;  // what it wanted itself, and nothing of what earlier runs wanted
  std::optional<core::Guid> only = {};
  std::vector<core::Guid> unapplied = {};  // approved, and not carried out: the approval stands
};
// Forgets what was carried out, and what is no longer wanted. What `run_id` wants in a held class stays, and so does
// what was decided beside it, under a later run id.
void settle(Connection& environment, std::int64_t run_id, const std::array<bool, core::guard_class_count>& held_classes,
            const Settled& settled);

// An operator's word on what run `run_id` holds; of these users, or of all.
struct HoldAnswer {
  std::int64_t run_id = 0;
  std::string by;
  std::string comment = {};
  std::vector<core::Guid> only = {};
};
// Releases it. Returns how many decisions.
std::int64_t approve(Connection& environment, const HoldAnswer& answer);
// Rejects it: the rows keep their state, and the decision is not asked for again while the same is decided. Logged
// under `log_as`, in one transaction. Returns how many decisions.
std::int64_t decline(Connection& environment, const HoldAnswer& answer, std::int64_t log_as);
// The same of what the caller's transaction holds for the first time, under its own run.
std::int64_t decline_own(Connection& environment, const HoldAnswer& answer);
// Whom of those that `run_id` holds a user name or an object id means.
[[nodiscard]] std::vector<core::Guid> held_users(Connection& environment, std::int64_t run_id, const std::string& word);

struct Declined {
  core::Guid object_id;
  core::GuardClass guard_class = core::GuardClass::stated;
  std::string reason;
};
[[nodiscard]] std::vector<Declined> declined_decisions(Connection& environment);
// Run `run_id` decided otherwise about these users: what was rejected is over.
void forget_declined(Connection& environment, std::int64_t run_id, const std::vector<core::Guid>& object_ids);

}  // namespace dvsync::store
