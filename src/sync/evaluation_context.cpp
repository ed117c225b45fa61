#include "evaluation_context.hpp"

#include <algorithm>

#include "dvsync/store/rejected_records.hpp"
#include "rules.hpp"

namespace dvsync::sync {

EvaluationContext::EvaluationContext(const config::Configuration& of, const config::Environment& in)
    : configuration(of), environment(in), rules(in.rules), rules_hash(hash_of_rules(in, of)) {
  rules.has_security_group = in.security_group.has_value();
  rules.marketing_license = of.directory.marketing_license;
}

void EvaluationContext::read(store::Connection& mirror) {
  mirror_state = store::read_state(mirror);
  group.reset();
  if (environment.security_group) group = store::read_group(mirror, *environment.security_group);
  view = std::make_unique<store::IdentityView>(mirror, mirror_state, group ? &*group : nullptr, configuration.licenses);
  has_rejected_records = store::has_rejected_records(mirror);
}

core::GuardLimits EvaluationContext::guard_limits() const {
  return {configuration.safety.max_disables, configuration.safety.max_disables_percent};
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
