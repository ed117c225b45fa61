#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "config_support.hpp"
#include "dvsync/config/service_plans.hpp"

namespace dvsync::config {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

core::Guid id(std::string_view text) { return core::parse_guid(text).value(); }
core::Guid plan(std::string_view name) {
  const auto found = std::ranges::find(service_plans(), name, &ServicePlan::name);
  EXPECT_NE(found, service_plans().end()) << name;
  return found->id;
}
Licenses licenses(std::string_view keys) {
  return valid(parse(with("licenses: {" + std::string(keys) + "}\n"), "t.yaml")).licenses;
}

TEST(ServicePlans, HaveIdsAndNamesOfTheirOwn) {
  std::set<core::Guid> ids;
  std::set<std::string_view> names;
  for (const auto& each : service_plans()) {
    EXPECT_TRUE(ids.insert(each.id).second) << each.name;
    EXPECT_TRUE(names.insert(each.name).second) << each.name;
  }
  EXPECT_EQ(names.size(), 183U);
}

TEST(ServicePlans, EntitleByWhatTheyAre) {
  using enum Entitlement;
  const std::vector<std::pair<std::string_view, Entitlement>> table{
      {"DYN365_CDS_P2", full},
      {"POWERAPPS_PER_USER", full},
      {"DYN365_ENTERPRISE_SALES", full},
      {"DYN365_TEAM_MEMBERS", full},
      {"POWERAPPS_DYN_APPS", full},
      {"CRMSTANDARD", full},
      {"CDS_ATTENDED_RPA", full},
      {"DYN365_CDS_O365_F1", on_demand},
      {"DYN365_CDS_O365_P3_GCC", on_demand},
      {"CDS_O365_P2", on_demand},
      {"CDS_PER_APP", on_demand},
      {"POWERAPPS_PER_APP_NEW", on_demand},
      {"DATAVERSE_POWERAPPS_PER_APP_NEW", on_demand},
      {"DYN365_CDS_VIRAL", on_demand},
      {"POWERAPPS_DEV_VIRAL", on_demand},
      {"CDS_DB_CAPACITY", none},
      {"CDSAICAPACITY_PERUSER", none},
      {"CRMINSTANCE", none},
      {"CRMSTORAGE", none},
      {"POWERAPPS_PORTALS_LOGIN", none},
      {"CDS_UNATTENDED_RPA", none},
      {"POWERAPPS_O365_P2", none},
      {"POWERAPPSFREE", none},
  };
  for (const auto& [name, entitlement] : table) {
    const auto found = std::ranges::find(service_plans(), name, &ServicePlan::name);
    ASSERT_NE(found, service_plans().end()) << name;
    EXPECT_EQ(found->entitlement, entitlement) << name;
  }
}

TEST(ServicePlans, OfMicrosoft365AndPerAppAreAllOnDemand) {
  for (const auto& each : service_plans()) {
    if (each.name.starts_with("DYN365_CDS_O365_") || each.name.starts_with("CDS_O365_") ||
        each.name.find("PER_APP") != std::string_view::npos) {
      EXPECT_EQ(each.entitlement, Entitlement::on_demand) << each.name;
    }
    if (each.name.find("VIRAL") != std::string_view::npos) {
      EXPECT_EQ(each.entitlement, Entitlement::on_demand) << each.name;
    }
    if (each.name.find("CAPACITY") != std::string_view::npos || each.name.find("PORTAL") != std::string_view::npos) {
      EXPECT_EQ(each.entitlement, Entitlement::none) << each.name;
    }
  }
}

TEST(Licenses, AreTheShippedListsUnlessConfigured) {
  const auto shipped = licenses("");
  EXPECT_EQ(shipped.full.size(), 80U);
  EXPECT_EQ(shipped.on_demand.size(), 41U);
  EXPECT_THAT(shipped.full, Contains(id("6ea4c1ef-c259-46df-bce2-943342cd3cb2")));       // DYN365_CDS_P2
  EXPECT_THAT(shipped.on_demand, Contains(id("28b0fa46-c39a-4188-89e2-58e979a6b014")));  // DYN365_CDS_O365_P3
}

TEST(Licenses, CanBeReplacedByIdsAndNames) {
  const auto replaced =
      licenses("full: [00000000-0000-4000-8000-000000000001, CRMSTANDARD, CRMSTANDARD], on_demand: []");
  EXPECT_THAT(replaced.full, UnorderedElementsAre(id("00000000-0000-4000-8000-000000000001"), plan("CRMSTANDARD")));
  EXPECT_THAT(replaced.on_demand, ElementsAre());
}

TEST(Licenses, CanBeAmended) {
  const auto amended = licenses(
      "full_add: [POWERAPPS_O365_P3], full_remove: [CRMSTANDARD, 00000000-0000-4000-8000-000000000001],"
      "on_demand: [CDS_O365_P1, CDS_O365_P2], on_demand_add: [CDS_O365_P3], on_demand_remove: [CDS_O365_P1]");
  EXPECT_EQ(amended.full.size(), 80U);
  EXPECT_THAT(amended.full, Contains(plan("POWERAPPS_O365_P3")));
  EXPECT_THAT(amended.full, Not(Contains(plan("CRMSTANDARD"))));
  EXPECT_THAT(amended.on_demand, UnorderedElementsAre(plan("CDS_O365_P2"), plan("CDS_O365_P3")));
}

TEST(Licenses, APlanInBothListsCountsAsFull) {
  const auto both = licenses("full: [CDS_O365_P1], on_demand: [CDS_O365_P1, CDS_O365_P2]");
  EXPECT_THAT(both.full, ElementsAre(plan("CDS_O365_P1")));
  EXPECT_THAT(both.on_demand, ElementsAre(plan("CDS_O365_P2")));
}

TEST(Licenses, MistakesAreToldWithTheirPosition) {
  EXPECT_THAT(mistakes(with("licenses:\n  full: [CRMSTANDARD, POWERAPPS_PER_USR]\n  on_demand_add:\n    - x\n"
                            "  fulladd: []\n  full_remove: CRMSTANDARD\n")),
              ElementsAre("t.yaml:5:23: `full` must hold ids or known names of service plans, not "
                          "`POWERAPPS_PER_USR`: did you mean `POWERAPPS_PER_USER`?",
                          "t.yaml:7:7: `on_demand_add` must hold ids or known names of service plans, not `x`",
                          "t.yaml:8:3: unknown key `fulladd` in `licenses`: did you mean `full_add`?",
                          "t.yaml:9:16: `full_remove` must be a list ([…])"));
}

}  // namespace
}  // namespace dvsync::config
