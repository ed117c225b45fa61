// The section `roles` of an environment: security roles by licence, for everybody, for administrators, for
// placeholders.

#include <algorithm>
#include <string>

#include "dvsync/config/service_plans.hpp"
#include "dvsync/core/security_roles.hpp"
#include "environments.hpp"
#include "masking.hpp"
#include "values.hpp"

namespace dvsync::config {
namespace {

constexpr std::size_t longest_role = 100;  // role.name, in Dataverse

Read<std::string> role_name(const YAML::Node& node) {
  auto name = text(node);
  if (!name) return name;
  if (name->empty() || name->size() > longest_role ||
      name->find_first_of(std::string_view("\0\n", 2)) != std::string::npos) {
    return wrong("must hold names of roles: 1 to 100 bytes in one line");
  }
  return name;
}

// The plans that a key of by_license stands for; nullopt: nobody knows it.
std::optional<std::vector<core::Guid>> plans_named(const std::string& key) {
  if (const auto id = core::parse_guid(key)) return std::vector{*id};
  const auto plan = std::ranges::find(service_plans(), key, &ServicePlan::name);
  if (plan != service_plans().end()) return std::vector{plan->id};
  return plans_of_product(key);
}

void read_by_license(Section section, Roles& roles) {
  section.takes_others({.form = Outline::Form::list});
  for (const auto& entry : section.entries()) {
    Roles::OfPlans of;
    const bool right = section.optional_list(entry.key, of.roles, role_name);
    const auto plans = plans_named(entry.key);
    if (!plans) {
      section.reject_key(entry.key,
                         "`by_license` takes ids and names of service plans, and products as the admin "
                         "centre names them, not " +
                             in_quotes(entry.key));
    } else if (right) {
      of.plans = *plans;
      roles.by_license.push_back(std::move(of));
    }
  }
}

std::size_t count_of(const Roles& roles) {
  std::size_t count = roles.everybody.size() + roles.administrators.size() + (roles.stub ? 1 : 0);
  for (const auto& of : roles.by_license) count += of.roles.size();
  return count;
}

}  // namespace

std::vector<std::string> Roles::all_names() const {
  std::vector<std::string> names;
  const auto add = [&](const std::vector<std::string>& some) {
    for (const auto& name : some) {
      const auto same = [&](const std::string& other) { return core::same_role(other, name); };
      if (std::ranges::none_of(names, same)) names.push_back(name);
    }
  };
  add(everybody);
  add(administrators);
  for (const auto& of : by_license) add(of.roles);
  if (stub) add({*stub});
  return names;
}

void read_roles(Section& environment, Environment& target) {
  if (!environment.may_have("roles")) return;
  using enum core::EnvironmentType;
  const auto type = target.rules.type;
  auto section = environment.child("roles");
  auto& roles = target.roles.emplace();
  if (type == default_) roles.everybody = {"Basic User", "Environment Maker"};
  read_by_license(section.child("by_license"), roles);
  section.optional_list("everybody", roles.everybody, role_name);
  section.optional_list("administrators", roles.administrators, role_name);
  section.optional("stub", roles.stub, role_name);
  section.optional("manage", roles.manage, flag);
  section.optional("create_tables", roles.create_tables, flag);
  section.close();
  if (!roles.by_license.empty() && (type == teams || type == trial || type == developer)) {
    section.reject_key("by_license",
                       "a " + std::string(core::name_of(type)) + " environment gives no roles `by_license`");
  }
  if (count_of(roles) > core::most_managed_roles) {
    section.reject("`roles` names more than " + std::to_string(core::most_managed_roles) + " roles");
  }
}

}  // namespace dvsync::config
