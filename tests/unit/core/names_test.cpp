// The names that leave the program: in logs, columns, configuration. They are stable.

#include <gtest/gtest.h>

#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "dvsync/core/environment.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/core/run.hpp"

namespace dvsync::core {
namespace {

constexpr auto reason_count = reason_codes.size();

TEST(Names, EveryReasonHasACodeOfItsOwnThatReadsBack) {
  std::set<std::string_view> codes;
  for (std::size_t i = 0; i < reason_count; ++i) {
    const auto reason = static_cast<Reason>(i);
    EXPECT_FALSE(code_of(reason).empty()) << i;
    EXPECT_EQ(reason_of(code_of(reason)), reason) << code_of(reason);
    codes.insert(code_of(reason));
  }
  EXPECT_EQ(codes.size(), reason_count);
  EXPECT_FALSE(reason_of("left_the_company"));
  EXPECT_FALSE(reason_of(""));
}

TEST(Names, ReasonCodesAreThoseOfTheRules) {
  using enum Reason;
  const std::vector<std::pair<Reason, std::string_view>> table{
      {application_user, "application_user"},
      {stub_user, "stub_user"},
      {support_user, "support_user"},
      {delegated_admin, "delegated_admin"},
      {system_user, "system_user"},
      {deleted_in_dataverse, "deleted_in_dataverse"},
      {no_dataverse_database, "no_dataverse_database"},
      {not_in_directory, "not_in_directory"},
      {soft_deleted, "soft_deleted"},
      {account_disabled, "account_disabled"},
      {not_in_security_group, "not_in_security_group"},
      {group_owner, "group_owner"},
      {nested_member, "nested_member"},
      {no_license, "no_license"},
      {guest_no_license, "guest_no_license"},
      {no_license_kept, "no_license_kept"},
      {free_plan, "free_plan"},
      {app_pass, "app_pass"},
      {tenant_marketing_license, "tenant_marketing_license"},
      {trial_on_demand_only, "trial_on_demand_only"},
      {teams_on_demand_only, "teams_on_demand_only"},
      {developer_creator_only, "developer_creator_only"},
      {agent_on_demand_only, "agent_on_demand_only"},
      {entitled, "entitled"},
      {entitled_admin, "entitled_admin"},
      {entitled_non_interactive, "entitled_non_interactive"},
      {entitled_administrative, "entitled_administrative"},
      {entitled_creator, "entitled_creator"},
      {manually_disabled, "manually_disabled"},
      {directory_unknown, "directory_unknown"},
      {security_group_unknown, "security_group_unknown"},
      {roles_unknown, "roles_unknown"},
      {license_unknown, "license_unknown"},
      {identity_incomplete, "identity_incomplete"},
      {invalid_value, "invalid_value"},
      {user_name_missing, "user_name_missing"},
      {malformed, "malformed"},
      {missing_object_id, "missing_object_id"},
      {invalid_object_id, "invalid_object_id"},
      {duplicate_identity, "duplicate_identity"},
      {unknown_object_type, "unknown_object_type"},
      {row_locked, "row_locked"},
      {ambiguous_user, "ambiguous_user"},
      {malformed_request, "malformed_request"},
      {stale_directory, "stale_directory"},
      {expired, "expired"},
      {failed, "failed"},
      {too_many_non_interactive, "too_many_non_interactive"},
      {not_a_stub, "not_a_stub"},
      {already_has_a_row, "already_has_a_row"},
      {access_mode_set, "access_mode_set"},
      {stub_linked, "stub_linked"},
      {records_reassigned, "records_reassigned"},
      {invitation_sent, "invitation_sent"},
      {run_undone, "run_undone"},
  };
  EXPECT_EQ(table.size(), reason_count);
  for (const auto& [reason, code] : table) EXPECT_EQ(code_of(reason), code);
}

TEST(Names, DisableCodesAreExactlySix) {
  const std::set<std::string_view> disable_codes{"not_in_directory",      "soft_deleted", "account_disabled",
                                                 "not_in_security_group", "no_license",   "guest_no_license"};
  for (std::size_t i = 0; i < reason_count; ++i) {
    const std::string_view code = code_of(static_cast<Reason>(i));
    EXPECT_EQ(is_disable_code(code), disable_codes.contains(code)) << code;
  }
  EXPECT_FALSE(is_disable_code(""));
  EXPECT_FALSE(is_disable_code("No_License"));
  EXPECT_FALSE(is_disable_code("no_license "));
}

TEST(Names, ColumnsReadBackAndAreDataversesOwn) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < column_count; ++i) {
    const auto column = static_cast<Column>(i);
    EXPECT_EQ(column_named(name_of(column)), column);
    names.insert(name_of(column));
  }
  EXPECT_EQ(names.size(), column_count);
  EXPECT_EQ(name_of(Column::address1_stateorprovince), "address1_stateorprovince");
  EXPECT_EQ(name_of(Column::invitestatuscode), "invitestatuscode");
  EXPECT_FALSE(column_named("new_custom"));
}

TEST(Names, ColumnLengthsAreThoseOfTheRules) {
  using enum Column;
  const std::vector<std::pair<Column, std::size_t>> table{
      {domainname, 1024},
      {firstname, 256},
      {lastname, 256},
      {fullname, 200},
      {internalemailaddress, 100},
      {jobtitle, 100},
      {address1_telephone1, 64},
      {mobilephone, 64},
      {homephone, 50},
      {address1_fax, 64},
      {address1_line1, 1024},
      {address1_city, 128},
      {address1_stateorprovince, 128},
      {address1_postalcode, 40},
      {address1_country, 128},
  };
  EXPECT_EQ(table.size(), text_column_count);
  for (const auto& [column, length] : table) EXPECT_EQ(length_of(column), length) << name_of(column);
}

TEST(Names, AttributesAreMicrosoftGraphs) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < attribute_count; ++i) names.insert(name_of(static_cast<Attribute>(i)));
  EXPECT_EQ(names, (std::set<std::string_view>{"userPrincipalName", "givenName", "surname", "displayName", "mail",
                                               "jobTitle", "businessPhones", "mobilePhone", "homePhone", "faxNumber",
                                               "streetAddress", "city", "state", "postalCode", "country"}));
}

TEST(Names, RunsAreNamedAsInTheirLog) {
  EXPECT_EQ(name_of(RunKind::incremental), "incremental");
  EXPECT_EQ(name_of(RunKind::full), "full");
  EXPECT_EQ(name_of(RunKind::user), "user");
  EXPECT_EQ(name_of(RunKind::approve), "approve");
  EXPECT_EQ(name_of(Outcome::succeeded), "succeeded");
  EXPECT_EQ(name_of(Outcome::incomplete), "incomplete");
  EXPECT_EQ(name_of(Outcome::held), "held");
  EXPECT_EQ(name_of(Outcome::failed), "failed");
  EXPECT_EQ(name_of(Outcome::interrupted), "interrupted");
}

TEST(Names, EverythingElseIsNamedAsInTheRules) {
  EXPECT_EQ(name_of(EnvironmentType::production), "production");
  EXPECT_EQ(name_of(EnvironmentType::sandbox), "sandbox");
  EXPECT_EQ(name_of(EnvironmentType::default_), "default");
  EXPECT_EQ(name_of(EnvironmentType::trial), "trial");
  EXPECT_EQ(name_of(EnvironmentType::developer), "developer");
  EXPECT_EQ(name_of(EnvironmentType::teams), "teams");
  EXPECT_EQ(name_of(EnvironmentType::none), "none");
  EXPECT_EQ(name_of(Trigger::background), "background");
  EXPECT_EQ(name_of(Trigger::on_demand), "on_demand");
  EXPECT_EQ(name_of(Trigger::first_access), "first_access");
  EXPECT_EQ(name_of(UpdatePolicy::always), "always");
  EXPECT_EQ(name_of(UpdatePolicy::on_create), "on_create");
  EXPECT_EQ(name_of(UpdatePolicy::until_edited), "until_edited");
  EXPECT_EQ(name_of(UpdatePolicy::never), "never");
  EXPECT_EQ(name_of(Role::global_administrator), "global_administrator");
  EXPECT_EQ(name_of(Role::power_platform_administrator), "power_platform_administrator");
  EXPECT_EQ(name_of(Role::dynamics365_administrator), "dynamics365_administrator");
  EXPECT_EQ(name_of(GuardClass::stated), "stated");
  EXPECT_EQ(name_of(GuardClass::absent), "absent");
  EXPECT_EQ(name_of(GuardClass::disqualified), "disqualified");
  EXPECT_EQ(name_of(GuardClass::admitted), "admitted");
  EXPECT_EQ(name_of(GuardClass::access), "access");
  std::vector<std::string_view> decisions;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(Decision::refuse); ++i) {
    decisions.push_back(name_of(static_cast<Decision>(i)));
  }
  EXPECT_EQ(decisions,
            (std::vector<std::string_view>{"create", "enable", "disable", "update", "keep", "ignore", "refuse"}));
}

}  // namespace
}  // namespace dvsync::core
