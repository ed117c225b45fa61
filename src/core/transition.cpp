#include "transition.hpp"

namespace dvsync::core {
namespace {

constexpr auto read_write = static_cast<std::int16_t>(AccessMode::read_write);
constexpr auto administrative = static_cast<std::int16_t>(AccessMode::administrative);

// D6. It never applies to rows that carry the mark of an unlicensed administrator.
bool keeps_despite_licence(const Environment& environment, const Evaluation& evaluation, const SystemUser* row) {
  return environment.on_license_loss == OnLicenseLoss::keep && evaluation.outcome == GateOutcome::failed &&
         evaluation.deciding == Gate::licence && row != nullptr && !row->setupuser;
}

// D5: whether an M row is enabled once its user qualifies.
bool overcomes_manual_disable(ManualDisable policy, Trigger trigger) {
  switch (policy) {
    case ManualDisable::until_access:
      return trigger != Trigger::background;
    case ManualDisable::sticky:
      return false;
    case ManualDisable::override_:
      return true;
  }
  return false;
}

// The user qualifies, so the row should be there and enabled.
TransitionDecision decide_admission(const Environment& environment, Trigger trigger, Reason reason, RowState state,
                                    const std::optional<Rejection>& rejection) {
  if (state == RowState::enabled) return {.reason = reason};
  if (state == RowState::disabled_otherwise && !overcomes_manual_disable(environment.manual_disable, trigger)) {
    return {.reason = Reason::manually_disabled};
  }
  if (rejection) return {.reason = rejection->reason};
  return {.transition = state == RowState::none ? Transition::create : Transition::enable, .reason = reason};
}

// Only gates 2, 3 and 4 disable: gates 0 and 1 leave rows alone, and gate 5 asks about users without one.
bool disables(const Evaluation& evaluation, RowState state) {
  const bool may_disable = evaluation.deciding == Gate::directory || evaluation.deciding == Gate::security_group ||
                           evaluation.deciding == Gate::licence;
  return may_disable && state == RowState::enabled;
}

}  // namespace

TransitionDecision decide_transition(const Environment& environment, Trigger trigger, const Evaluation& evaluation,
                                     const SystemUser* row, const std::optional<Rejection>& rejection) {
  const RowState state = state_of(row);
  if (keeps_despite_licence(environment, evaluation, row)) {
    // The licence no longer decides, so an unknown gate 3 matters now.
    const GateResult& group = evaluation.result(Gate::security_group);
    return {.reason = Reason::no_license_kept,
            .missing = group.outcome == GateOutcome::unknown ? group.reason : std::nullopt};
  }
  switch (evaluation.outcome) {
    case GateOutcome::passed:
      return decide_admission(environment, trigger, evaluation.reason, state, rejection);
    case GateOutcome::failed:
      return {.transition = disables(evaluation, state) ? Transition::disable : Transition::none,
              .reason = evaluation.reason};
    case GateOutcome::unknown:
      if (evaluation.reason == Reason::identity_incomplete) break;  // a rejection says that already
      return {.reason = evaluation.reason, .missing = evaluation.reason};
    case GateOutcome::conditional:
    case GateOutcome::not_asked:
      break;
  }
  return {.reason = evaluation.reason};
}

std::optional<bool> is_licensed(const Environment& environment, const Identity& identity) {
  if (is_creator(environment, identity)) return true;
  if (!identity.licence) return std::nullopt;
  return identity.licence->full;
}

AccessSetting access_of_new_row(const Environment& environment, const Identity& identity) {
  const bool unlicensed = is_licensed(environment, identity) == false;
  const bool administrator = is_administrator(identity, nullptr) == true;
  if (unlicensed && administrator) return {.accessmode = administrative, .setupuser = true};
  return {.accessmode = read_write, .setupuser = false};
}

AccessSetting access_of_row(const Environment& environment, const Identity& identity, const SystemUser& row) {
  const AccessSetting present{.accessmode = row.accessmode, .setupuser = row.setupuser};
  const std::optional<bool> administrator = is_administrator(identity, &row);
  if (!administrator) return present;
  const std::optional<bool> licensed = is_licensed(environment, identity);
  if (row.accessmode == read_write && *administrator && licensed == false) {
    return {.accessmode = administrative, .setupuser = true};
  }
  const bool ends = licensed == true || !*administrator;
  if (row.accessmode == administrative && row.setupuser && ends) {
    return {.accessmode = read_write, .setupuser = false};
  }
  return present;
}

void StatusColumns::set_reason(std::string_view code) {
  has_reason = !code.empty();
  disabledreason = code;
}

void StatusColumns::follow_lifecycle(const Identity& identity) {
  switch (*identity.lifecycle) {
    case Lifecycle::present:
      azurestate = static_cast<std::int16_t>(AzureState::exists);
      azuredeletedon.reset();
      break;
    case Lifecycle::soft_deleted:
      azurestate = static_cast<std::int16_t>(AzureState::soft_deleted);
      // The rules have no clock: where the directory does not say when, the row keeps its value.
      if (identity.deleted_at) azuredeletedon = identity.deleted_at;
      break;
    case Lifecycle::gone:
      azurestate = static_cast<std::int16_t>(AzureState::not_found);
      break;
  }
}

void StatusColumns::write_to(SystemUser& row) const {
  row.islicensed = islicensed;
  row.isdisabled = isdisabled;
  row.disabledreason = has_reason ? Text{disabledreason} : std::nullopt;
  row.accessmode = access.accessmode;
  row.setupuser = access.setupuser;
  row.azurestate = azurestate;
  row.azuredeletedon = azuredeletedon;
  row.invitestatuscode = invitestatuscode;
}

StatusColumns status_columns_of(const SystemUser& row) {
  return {.islicensed = row.islicensed,
          .isdisabled = row.isdisabled,
          .has_reason = row.disabledreason.has_value(),
          .disabledreason = row.disabledreason ? std::string_view{*row.disabledreason} : std::string_view{},
          .access = {.accessmode = row.accessmode, .setupuser = row.setupuser},
          .azurestate = row.azurestate,
          .azuredeletedon = row.azuredeletedon,
          .invitestatuscode = row.invitestatuscode};
}

}  // namespace dvsync::core
