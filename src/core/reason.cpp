#include "dvsync/core/reason.hpp"

#include <algorithm>
#include <array>

namespace dvsync::core {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 35> codes{
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
};
static_assert(codes.size() == static_cast<std::size_t>(Reason::user_name_missing) + 1);

constexpr std::array disable_codes{
    Reason::not_in_directory,      Reason::soft_deleted, Reason::account_disabled,
    Reason::not_in_security_group, Reason::no_license,   Reason::guest_no_license,
};

}  // namespace

std::string_view code_of(Reason reason) { return codes[static_cast<std::size_t>(reason)]; }

std::optional<Reason> reason_of(std::string_view code) {
  const auto found = std::ranges::find(codes, code);
  if (found == codes.end()) return std::nullopt;
  return static_cast<Reason>(found - codes.begin());
}

bool is_disable_code(std::string_view code) {
  return std::ranges::find(disable_codes, code, code_of) != disable_codes.end();
}

}  // namespace dvsync::core
