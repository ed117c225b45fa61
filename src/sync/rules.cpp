#include "rules.hpp"

#include <algorithm>
#include <string>

#include "hashed_fields.hpp"

namespace dvsync::sync {
namespace {

void add_sorted(HashedFields& fields, std::vector<core::Guid> plans) {
  std::sort(plans.begin(), plans.end());
  fields.add(plans.size());
  for (const auto& plan : plans) fields.add(std::string_view(core::to_string(plan)));
}

void add_names(HashedFields& fields, const std::vector<std::string>& names) {
  fields.add(names.size());
  for (const auto& name : names) fields.add(std::string_view(name));
}

void add_roles(HashedFields& fields, const config::Roles& roles) {
  fields.add(roles.manage);
  add_names(fields, roles.everybody);
  add_names(fields, roles.administrators);
  if (roles.stub) fields.add(std::string_view(*roles.stub));
  for (const auto& of : roles.by_license) {
    add_sorted(fields, of.plans);
    add_names(fields, of.roles);
  }
}

void add_group(HashedFields& fields, const store::GroupKnowledge& group) {
  fields.add(group.object_id ? core::to_string(*group.object_id) : "");
  fields.add(static_cast<int>(group.members)).add(static_cast<int>(group.owners));
}

}  // namespace

std::int64_t hash_of_rules(const config::Environment& environment, const config::Configuration& configuration) {
  const auto& rules = environment.rules;
  HashedFields fields;
  fields.add(rule_version).add(static_cast<int>(rules.type)).add(environment.security_group.value_or(""));
  fields.add(static_cast<int>(rules.nested_groups)).add(rules.creator ? core::to_string(*rules.creator) : "");
  fields.add(rules.app_pass_capacity).add(rules.marketing_license).add(static_cast<int>(rules.manual_disable));
  fields.add(static_cast<int>(rules.on_license_loss)).add(static_cast<int>(rules.mapping.full_name_order));
  for (const auto policy : rules.mapping.policies) fields.add(static_cast<int>(policy));
  add_sorted(fields, configuration.licenses.full);
  add_sorted(fields, configuration.licenses.on_demand);
  if (environment.roles) add_roles(fields, *environment.roles);
  if (rules.teams.follow != core::GroupTeams::ignore) fields.add(static_cast<int>(rules.teams.follow));
  return static_cast<std::int64_t>(fields.hash());
}

std::int64_t hash_of_settings(const config::Environment& environment, const config::Configuration& configuration) {
  HashedFields fields;
  fields.add(hash_of_rules(environment, configuration)).add(configuration.directory.marketing_license);
  fields.add_text(environment.business_unit).add(environment.actor ? core::to_string(*environment.actor) : "");
  for (const auto& [column, value] : environment.create_values) {
    fields.add(std::string_view(column)).add(std::string_view(value));
  }
  return static_cast<std::int64_t>(fields.hash());
}

std::int64_t hash_of_knowledge(const EvaluationContext& context) {
  const auto& mirror = context.mirror_state;
  HashedFields fields;
  fields.add(mirror.listing_complete)
      .add(mirror.plans_stated)
      .add(mirror.everybody_licensed)
      .add(mirror.nested_groups_read);
  for (const auto role : mirror.roles) fields.add(static_cast<int>(role));
  if (context.group) add_group(fields, *context.group);
  const auto& roles = context.rules.roles;
  if (roles.any()) fields.add(roles.available).add(roles.on_disabled_users).add(roles.gives);
  if (context.rules.teams.follow == core::GroupTeams::background) {
    for (std::size_t i = 0; i < context.team_groups.size(); ++i) {
      const auto& of = context.team_groups[i];
      fields.add(std::string_view(core::to_string(context.access.teams->teams()[i].teamid)));
      fields.add(static_cast<int>(of.members)).add(of.group.gone);
      add_group(fields, of.group);
    }
  }
  return static_cast<std::int64_t>(fields.hash());
}

}  // namespace dvsync::sync
