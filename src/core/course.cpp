#include "dvsync/core/course.hpp"

namespace dvsync::core {
namespace {

// D6. Never for rows with the mark of an unlicensed administrator.
bool keeps_despite_licence(const Environment& environment, const Evaluation& evaluation, const SystemUser* row) {
  return environment.on_license_loss == OnLicenseLoss::keep && evaluation.outcome == Answer::failed &&
         evaluation.deciding == Gate::licence && row != nullptr && !row->setupuser;
}

// D5: whether a row disabled by hand is enabled once its user qualifies.
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

// The user qualifies: the row should be there and enabled.
Course course_of_admission(const Environment& environment, Trigger trigger, Reason reason, RowState state,
                           const std::optional<Rejection>& rejection) {
  if (state == RowState::enabled) return {.reason = reason};
  if (state == RowState::disabled_by_hand && !overcomes_manual_disable(environment.manual_disable, trigger)) {
    return {.reason = Reason::manually_disabled};
  }
  if (rejection) return {.reason = rejection->reason};
  return {.transition = state == RowState::none ? Transition::create : Transition::enable, .reason = reason};
}

// Gates 0 and 1 leave rows alone, gate 5 has none.
bool disables(const Evaluation& evaluation, RowState state) {
  const bool may_disable = evaluation.deciding == Gate::directory || evaluation.deciding == Gate::security_group ||
                           evaluation.deciding == Gate::licence;
  return may_disable && state == RowState::enabled;
}

}  // namespace

Course course_of(const Environment& environment, Trigger trigger, const Evaluation& evaluation, const SystemUser* row,
                 const std::optional<Rejection>& rejection) {
  const RowState state = state_of(row);
  if (keeps_despite_licence(environment, evaluation, row)) {
    // The licence no longer decides, so what gate 3 could not tell does matter.
    const GateAnswer& group = evaluation.gates[static_cast<std::size_t>(Gate::security_group)];
    return {.reason = Reason::no_license_kept,
            .missing = group.answer == Answer::unknown ? group.reason : std::nullopt};
  }
  switch (evaluation.outcome) {
    case Answer::passed:
      return course_of_admission(environment, trigger, evaluation.reason, state, rejection);
    case Answer::failed:
      return {.transition = disables(evaluation, state) ? Transition::disable : Transition::none,
              .reason = evaluation.reason};
    case Answer::unknown:
      if (evaluation.reason == Reason::identity_incomplete) break;  // that is a rejection
      return {.reason = evaluation.reason, .missing = evaluation.reason};
    case Answer::conditional:
    case Answer::not_asked:
      break;
  }
  return {.reason = evaluation.reason};
}

}  // namespace dvsync::core
