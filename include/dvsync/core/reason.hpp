#pragma once
// The stable reason codes: what logs, `disabledreason` and answers to requests say. docs/reasons.md explains each of
// them; a test keeps this table and that page alike.

#include <array>
#include <cstddef>
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
  agent_on_demand_only,  // D17
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
  // identities that are rejected
  identity_incomplete,
  invalid_value,  // D9
  user_name_missing,
  // records of the directory that are rejected
  malformed,
  missing_object_id,
  invalid_object_id,
  duplicate_identity,
  unknown_object_type,  // D17
  // rows that could not be written
  row_locked,
  // requests and commands that are refused
  ambiguous_user,
  malformed_request,
  stale_directory,  // D7
  expired,
  failed,
  too_many_non_interactive,
  not_a_stub,
  already_has_a_row,
  // an administrator's act
  access_mode_set,
  stub_linked,
  records_reassigned,  // D21
  invitation_sent,
  run_undone,
};

// In the order of the enumeration.
inline constexpr std::array<std::string_view, 55> reason_codes{
    "application_user",
    "stub_user",
    "support_user",
    "delegated_admin",
    "system_user",
    "deleted_in_dataverse",
    "no_dataverse_database",
    "not_in_directory",
    "soft_deleted",
    "account_disabled",
    "not_in_security_group",
    "group_owner",
    "nested_member",
    "no_license",
    "guest_no_license",
    "no_license_kept",
    "free_plan",
    "app_pass",
    "tenant_marketing_license",
    "trial_on_demand_only",
    "teams_on_demand_only",
    "developer_creator_only",
    "agent_on_demand_only",
    "entitled",
    "entitled_admin",
    "entitled_non_interactive",
    "entitled_administrative",
    "entitled_creator",
    "manually_disabled",
    "directory_unknown",
    "security_group_unknown",
    "roles_unknown",
    "license_unknown",
    "identity_incomplete",
    "invalid_value",
    "user_name_missing",
    "malformed",
    "missing_object_id",
    "invalid_object_id",
    "duplicate_identity",
    "unknown_object_type",
    "row_locked",
    "ambiguous_user",
    "malformed_request",
    "stale_directory",
    "expired",
    "failed",
    "too_many_non_interactive",
    "not_a_stub",
    "already_has_a_row",
    "access_mode_set",
    "stub_linked",
    "records_reassigned",
    "invitation_sent",
    "run_undone",
};
static_assert(reason_codes.size() == static_cast<std::size_t>(Reason::run_undone) + 1);

[[nodiscard]] constexpr std::string_view code_of(Reason reason) {
  return reason_codes[static_cast<std::size_t>(reason)];
}
[[nodiscard]] std::optional<Reason> reason_of(std::string_view code);

// Whether the code is one of the six disable codes: the sync disabled a disabled row that has it.
[[nodiscard]] bool is_disable_code(std::string_view code);

}  // namespace dvsync::core
