#include "evaluation_context.hpp"

#include <algorithm>

#include "dvsync/core/text.hpp"
#include "dvsync/store/business_unit.hpp"
#include "dvsync/store/rejected_records.hpp"
#include "rules.hpp"

namespace dvsync::sync {
namespace {

core::RoleSet bits_of(const std::vector<std::string>& names, const core::RoleRules& rules) {
  core::RoleSet roles = 0;
  for (const auto& name : names) {
    for (std::size_t i = 0; i < rules.names.size(); ++i) {
      if (core::ascii_lower(rules.names[i]) == core::ascii_lower(name)) roles |= core::RoleSet{1} << i;
    }
  }
  return roles;
}

// docs/rules.md D18. Where roles are not managed, a default environment gives everybody's all the same.
void take_roles(const config::Roles& configured, core::EnvironmentType type, core::RoleRules& rules,
                std::vector<store::RolesOfPlans>& plan_roles) {
  rules.takes = configured.manage;
  if (!configured.manage && type != core::EnvironmentType::default_) return;
  rules.names = configured.all_names();
  rules.everybody = bits_of(configured.everybody, rules);
  if (!configured.manage) return;
  rules.administrators = bits_of(configured.administrators, rules);
  for (const auto& of : configured.by_license) {
    plan_roles.push_back({of.plans, bits_of(of.roles, rules)});
    rules.by_license |= plan_roles.back().roles;
  }
}

}  // namespace

EvaluationContext::EvaluationContext(const config::Configuration& of, const config::Environment& in)
    : configuration(of), environment(in), rules(in.rules), rules_hash(hash_of_rules(in, of)) {
  rules.has_security_group = in.security_group.has_value();
  rules.marketing_license = of.directory.marketing_license;
  if (in.roles) take_roles(*in.roles, in.rules.type, rules.roles, plan_roles);
}

void EvaluationContext::read(store::Connection& mirror) {
  mirror_state = store::read_state(mirror);
  group.reset();
  if (environment.security_group) group = store::read_group(mirror, *environment.security_group);
  view = std::make_unique<store::IdentityView>(view_of(mirror, mirror_state, group ? &*group : nullptr));
  has_rejected_records = store::has_rejected_records(mirror);
}

store::IdentityView EvaluationContext::view_of(store::Connection& mirror, const store::MirrorState& state,
                                               const store::GroupKnowledge* of_group) const {
  return {mirror, state, of_group, configuration.licenses, plan_roles};
}

void EvaluationContext::read_roles(store::Connection& session) {
  if (!rules.roles.any()) return;
  security_roles =
      std::make_shared<store::SecurityRoles>(session, rules.roles.names, store::business_unit_of(session, environment));
  rules.roles.available = security_roles->catalog().available;
  rules.roles.on_disabled_users = security_roles->catalog().on_disabled_users;
}

std::vector<std::string> EvaluationContext::role_warnings() const {
  std::vector<std::string> warnings;
  if (!security_roles) return warnings;
  const auto& catalog = security_roles->catalog();
  for (const auto& name : core::names_of(rules.roles, ~catalog.exist)) {
    warnings.push_back("the security role " + name + " does not exist: nobody gets it");
  }
  for (const auto& name : core::names_of(rules.roles, catalog.exist & ~catalog.available)) {
    warnings.push_back("the security role " + name + " does not exist in the business unit of new users");
  }
  if (!catalog.settings_known) {
    warnings.emplace_back("organization.orgdborgsettings cannot be read: disabled users get no roles");
  }
  return warnings;
}

core::GuardLimits EvaluationContext::guard_limits() const {
  return {configuration.safety.max_disables, configuration.safety.max_disables_percent};
}

PlanBasis EvaluationContext::basis() const {
  return {
      .mirror_id = mirror_state.mirror_id,
      .mirror_version = mirror_state.version,
      .mark = mirror_state.mark,
      .schema = environment.schema,
      .settings = static_cast<std::uint64_t>(hash_of_settings(environment, configuration)),
      .knowledge = static_cast<std::uint64_t>(hash_of_knowledge(mirror_state, group ? &*group : nullptr, rules.roles))};
}

std::vector<core::Reason> EvaluationContext::standing_gaps() const {
  std::vector<core::Reason> gaps;
  const auto& roles = mirror_state.roles;
  const auto unreadable = [](store::Known known) { return known == store::Known::unreadable; };
  if (group && unreadable(group->members)) gaps.push_back(core::Reason::security_group_unknown);
  if (std::any_of(roles.begin(), roles.begin() + core::role_count, unreadable)) {
    gaps.push_back(core::Reason::roles_unknown);
  }
  const auto licensed = roles[static_cast<std::size_t>(source::RoleName::licensed)];
  const bool by_plans = licensed == store::Known::not_carried && !mirror_state.everybody_licensed;
  if (unreadable(licensed) || (by_plans && !mirror_state.plans_stated)) gaps.push_back(core::Reason::license_unknown);
  return gaps;
}

std::string EvaluationContext::describe(core::Reason missing, std::int64_t users) const {
  std::string text;
  switch (missing) {
    case core::Reason::security_group_unknown:
      text = "security group " + environment.security_group.value_or("") + " cannot be read";
      if (group && !group->detail.empty()) text += " (" + group->detail + ")";
      break;
    case core::Reason::roles_unknown:
      text = "the members of an administrator role cannot be read";
      break;
    case core::Reason::license_unknown:
      text = mirror_state.roles[static_cast<std::size_t>(source::RoleName::licensed)] == store::Known::not_carried
                 ? "the directory says nothing about service plans"
                 : "the members of the group of licensed users cannot be read";
      break;
    default:
      text = "the directory has not been listed completely";
      break;
  }
  if (users == 0) return text;
  return text + ": " + std::to_string(users) + (users == 1 ? " user keeps its state" : " users keep their state");
}

void MissingFacts::add_standing_gaps(const EvaluationContext& context) {
  for (const auto gap : context.standing_gaps()) users_.try_emplace(gap, 0);
}

std::vector<std::string> MissingFacts::described(const EvaluationContext& context) const {
  std::vector<std::string> texts;
  for (const auto& [fact, users] : users_) texts.push_back(context.describe(fact, users));
  if (locked_ > 0) {
    texts.push_back(std::to_string(locked_) + (locked_ == 1 ? " row is" : " rows are") +
                    " locked by somebody else: the next run tries again");
  }
  return texts;
}

store::Outcome outcome_of(const core::HeldClasses& held, const MissingFacts& missing) {
  if (std::find(held.begin(), held.end(), true) != held.end()) return store::Outcome::held;
  return missing.empty() ? store::Outcome::succeeded : store::Outcome::incomplete;
}

}  // namespace dvsync::sync
