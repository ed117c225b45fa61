#pragma once
// The stable reason codes: what logs, `disabledreason` and answers to requests say (docs/rules.md, The gates).

#include <cstdint>
#include <optional>
#include <string_view>

namespace dvsync::core {

enum class Reason : std::uint8_t {
  // gate 0
  application_user,
  stub_user,
  support_user,
  delegated_admin,
  system_user,
  deleted_in_dataverse,
  // gate 1
  no_dataverse_database,
  // gate 2
  not_in_directory,
  soft_deleted,
  account_disabled,
  // gate 3
  not_in_security_group,
  group_owner,
  nested_member,
  // gate 4
  no_license,
  guest_no_license,
  no_license_kept,  // D6
  free_plan,
  app_pass,
  tenant_marketing_license,
  // gate 5
  trial_on_demand_only,
  teams_on_demand_only,
  developer_creator_only,
  // passed
  entitled,
  entitled_admin,
  entitled_non_interactive,
  entitled_administrative,
  entitled_creator,
  // D5
  manually_disabled,
  // D7: facts that are missing
  directory_unknown,       // gate 2: not in the mirror, and no complete listing
  security_group_unknown,  // gate 3: the group's members or owners could not be read
  roles_unknown,           // gates 3, 4: an administrator role could not be read
  license_unknown,         // gate 4: nobody's plans are known
  // rejections
  identity_incomplete,
  invalid_value,  // D9
  user_name_missing,
};

[[nodiscard]] std::string_view code_of(Reason reason);
[[nodiscard]] std::optional<Reason> reason_of(std::string_view code);

// The disable codes: a disabled row with one of these was disabled by the sync.
[[nodiscard]] bool is_disable_code(std::string_view code);

}  // namespace dvsync::core
