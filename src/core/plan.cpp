#include "dvsync/core/plan.hpp"

#include <string_view>
#include <utility>

#include "transition.hpp"

namespace dvsync::core {
namespace {

// Everything one planning looks at.
struct Case {
  const Environment& environment;
  const PlanOptions& options;
  const Identity& identity;
  const SystemUser* row;
  const Evaluation& evaluation;
  TransitionDecision decided;
  bool rejected;

  // The guard holds the user back.
  [[nodiscard]] bool withheld() const { return options.withhold_transition && decided.transition != Transition::none; }
  [[nodiscard]] Transition done() const { return withheld() ? Transition::none : decided.transition; }
  // Whether the row gets what only goes with an enabled one. A disable that is held changes nothing of that: the row
  // gets what it would get with the disable, but for the disable (D8).
  [[nodiscard]] bool leaves_enabled(bool isdisabled) const {
    return !isdisabled && decided.transition != Transition::disable;
  }
};

bool is_ignored_row(const Evaluation& evaluation) {
  return evaluation.deciding == Gate::row_type || evaluation.deciding == Gate::environment;
}

// Gates 0 and 1 leave the row alone; so does a directory that has told next to nothing about the user.
bool is_out_of_reach(const Evaluation& evaluation) {
  return is_ignored_row(evaluation) || evaluation.result(Gate::directory).outcome == GateOutcome::unknown;
}

Decision decision_for(Transition transition) {
  switch (transition) {
    case Transition::create:
      return Decision::create;
    case Transition::enable:
      return Decision::enable;
    case Transition::disable:
      return Decision::disable;
    case Transition::none:
      break;
  }
  return Decision::update;
}

// D11, D9: whether the fields follow. A soft delete that shows only the id leaves the last known values.
bool fields_follow(const Case& facts) {
  return !facts.rejected && facts.identity.lifecycle != Lifecycle::gone && has_user_name(facts.identity);
}

// A rejected identity may lose administrative mode, but nothing is given to it (D9).
AccessSetting access_of(const Case& facts) {
  const AccessSetting setting = access_of_row(facts.environment, facts.identity, *facts.row);
  if (facts.rejected && setting.setupuser) {
    return {.accessmode = facts.row->accessmode, .setupuser = facts.row->setupuser};
  }
  return setting;
}

// isdisabled, disabledreason, invitestatuscode and the access mode.
void follow_decision(const Case& facts, StatusColumns& status) {
  const RowState state = state_of(facts.row);
  if (facts.done() == Transition::disable) status.isdisabled = true;
  if (facts.done() == Transition::enable) {
    status.isdisabled = false;
    status.invitestatuscode = 0;
  }
  const bool is_enabled = facts.leaves_enabled(status.isdisabled);
  const bool qualifies = facts.evaluation.outcome == GateOutcome::passed;
  if (is_enabled || (state == RowState::disabled_otherwise && qualifies)) status.access = access_of(facts);

  if (is_enabled) status.set_reason({});
  const bool by_sync = state == RowState::disabled_by_sync || facts.done() == Transition::disable;
  // Under another reason the failure does not count: no_license_kept (D6).
  const bool fails = facts.evaluation.outcome == GateOutcome::failed && facts.decided.reason == facts.evaluation.reason;
  if (by_sync && fails) status.set_reason(code_of(facts.evaluation.reason));
}

// D18. Who is gone keeps what there is, and a record that cannot be used says nothing.
RowRoles roles_of(const Case& facts, bool enabled, const RowRoles& before) {
  if (!facts.environment.roles.any() || facts.rejected || facts.identity.lifecycle != Lifecycle::present) return before;
  const Reason reason = facts.decided.reason;
  const bool lost_licence = reason == Reason::no_license || reason == Reason::guest_no_license;
  return roles_in_line(facts.environment.roles,
                       {.by_plans = facts.identity.plan_roles,
                        .administrator = is_administrator(facts.identity, facts.row),
                        .enabled = enabled,
                        .lost_licence = !enabled && lost_licence,
                        .withheld = facts.options.withhold_transition},
                       before);
}

// D19. Members enter at access, which a disabled row does not have.
TeamSet teams_of(const Case& facts, bool enabled, const TeamSet& before) {
  const auto& rules = facts.environment.teams;
  const bool follows = rules.follow == GroupTeams::background ||
                       (rules.follow == GroupTeams::first_access && facts.options.trigger == Trigger::first_access);
  if (!follows || !rules.any() || facts.rejected || facts.identity.lifecycle != Lifecycle::present) return before;
  return teams_in_line(facts.identity.teams, before, enabled, !facts.options.withhold_transition);
}

// What a row may be reached with besides itself.
struct Access {
  RowRoles roles;
  TeamSet teams;

  [[nodiscard]] bool is_of(const SystemUser& row) const { return roles == row.roles && teams == row.teams; }
  [[nodiscard]] bool takes_from(const SystemUser& row) const {
    return (row.roles.held & ~roles.held) != 0 || !without(row.teams, teams).empty();
  }
};

Access access_in_line(const Case& facts, bool enabled, const SystemUser& row) {
  return {.roles = roles_of(facts, enabled, row.roles), .teams = teams_of(facts, enabled, row.teams)};
}

void set_access(const Environment& environment, Access access, Change& change) {
  if (access.roles != change.before.roles) {
    change.roles_before = names_of(environment.roles, change.before.roles.held);
    change.roles_after = names_of(environment.roles, access.roles.held);
  }
  if (access.teams != change.before.teams) {
    change.teams_before = names_of(environment.teams, change.before.teams);
    change.teams_after = names_of(environment.teams, access.teams);
  }
  change.after.roles = access.roles;
  change.after.teams = std::move(access.teams);
}

std::optional<GuardClass> guard_class_of(const Case& facts) {
  switch (facts.done()) {
    case Transition::none:
      return std::nullopt;
    case Transition::create:
    case Transition::enable:
      return facts.options.guard_admissions ? std::optional{GuardClass::admitted} : std::nullopt;
    case Transition::disable:
      break;
  }
  const Reason reason = facts.decided.reason;
  if (reason == Reason::not_in_directory) return GuardClass::absent;
  const bool stated = reason == Reason::account_disabled || reason == Reason::soft_deleted;
  return stated ? GuardClass::stated : GuardClass::disqualified;
}

Change change_of(const Case& facts) {
  Change change;
  change.action = decision_for(facts.done());
  change.reason = facts.decided.reason;
  change.object_id = facts.identity.object_id;
  if (facts.row != nullptr) change.after = change.before = *facts.row;
  change.invitation_required = facts.done() == Transition::enable;
  change.guarded = guard_class_of(facts);
  return change;
}

void plan_create(const Case& facts, Planned& planned) {
  Change& change = planned.change.emplace(change_of(facts));
  SystemUser& row = change.after;
  row.azureactivedirectoryobjectid = facts.identity.object_id;
  map_for_create(facts.environment.mapping, facts.identity, row, change.cut, planned.written);
  row.islicensed = facts.identity.licence && facts.identity.licence->full;
  const AccessSetting access = access_of_new_row(facts.environment, facts.identity);
  row.accessmode = access.accessmode;
  row.setupuser = access.setupuser;
  row.roles.available = facts.environment.roles.available;
  set_access(facts.environment, access_in_line(facts, true, row), change);
  change.columns = difference(change.before, change.after);
}

void plan_existing(const Case& facts, const std::vector<WrittenColumn>& known, Planned& planned) {
  const FieldMapping& mapping = facts.environment.mapping;
  const StatusColumns before = status_columns_of(*facts.row);
  StatusColumns status = before;
  Columns outdated;
  status.follow_lifecycle(facts.identity);
  if (fields_follow(facts)) {
    outdated = outdated_fields(mapping, facts.identity, *facts.row, known, planned.written);
    if (facts.identity.licence) status.islicensed = facts.identity.licence->full;
  }
  follow_decision(facts, status);
  Access access = access_in_line(facts, facts.leaves_enabled(status.isdisabled), *facts.row);
  if (outdated.empty() && status == before && access.is_of(*facts.row)) return;

  Change& change = planned.change.emplace(change_of(facts));
  status.write_to(change.after);
  write_fields(mapping, facts.identity, outdated, change.after, change.cut);
  // D20: whoever is disabled is counted as such.
  if (change.action == Decision::update && access.takes_from(*facts.row)) change.guarded = GuardClass::access;
  set_access(facts.environment, std::move(access), change);
  change.columns = difference(change.before, change.after);
}

void plan_change(const Case& facts, const std::vector<WrittenColumn>& known, Planned& planned) {
  if (facts.withheld()) planned.withheld = decision_for(facts.decided.transition);
  if (facts.row != nullptr) {
    plan_existing(facts, known, planned);
  } else if (facts.done() == Transition::create) {
    plan_create(facts, planned);
  }
}

Decision decision_of(const Case& facts, const Planned& planned) {
  if (planned.change && planned.change->action != Decision::update) return planned.change->action;
  const bool ignored = facts.row == nullptr || is_ignored_row(facts.evaluation);
  const bool asked = facts.options.trigger != Trigger::background;
  if (asked && (ignored || facts.row->isdisabled)) return Decision::refuse;
  if (ignored) return Decision::ignore;
  return planned.change ? Decision::update : Decision::keep;
}

bool grants_access(const Case& facts, const Planned& planned) {
  if (planned.change) return !planned.change->after.isdisabled;
  return facts.row != nullptr && !facts.row->isdisabled && !is_ignored_row(facts.evaluation);
}

}  // namespace

std::string_view name_of(Decision decision) {
  using enum Decision;
  switch (decision) {
    case create:
      return "create";
    case enable:
      return "enable";
    case disable:
      return "disable";
    case update:
      return "update";
    case keep:
      return "keep";
    case ignore:
      return "ignore";
    case refuse:
      return "refuse";
  }
  return {};
}

std::string_view name_of(GuardClass guard_class) {
  using enum GuardClass;
  switch (guard_class) {
    case stated:
      return "stated";
    case absent:
      return "absent";
    case disqualified:
      return "disqualified";
    case admitted:
      return "admitted";
    case access:
      return "access";
  }
  return {};
}

std::optional<Decision> decision_named(std::string_view name) {
  for (auto d = 0; d <= static_cast<int>(Decision::refuse); ++d) {
    if (name_of(static_cast<Decision>(d)) == name) return static_cast<Decision>(d);
  }
  return std::nullopt;
}

std::optional<GuardClass> guard_class_named(std::string_view name) {
  for (std::size_t c = 0; c < guard_class_count; ++c) {
    if (name_of(static_cast<GuardClass>(c)) == name) return static_cast<GuardClass>(c);
  }
  return std::nullopt;
}

Planned plan(const Environment& environment, const PlanOptions& options, const Identity& identity,
             const SystemUser* row, const std::vector<WrittenColumn>& written) {
  Planned planned;
  planned.evaluation = evaluate(environment, options.trigger, identity, row);
  planned.rejection = rejection_of(identity);
  const Case facts{
      .environment = environment,
      .options = options,
      .identity = identity,
      .row = row,
      .evaluation = planned.evaluation,
      .decided = decide_transition(environment, options.trigger, planned.evaluation, row, planned.rejection),
      .rejected = planned.rejection.has_value()};
  planned.reason = facts.decided.reason;
  planned.missing = facts.decided.missing;
  if (!is_out_of_reach(planned.evaluation)) plan_change(facts, written, planned);
  planned.decision = decision_of(facts, planned);
  planned.access = grants_access(facts, planned);
  return planned;
}

std::optional<Change> plan_stub(const Environment& environment, const SystemUser& row) {
  if (!environment.roles.gives) return std::nullopt;
  const RoleSet gained = environment.roles.stub & row.roles.available & ~row.roles.held & ~row.roles.given;
  if (gained == 0) return std::nullopt;
  Change change;
  change.reason = Reason::stub_user;
  change.object_id = row.systemuserid;
  change.before = change.after = row;
  Access access{.roles = row.roles, .teams = row.teams};
  access.roles.held |= gained;
  access.roles.given |= gained;
  set_access(environment, std::move(access), change);
  return change;
}

}  // namespace dvsync::core
