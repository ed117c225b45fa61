#pragma once
// One Dataverse environment as the rules see it: its kind and its settings, nothing about where it is kept.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dvsync/core/group_teams.hpp"
#include "dvsync/core/guid.hpp"
#include "dvsync/core/security_roles.hpp"
#include "dvsync/core/system_user.hpp"

namespace dvsync::core {

enum class EnvironmentType : std::uint8_t { production, sandbox, default_, trial, developer, teams, none };
enum class NestedGroups : std::uint8_t { ignore, first_access };              // D13
enum class ManualDisable : std::uint8_t { until_access, sticky, override_ };  // D5
enum class OnLicenseLoss : std::uint8_t { disable, keep };                    // D6
enum class UpdatePolicy : std::uint8_t { always, on_create, until_edited, never };
enum class MappingPreset : std::uint8_t { dataverse, dynamics365_2019, onprem_ad };
enum class FullNameOrder : std::uint8_t { first_last, last_first };
enum class Trigger : std::uint8_t { background, on_demand, first_access };

[[nodiscard]] std::string_view name_of(EnvironmentType type);
[[nodiscard]] std::string_view name_of(Trigger trigger);
[[nodiscard]] std::string_view name_of(UpdatePolicy policy);

// How identities become rows. One policy per text column; a column outside the mapping is `never`.
struct FieldMapping {
  std::array<UpdatePolicy, text_column_count> policies{};
  FullNameOrder full_name_order = FullNameOrder::first_last;

  [[nodiscard]] UpdatePolicy policy(Column text_column) const {
    return policies[static_cast<std::size_t>(text_column)];
  }
};

// The mapping of a preset (docs/rules.md, Mapping presets).
[[nodiscard]] FieldMapping mapping_of(MappingPreset preset);

struct Environment {
  std::string name;
  EnvironmentType type = EnvironmentType::production;
  bool has_security_group = false;
  NestedGroups nested_groups = NestedGroups::ignore;
  std::optional<Guid> creator;  // developer environments only
  bool app_pass_capacity = false;
  bool marketing_license = false;  // of the tenant
  ManualDisable manual_disable = ManualDisable::until_access;
  OnLicenseLoss on_license_loss = OnLicenseLoss::disable;
  FieldMapping mapping = mapping_of(MappingPreset::dataverse);
  RoleRules roles;
  TeamRules teams;
};

}  // namespace dvsync::core
