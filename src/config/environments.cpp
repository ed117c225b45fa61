#include "environments.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "database.hpp"
#include "directory.hpp"
#include "masking.hpp"
#include "values.hpp"

namespace dvsync::config {
namespace {

using core::EnvironmentType;

constexpr std::size_t longest_name = 100;

Read<std::string> environment_name(const YAML::Node& node) {
  auto name = text(node);
  if (!name) return name;
  const bool control = std::ranges::any_of(*name, [](unsigned char byte) { return byte < 0x20 || byte == 0x7F; });
  if (control || name->size() > longest_name || name->starts_with(' ') || name->ends_with(' ')) {
    return wrong("must be a printable name of at most 100 bytes without blanks around it, not " + in_quotes(*name));
  }
  return name;
}

// How this kind of directory names its groups.
bool names_groups_by_dn(const Directory& directory) {
  if (const auto* file = std::get_if<FileDirectory>(&directory.kind)) {
    return file->format == FileFormat::ldif || file->format == FileFormat::automatic;
  }
  return std::holds_alternative<LdapDirectory>(directory.kind);
}

struct GroupReference {
  bool by_dn;
  Read<std::string> operator()(const YAML::Node& node) const {
    auto value = text(node);
    if (value && by_dn && is_distinguished_name(*value)) return value;
    const auto id = guid(node);
    if (!id && by_dn && value) {
      return wrong("must be a group's id or DN, not " + in_quotes(*value) + count_of_a_cut_guid(*value));
    }
    if (!id && value && is_distinguished_name(*value)) {
      return wrong("must be the group's object id: this kind of directory has no DNs such as " + in_quotes(*value));
    }
    if (!id) return id.error();
    return core::to_string(*id);
  }
};

// False: the type is not known, so nothing can be said about what it rules out.
bool read_rules(Section& section, core::Environment& rules) {
  section.required("name", rules.name, environment_name);
  const bool type_known = section.optional("type", rules.type,
                                           OneOf<EnvironmentType>{{"production", EnvironmentType::production},
                                                                  {"sandbox", EnvironmentType::sandbox},
                                                                  {"default", EnvironmentType::default_},
                                                                  {"trial", EnvironmentType::trial},
                                                                  {"developer", EnvironmentType::developer},
                                                                  {"teams", EnvironmentType::teams},
                                                                  {"none", EnvironmentType::none}}) ||
                          !section.has("type");
  section.optional("nested_groups", rules.nested_groups,
                   OneOf<core::NestedGroups>{{"ignore", core::NestedGroups::ignore},
                                             {"first_access", core::NestedGroups::first_access}});
  section.optional("group_teams", rules.teams.follow,
                   OneOf<core::GroupTeams>{{"ignore", core::GroupTeams::ignore},
                                           {"first_access", core::GroupTeams::first_access},
                                           {"background", core::GroupTeams::background}});
  section.optional("creator", rules.creator, guid);
  section.optional("app_pass_capacity", rules.app_pass_capacity, flag);
  section.optional("manual_disable", rules.manual_disable,
                   OneOf<core::ManualDisable>{{"until_access", core::ManualDisable::until_access},
                                              {"sticky", core::ManualDisable::sticky},
                                              {"override", core::ManualDisable::override_}});
  section.optional(
      "on_license_loss", rules.on_license_loss,
      OneOf<core::OnLicenseLoss>{{"disable", core::OnLicenseLoss::disable}, {"keep", core::OnLicenseLoss::keep}});
  rules.mapping = read_field_mapping(section);
  return type_known;
}

// What an environment's type asks for and rules out (docs/rules.md, Creation by environment type).
void check_type(Section& section, const core::Environment& rules) {
  const auto type = std::string(core::name_of(rules.type));
  const bool ungrouped = rules.type == EnvironmentType::default_ || rules.type == EnvironmentType::developer;
  if (ungrouped && section.has("security_group")) {
    section.reject_key("security_group", "a " + type + " environment cannot have a `security_group`");
  }
  if (rules.type == EnvironmentType::developer && !section.has("creator")) {
    section.reject("a developer environment needs `creator`: the object id of the one user it admits");
  }
  if (rules.type != EnvironmentType::developer && section.has("creator")) {
    section.reject_key("creator", "`creator` is for developer environments only, this one is " + type);
  }
}

void read_connection(Section& section, const Database& database, Environment& environment) {
  const ConnectionReference reference{database};
  section.optional("connection", environment.connection, reference);
  section.optional("migrate_connection", environment.migrate_connection, reference);
  for (const auto& [name, conninfo] : database.connections) {
    if (conninfo == environment.connection) environment.server = name;
  }
}

Environment read_environment(Section& section, const Directory& directory, const Database& database) {
  Environment environment;
  const bool type_known = read_rules(section, environment.rules);
  const bool has_table = !type_known || environment.rules.type != EnvironmentType::none;
  section.required_if(has_table, "schema", environment.schema, schema_name);
  read_connection(section, database, environment);
  section.optional("security_group", environment.security_group, GroupReference{names_groups_by_dn(directory)});
  section.optional("business_unit", environment.business_unit, text);
  section.optional("actor", environment.actor, guid);
  section.optional("watch_rows", environment.watch_rows,
                   OneOf<WatchRows>{{"auto", WatchRows::automatic}, {"on", WatchRows::on}, {"off", WatchRows::off}});
  environment.rules.has_security_group = section.has("security_group");
  environment.rules.marketing_license = directory.marketing_license;
  if (type_known) {
    check_type(section, environment.rules);
  }
  read_create_values(section, environment);
  read_roles(section, environment);
  section.close();
  return environment;
}

const std::string& connection_of(const Environment& environment, const Database& database) {
  return environment.connection ? *environment.connection : database.connection;
}

// Two environments must not share a name, nor rows; and no environment the mirror's schema.
void check_unique(Section& section, const Environment& environment, const std::vector<Environment>& others,
                  const Database& database) {
  const auto& name = environment.rules.name;
  const auto same_name = [&](const Environment& other) { return !name.empty() && other.rules.name == name; };
  if (std::ranges::any_of(others, same_name)) {
    section.reject_value("name", "`name` " + in_quotes(name) + " is taken by another environment");
  }
  const auto same_schema = [&](const Environment& other) {
    return !environment.schema.empty() && other.schema == environment.schema &&
           connection_of(other, database) == connection_of(environment, database);
  };
  if (const auto other = std::ranges::find_if(others, same_schema); other != others.end()) {
    section.reject_value("schema", "`schema` " + in_quotes(environment.schema) + " is already the environment " +
                                       in_quotes(other->rules.name) + "'s, on the same connection");
  }
  if (environment.schema == database.mirror_schema && connection_of(environment, database) == database.connection) {
    section.reject_value("schema", "`schema` " + in_quotes(environment.schema) +
                                       " is the directory mirror's: choose another, or set `mirror_schema`");
  }
}

}  // namespace

std::string_view name_of(WatchRows watch) {
  switch (watch) {
    case WatchRows::on:
      return "on";
    case WatchRows::off:
      return "off";
    case WatchRows::automatic:
      break;
  }
  return "auto";
}

std::vector<Environment> read_environments(std::vector<Section> sections, const Directory& directory,
                                           const Database& database) {
  std::vector<Environment> environments;
  for (auto& section : sections) {
    auto environment = read_environment(section, directory, database);
    check_unique(section, environment, environments, database);
    environments.push_back(std::move(environment));
  }
  return environments;
}

}  // namespace dvsync::config
