#include "dvsync/core/eligibility.hpp"

#include <algorithm>

namespace dvsync::core {
namespace {

constexpr GateAnswer passed{.answer = Answer::passed, .reason = std::nullopt, .counts = false};
constexpr GateAnswer passed_as(Reason exemption) {
  return {.answer = Answer::passed, .reason = exemption, .counts = false};
}
constexpr GateAnswer failed(Reason reason) { return {.answer = Answer::failed, .reason = reason, .counts = false}; }
constexpr GateAnswer unknown(Reason reason) { return {.answer = Answer::unknown, .reason = reason, .counts = false}; }

// Three-valued "or": true if either is, else unknown if either is.
std::optional<bool> either(std::optional<bool> left, std::optional<bool> right) {
  if (left == true || right == true) return true;
  if (!left || !right) return std::nullopt;
  return false;
}

std::optional<bool> holds(const Identity& identity, const SystemUser* row, Role role) {
  if (identity.roles.carried) return identity.roles.has(role);
  // A directory without roles: whoever shows the trace of an administrator may still be one.
  if (row != nullptr && row->setupuser) return std::nullopt;
  return false;
}

// Conditional entitlements add up: one that counts is enough, and gives the code (D2).
class Conditional {
 public:
  void add(Reason reason, bool counts) {
    if (answer_.answer == Answer::conditional && (answer_.counts || !counts)) return;
    answer_ = {.answer = Answer::conditional, .reason = reason, .counts = counts};
  }
  [[nodiscard]] bool held() const { return answer_.answer == Answer::conditional; }
  [[nodiscard]] const GateAnswer& answer() const { return answer_; }

 private:
  GateAnswer answer_;
};

GateAnswer ask_row_type(const SystemUser* row) {
  if (row == nullptr) return {};
  const std::optional<Reason> exclusion = row_type_exclusion(*row);
  return exclusion ? failed(*exclusion) : passed;
}

GateAnswer ask_environment(const Environment& environment) {
  return environment.type == EnvironmentType::none ? failed(Reason::no_dataverse_database) : passed;
}

GateAnswer ask_directory(const Identity& identity) {
  if (!identity.lifecycle) return unknown(Reason::directory_unknown);
  switch (*identity.lifecycle) {
    case Lifecycle::gone:
      return failed(Reason::not_in_directory);
    case Lifecycle::soft_deleted:
      return failed(Reason::soft_deleted);
    case Lifecycle::present:
      break;
  }
  if (!identity.account_enabled) return unknown(Reason::identity_incomplete);
  return *identity.account_enabled ? passed : failed(Reason::account_disabled);
}

// Gate 3 for somebody who is not known to be a direct member or exempt.
GateAnswer ask_indirect_membership(const Environment& environment, Trigger trigger, const GroupStanding& group,
                                   bool may_be_exempt) {
  const bool nested_matters = environment.nested_groups == NestedGroups::first_access;
  const bool owner_counts = trigger != Trigger::background;
  Conditional conditional;
  if (group.owner == true) conditional.add(Reason::group_owner, owner_counts);
  if (nested_matters && group.nested == true) conditional.add(Reason::nested_member, trigger == Trigger::first_access);
  if (conditional.answer().counts) return conditional.answer();  // whatever else is true, it is enough
  if (!group.direct) return unknown(Reason::security_group_unknown);
  if (may_be_exempt) return unknown(Reason::roles_unknown);
  // Beside an entitlement that does not count, only one that would count can change anything.
  if (!group.owner && (owner_counts || !conditional.held())) return unknown(Reason::security_group_unknown);
  if (conditional.held()) return conditional.answer();
  if (nested_matters && !group.nested) return unknown(Reason::security_group_unknown);
  return failed(Reason::not_in_security_group);
}

GateAnswer ask_security_group(const Environment& environment, Trigger trigger, const Identity& identity,
                              const SystemUser* row) {
  if (!environment.has_security_group || identity.group.direct == true) return passed;
  const std::optional<bool> exempt = either(holds(identity, row, Role::global_administrator),
                                            holds(identity, row, Role::power_platform_administrator));
  if (exempt == true) return passed_as(Reason::entitled_admin);
  return ask_indirect_membership(environment, trigger, identity.group, !exempt);
}

// The first exemption from gate 4 that is certain.
std::optional<Reason> licence_exemption(const Environment& environment, const Identity& identity,
                                        const SystemUser* row) {
  if (is_administrator(identity, row) == true) return Reason::entitled_admin;
  if (row != nullptr && row->accessmode == static_cast<std::int16_t>(AccessMode::non_interactive)) {
    return Reason::entitled_non_interactive;
  }
  if (row != nullptr && row->accessmode == static_cast<std::int16_t>(AccessMode::administrative) && !row->setupuser) {
    return Reason::entitled_administrative;
  }
  if (is_creator(environment, identity)) return Reason::entitled_creator;
  return std::nullopt;
}

GateAnswer ask_licence(const Environment& environment, Trigger trigger, const Identity& identity,
                       const SystemUser* row) {
  if (identity.licence && identity.licence->full) return passed;
  if (const std::optional<Reason> exemption = licence_exemption(environment, identity, row)) {
    return passed_as(*exemption);
  }
  const bool counts = trigger != Trigger::background;
  Conditional conditional;
  if (identity.licence && identity.licence->on_demand) conditional.add(Reason::free_plan, counts);
  if (environment.app_pass_capacity && !identity.guest) conditional.add(Reason::app_pass, counts);  // guests: D14
  if (environment.marketing_license && !identity.guest) conditional.add(Reason::tenant_marketing_license, counts);
  if (conditional.answer().counts) return conditional.answer();  // whatever else is true, it is enough
  if (!is_administrator(identity, row)) return unknown(Reason::roles_unknown);
  if (!identity.licence) return unknown(Reason::license_unknown);
  if (conditional.held()) return conditional.answer();
  return failed(identity.guest ? Reason::guest_no_license : Reason::no_license);
}

GateAnswer ask_creation(const Environment& environment, Trigger trigger, const Identity& identity,
                        const SystemUser* row) {
  if (row != nullptr) return {};
  const bool background = trigger == Trigger::background;
  using enum EnvironmentType;
  switch (environment.type) {
    case trial:
      return background ? failed(Reason::trial_on_demand_only) : passed;
    case teams:
      return background ? failed(Reason::teams_on_demand_only) : passed;
    case developer:
      return is_creator(environment, identity) ? passed : failed(Reason::developer_creator_only);
    case none:
      return failed(Reason::no_dataverse_database);
    case production:
    case sandbox:
    case default_:
      break;
  }
  return passed;
}

const GateAnswer& answer_of(const Evaluation& evaluation, Gate gate) {
  return evaluation.gates[static_cast<std::size_t>(gate)];
}

template <class Predicate>
std::optional<Gate> first_gate(const Evaluation& evaluation, std::initializer_list<Gate> gates, Predicate decides) {
  const auto* const found =
      std::ranges::find_if(gates, [&](Gate gate) { return decides(answer_of(evaluation, gate)); });
  return found == gates.end() ? std::nullopt : std::optional{*found};
}

bool is_failed(const GateAnswer& gate) { return gate.answer == Answer::failed; }
bool is_unknown(const GateAnswer& gate) { return gate.answer == Answer::unknown; }
bool does_not_count(const GateAnswer& gate) { return gate.answer == Answer::conditional && !gate.counts; }

// docs/rules.md, Which gate decides.
std::optional<Gate> deciding_gate(const Evaluation& evaluation) {
  using enum Gate;
  if (const auto gate = first_gate(evaluation, {row_type, environment}, is_failed)) return gate;
  const bool refuses_creation = is_failed(answer_of(evaluation, creation));
  // Somebody the directory has told next to nothing about: what the gates behind say is not founded on facts.
  if (is_unknown(answer_of(evaluation, directory))) return refuses_creation ? creation : directory;
  if (const auto gate = first_gate(evaluation, {directory, security_group, licence}, is_failed)) return gate;
  if (const auto gate = first_gate(evaluation, {security_group, licence}, is_unknown)) {
    return refuses_creation ? creation : gate;  // the missing fact would change nothing
  }
  if (const auto gate = first_gate(evaluation, {security_group, licence}, does_not_count)) return gate;
  if (refuses_creation) return creation;
  return std::nullopt;
}

// The code of a passed evaluation. Gate 3 knows but one exemption, and that one is the first of gate 4's.
Reason exemption_used(const Evaluation& evaluation) {
  for (const Gate gate : {Gate::security_group, Gate::licence}) {
    const GateAnswer& answer = answer_of(evaluation, gate);
    if (answer.answer == Answer::passed && answer.reason) return *answer.reason;
  }
  return Reason::entitled;
}

}  // namespace

bool is_creator(const Environment& environment, const Identity& identity) {
  return environment.type == EnvironmentType::developer && environment.creator == identity.object_id;
}

std::optional<bool> is_administrator(const Identity& identity, const SystemUser* row) {
  return either(either(holds(identity, row, Role::global_administrator),
                       holds(identity, row, Role::power_platform_administrator)),
                holds(identity, row, Role::dynamics365_administrator));
}

Evaluation evaluate(const Environment& environment, Trigger trigger, const Identity& identity, const SystemUser* row) {
  Evaluation evaluation;
  evaluation.gates = {
      ask_row_type(row),
      ask_environment(environment),
      ask_directory(identity),
      ask_security_group(environment, trigger, identity, row),
      ask_licence(environment, trigger, identity, row),
      ask_creation(environment, trigger, identity, row),
  };
  evaluation.deciding = deciding_gate(evaluation);
  if (evaluation.deciding) {
    const GateAnswer& decisive = answer_of(evaluation, *evaluation.deciding);
    evaluation.outcome = decisive.answer;
    evaluation.reason = *decisive.reason;
  } else {
    evaluation.reason = exemption_used(evaluation);
  }
  return evaluation;
}

}  // namespace dvsync::core
