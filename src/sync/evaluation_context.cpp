#include "evaluation_context.hpp"

#include <algorithm>

#include "dvsync/core/text.hpp"
#include "dvsync/store/business_unit.hpp"
#include "rules.hpp"

namespace dvsync::sync {
namespace {

core::RoleSet bits_of(const std::vector<std::string>& names, const core::RoleRules& rules) {
  core::RoleSet roles = 0;
  for (const auto& name : names) {
    for (std::size_t i = 0; i < rules.names.size(); ++i) {
      if (core::same_role(rules.names[i], name)) roles |= core::RoleSet{1} << i;
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
  if (configured.stub) rules.stub = bits_of({*configured.stub}, rules);
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

void EvaluationContext::read(store::Connection& mirror, store::Connection& session) {
  read_access(session);
  know(MirrorKnowledge::read(mirror, configuration.licenses, names_of_groups()), mirror);
}

void EvaluationContext::read(store::Connection& mirror, store::Connection& session, const MirrorKnowledge& known) {
  read_access(session);
  know(known, mirror);
}

void EvaluationContext::know(const MirrorKnowledge& known, store::Connection& mirror) {
  mirror_state = known.state;
  has_rejected_records = known.has_rejected_records;
  group = group_among(known.groups);
  team_groups = team_groups_among(known.groups);
  view = std::make_unique<store::IdentityView>(mirror, mirror_state, group ? &*group : nullptr, known.licences,
                                               plan_roles, team_groups);
}

store::IdentityView EvaluationContext::view_of(store::Connection& mirror) const {
  const auto known = MirrorKnowledge::read(mirror, configuration.licenses, names_of_groups());
  const auto of_group = group_among(known.groups);
  return {mirror,         known.state, of_group ? &*of_group : nullptr,
          known.licences, plan_roles,  team_groups_among(known.groups)};
}

std::vector<std::string> EvaluationContext::names_of_groups() const {
  std::vector<std::string> names;
  if (environment.security_group) names.push_back(*environment.security_group);
  if (!access.teams) return names;
  for (const auto& team : access.teams->teams()) names.push_back(core::to_string(team.group));
  return names;
}

std::optional<store::GroupKnowledge> EvaluationContext::group_among(const store::GroupsByName& groups) const {
  if (!environment.security_group) return std::nullopt;
  return store::group_named(groups, *environment.security_group);
}

std::vector<store::TeamGroup> EvaluationContext::team_groups_among(const store::GroupsByName& groups) const {
  std::vector<store::TeamGroup> found;
  if (!access.teams) return found;
  for (const auto& team : access.teams->teams()) {
    found.push_back({store::group_named(groups, core::to_string(team.group)), team.members});
  }
  return found;
}

void EvaluationContext::read_access(store::Connection& session) {
  if (rules.roles.any()) {
    access.roles = std::make_shared<store::SecurityRoles>(session, rules.roles.names,
                                                          store::business_unit_of(session, environment));
    rules.roles.available = access.roles->catalog().available;
    rules.roles.on_disabled_users = access.roles->catalog().on_disabled_users;
    rules.roles.gives = access.roles->catalog().settings_known;
  }
  if (rules.teams.follow != core::GroupTeams::ignore) {
    access.teams = std::make_shared<store::GroupTeams>(session);
    rules.teams.names = access.teams->names();
  }
}

std::vector<std::string> EvaluationContext::access_warnings() const {
  std::vector<std::string> warnings;
  for (std::size_t i = 0; i < team_groups.size(); ++i) {
    const auto& [of, members] = team_groups[i];
    const auto known = members == core::TeamMembers::owners ? of.owners : of.members;
    if (of.gone) {
      warnings.push_back("the directory has no group any more for the team " + rules.teams.names[i] +
                         ": it loses its members");
    } else if (known == store::Known::unreadable || known == store::Known::not_carried) {
      warnings.push_back("the group of the team " + rules.teams.names[i] + " cannot be read" +
                         (of.detail.empty() ? "" : " (" + of.detail + ")") + ": the team keeps its members");
    }
  }
  if (!access.roles) return warnings;
  const auto& catalog = access.roles->catalog();
  for (const auto& name : core::names_of(rules.roles, ~catalog.exist)) {
    warnings.push_back("the security role " + name + " does not exist: nobody gets it");
  }
  for (const auto& name : core::names_of(rules.roles, catalog.exist & ~catalog.available)) {
    warnings.push_back("the security role " + name + " does not exist in the business unit of new users");
  }
  if (!catalog.settings_known) {
    warnings.emplace_back("organization.orgdborgsettings cannot be read: nobody gets a security role");
  }
  return warnings;
}

core::GuardLimits EvaluationContext::guard_limits() const {
  return {configuration.safety.max_disables, configuration.safety.max_disables_percent};
}

PlanBasis EvaluationContext::basis() const {
  return {.mirror_id = mirror_state.mirror_id,
          .mirror_version = mirror_state.version,
          .mark = mirror_state.mark,
          .schema = environment.schema,
          .settings = static_cast<std::uint64_t>(hash_of_settings(environment, configuration)),
          .knowledge = static_cast<std::uint64_t>(hash_of_knowledge(*this))};
}

bool EvaluationContext::group_decides() const {
  using enum store::Known;
  if (!group || !group->object_id || group->members != complete) return false;
  if (group->owners != complete && group->owners != not_carried) return false;
  if (rules.nested_groups == core::NestedGroups::first_access && !mirror_state.nested_groups_read) return false;
  const auto of = [&](core::Role role) { return mirror_state.roles[static_cast<std::size_t>(role)]; };
  const auto global = of(core::Role::global_administrator);
  const auto power_platform = of(core::Role::power_platform_administrator);
  const auto dynamics = of(core::Role::dynamics365_administrator);
  const bool without_roles = global == not_carried && power_platform == not_carried && dynamics == not_carried;
  return without_roles || (global == complete && power_platform == complete);
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
