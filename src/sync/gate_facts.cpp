#include "dvsync/sync/gate_facts.hpp"

#include <algorithm>
#include <array>

#include "dvsync/config/service_plans.hpp"
#include "dvsync/sync/in_words.hpp"
#include "dvsync/sync/local_time.hpp"

namespace dvsync::sync {
namespace {

std::string_view yes_or_no(std::optional<bool> fact) { return !fact ? "unknown" : *fact ? "yes" : "no"; }

void join(std::string& text, const std::string& more) { text += (text.empty() ? "" : ", ") + more; }

std::string row_facts(const Explanation& e) {
  if (!e.row) return "there is no row";
  const auto excluded = core::row_type_exclusion(*e.row);
  return excluded ? "a row that the sync leaves alone" : "a directory user's row";
}

std::string environment_facts(const Explanation& e) { return "type " + std::string(core::name_of(e.rules.type)); }

std::string directory_facts(const Explanation& e) {
  const auto& identity = e.identity;
  if (!identity.lifecycle) return "not listed, and the last listing was not complete";
  if (identity.lifecycle == core::Lifecycle::gone) {
    return e.in_mirror ? "gone: deleted for good, or no longer listed"
                       : "never seen, and the last listing was complete";
  }
  if (identity.lifecycle == core::Lifecycle::soft_deleted) {
    return "soft-deleted" + (identity.deleted_at ? " on " + local_time(*identity.deleted_at) : std::string());
  }
  if (!identity.account_enabled) return "present, but the directory never said whether the account is enabled";
  return *identity.account_enabled ? "present, account enabled" : "present, account disabled or expired";
}

void add_role(std::string& text, const Explanation& e, core::Role role, const char* name) {
  const auto holds = e.identity.roles.has(role);
  if (e.identity.roles.carried && holds != false) join(text, std::string(name) + ": " + std::string(yes_or_no(holds)));
}

std::string group_facts(const Explanation& e) {
  if (!e.security_group) return "this environment has no security group";
  const auto& group = e.identity.group;
  auto text = "group " + printable(*e.security_group) + ": ";
  if (group.direct == true) return text + "direct member";
  std::string facts = "direct member: " + std::string(yes_or_no(group.direct));
  join(facts, "owner: " + std::string(yes_or_no(group.owner)));
  const bool heeded = e.rules.nested_groups == core::NestedGroups::first_access;
  join(facts, heeded ? "nested: " + std::string(yes_or_no(group.nested)) : "nested groups are ignored here");
  add_role(facts, e, core::Role::global_administrator, "Global Administrator");
  add_role(facts, e, core::Role::power_platform_administrator, "Power Platform Administrator");
  if (!e.group_detail.empty()) facts += " (the group cannot be read: " + e.group_detail + ")";
  return text + facts;
}

std::string plan_facts(const Explanation& e, const config::Licenses& licenses) {
  if (!e.identity.licence) return "service plans unknown";
  if (e.plans.empty() && e.identity.licence->full) return "this directory treats the user as licensed";
  std::string text;
  std::size_t others = 0;
  for (const auto& plan : e.plans) {
    const auto entitlement = entitlement_of(plan, licenses);
    if (entitlement.empty()) {
      ++others;
    } else {
      join(text, plan_name(plan) + (entitlement == "full" ? " (full)" : " (on demand)"));
    }
  }
  if (others > 0 && text.empty()) {
    return count_of(static_cast<std::int64_t>(others), "plan, which entitles", "plans, which entitle") +
           " to nothing here";
  }
  return text.empty() ? "no service plan" : text;
}

std::string licence_facts(const Explanation& e, const config::Licenses& licenses) {
  auto text = plan_facts(e, licenses);
  if (e.identity.guest) join(text, "a guest");
  add_role(text, e, core::Role::global_administrator, "Global Administrator");
  add_role(text, e, core::Role::power_platform_administrator, "Power Platform Administrator");
  add_role(text, e, core::Role::dynamics365_administrator, "Dynamics 365 Administrator");
  if (e.row && e.row->accessmode == static_cast<std::int16_t>(core::AccessMode::non_interactive)) {
    join(text, "non-interactive row");
  }
  if (e.row && e.row->accessmode == static_cast<std::int16_t>(core::AccessMode::administrative) && !e.row->setupuser) {
    join(text, "administrative mode, set by an administrator");
  }
  if (core::is_creator(e.rules, e.identity)) join(text, "creator of this environment");
  if (e.rules.app_pass_capacity) join(text, "app passes");
  if (e.rules.marketing_license) join(text, "the tenant has a marketing licence");
  return text;
}

std::string creation_facts(const Explanation& e) {
  return e.row ? "there is a row already" : "type " + std::string(core::name_of(e.rules.type));
}

}  // namespace

std::string_view entitlement_of(const core::Guid& plan, const config::Licenses& licenses) {
  const auto in = [&plan](const std::vector<core::Guid>& list) {
    return std::find(list.begin(), list.end(), plan) != list.end();
  };
  return in(licenses.full) ? "full" : in(licenses.on_demand) ? "on_demand" : "";
}

std::string plan_name(const core::Guid& plan) {
  const auto plans = config::service_plans();
  const auto known = std::ranges::find(plans, plan, &config::ServicePlan::id);
  return known == plans.end() ? core::to_string(plan) : std::string(known->name);
}

std::string facts_of(core::Gate gate, const Explanation& explanation, const config::Licenses& licenses) {
  switch (gate) {
    case core::Gate::row_type:
      return row_facts(explanation);
    case core::Gate::environment:
      return environment_facts(explanation);
    case core::Gate::directory:
      return directory_facts(explanation);
    case core::Gate::security_group:
      return group_facts(explanation);
    case core::Gate::licence:
      return licence_facts(explanation, licenses);
    case core::Gate::creation:
      return creation_facts(explanation);
  }
  return "";
}

std::string_view name_of(core::Gate gate) {
  static constexpr std::array<std::string_view, core::gate_count> names{"row type",       "environment", "directory",
                                                                        "security group", "licence",     "creation"};
  return names[static_cast<std::size_t>(gate)];
}

std::string_view name_of(core::GateOutcome outcome) {
  switch (outcome) {
    case core::GateOutcome::passed:
      return "passed";
    case core::GateOutcome::failed:
      return "failed";
    case core::GateOutcome::conditional:
      return "conditional";
    case core::GateOutcome::unknown:
      return "unknown";
    case core::GateOutcome::not_asked:
      return "not asked";
  }
  return "";
}

std::string name_of(const Explanation& e) {
  const auto& in_directory = e.identity.profile[core::Attribute::user_principal_name];
  if (in_directory) return *in_directory;
  return e.row ? (*e.row)[core::Column::domainname].value_or("") : "";
}

}  // namespace dvsync::sync
