#pragma once
// Planning: facts go in, and one change or none comes out. A change is a value that carries its own log line: the same
// value is executed, printed or held back. Pure: no I/O, no clock, no randomness.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "dvsync/core/eligibility.hpp"
#include "dvsync/core/environment.hpp"
#include "dvsync/core/field_mapping.hpp"
#include "dvsync/core/identity.hpp"
#include "dvsync/core/reason.hpp"
#include "dvsync/core/rejection.hpp"
#include "dvsync/core/system_user.hpp"

namespace dvsync::core {

enum class Decision : std::uint8_t { create, enable, disable, update, keep, ignore, refuse };
[[nodiscard]] std::string_view name_of(Decision decision);
[[nodiscard]] std::optional<Decision> decision_named(std::string_view name);

// The classes of the guard (docs/rules.md D8, D12): changes that may have to wait for an operator.
enum class GuardClass : std::uint8_t {
  stated,        // the directory states it: account_disabled, soft_deleted
  absent,        // not_in_directory
  disqualified,  // gates 3 and 4
  admitted,      // creates and enables after a change of rules (D12)
  access,        // security roles or teams are taken from a user who stays (D20)
};
inline constexpr std::size_t guard_class_count = 5;
[[nodiscard]] std::string_view name_of(GuardClass guard_class);
[[nodiscard]] std::optional<GuardClass> guard_class_named(std::string_view name);

struct Change {
  Decision action = Decision::update;  // create, enable, disable or update
  Reason reason = Reason::entitled;
  Guid object_id;
  SystemUser before;  // all defaults for a create
  SystemUser after;   // whole: what the row holds once this is executed; systemuserid is the executor's for a create
  Columns columns;    // in which before and after differ
  std::vector<std::string> roles_before;  // by name, where before and after differ in them
  std::vector<std::string> roles_after;
  std::vector<std::string> teams_before;  // the same of group teams
  std::vector<std::string> teams_after;
  Columns cut;                        // of these, the text columns whose value was cut at the column's length (D9)
  bool invitation_required = false;   // a re-enabled user needs a new invitation
  std::optional<GuardClass> guarded;  // this change must wait for the end of the run, where the guard counts
};

struct Planned {
  Evaluation evaluation;
  Decision decision = Decision::keep;
  Reason reason = Reason::entitled;  // of the decision: the evaluation's, or manually_disabled, no_license_kept …
  // Whether the user may enter once the change is executed: the row is enabled then, and gates 0 and 1 do not ignore
  // it.
  bool access = false;
  std::optional<Decision> withheld;  // what `withhold_transition` left out
  std::optional<Change> change;
  std::optional<Rejection> rejection;
  std::optional<Reason> missing;  // the fact for lack of which the row kept its state (D7)
  // Bookkeeping for `until_edited`, to be stored with the change (or without one).
  std::vector<WrittenColumn> written;
};

struct PlanOptions {
  Trigger trigger = Trigger::background;
  bool guard_admissions = false;  // D12: creates and enables are guarded as well
  // The guard holds this user back (D8): the change does everything but the transition. A create is left out
  // altogether.
  bool withhold_transition = false;
};

// Decision and change agree: create, enable and disable are the change's action; `update` has a change with that
// action; `keep` and `ignore` have none. `refuse` (a row that stays disabled, on_demand and first_access) may have one
// with action `update`: what the rules write to a row they write under every trigger.
//
// `row` is null where the environment has none for this identity; it must belong to the identity
// (azureactivedirectoryobjectid == object_id) otherwise. `written` is empty unless a policy is until_edited.
[[nodiscard]] Planned plan(const Environment& environment, const PlanOptions& options, const Identity& identity,
                           const SystemUser* row, const std::vector<WrittenColumn>& written = {});

// A placeholder (a stub) that has no role at all gets the one that the environment names for them (D18), enabled or
// not; nullopt: its business unit has no such role. No user of the directory stands behind it, so the change's
// `object_id` is the row's own id.
[[nodiscard]] std::optional<Change> plan_stub(const Environment& environment, const SystemUser& row);

}  // namespace dvsync::core
