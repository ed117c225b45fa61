#include "dvsync/core/security_roles.hpp"

#include "dvsync/core/text.hpp"

namespace dvsync::core {
namespace {

std::string canonical_role(std::string_view name) {
  auto lower = ascii_lower(name);
  return lower == basic_user_before ? std::string(basic_user) : lower;
}

}  // namespace

bool same_role(std::string_view one, std::string_view other) { return canonical_role(one) == canonical_role(other); }

RowRoles roles_in_line(const RoleRules& rules, const RoleFacts& facts, const RowRoles& before) {
  const RoleSet by_plans = facts.by_plans.value_or(0);
  const RoleSet as_administrator = facts.administrator.value_or(false) ? rules.administrators : 0;
  const RoleSet wanted = facts.lost_licence ? 0 : (rules.everybody | by_plans | as_administrator);
  RoleSet undecided = 0;
  if (!facts.by_plans && !facts.lost_licence) undecided |= rules.by_license;
  if (!facts.administrator && !facts.lost_licence) undecided |= rules.administrators;

  const bool gives = rules.gives && (facts.enabled || rules.on_disabled_users);
  const RoleSet gained = gives ? wanted & ~before.held & ~before.given & before.available : 0;
  const RoleSet lost = rules.takes && !facts.withheld ? before.given & ~wanted & ~undecided : 0;
  return {
      .held = (before.held | gained) & ~lost, .given = (before.given | gained) & ~lost, .available = before.available};
}

std::vector<std::string> names_of(const RoleRules& rules, RoleSet roles) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < rules.names.size(); ++i) {
    if ((roles >> i & 1) != 0) names.push_back(rules.names[i]);
  }
  return names;
}

}  // namespace dvsync::core
