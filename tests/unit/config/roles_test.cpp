#include <gmock/gmock.h>

#include "config_support.hpp"

namespace dvsync::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Roles only_roles(std::string_view keys) {
  auto configuration = valid(parse(with_environment(keys), "t.yaml"));
  return configuration.environments.empty() ? Roles{} : configuration.environments.front().roles.value_or(Roles{});
}

TEST(ConfiguredRoles, AreNoneUnlessNamed) {
  EXPECT_FALSE(valid(parse(with_environment(""), "t.yaml")).environments.front().roles);
  EXPECT_THAT(only_roles("    roles: {}").all_names(), IsEmpty());
}

// docs/rules.md D18.
TEST(ConfiguredRoles, OfADefaultEnvironmentAreTwoForEverybody) {
  EXPECT_THAT(only_roles("    type: default\n    roles: {}").everybody, ElementsAre("Basic User", "Environment Maker"));
  EXPECT_THAT(only_roles("    type: default\n    roles: {everybody: [Maker]}").everybody, ElementsAre("Maker"));
}

TEST(ConfiguredRoles, AreNamedOnceWhateverTheirCaseAndFormerName) {
  EXPECT_THAT(only_roles("    roles: {everybody: [Basic User], administrators: [BASIC user, Common Data Service User], "
                         "stub: Salesperson, by_license: {DYN365_ENTERPRISE_SALES: [salesperson]}}")
                  .all_names(),
              ElementsAre("Basic User", "salesperson"));
}

TEST(ConfiguredRoles, GoByPlansAndByProducts) {
  const auto roles = only_roles(
      "    roles: {by_license: {2e8dde43-6986-479d-b179-7dbe31c31f60: [One], DYN365_ENTERPRISE_SALES: [Two]}}");
  ASSERT_THAT(roles.by_license, testing::SizeIs(2));
  EXPECT_THAT(roles.by_license[0].plans, ElementsAre(core::parse_guid("2e8dde43-6986-479d-b179-7dbe31c31f60").value()));
  EXPECT_THAT(roles.by_license[1].plans, testing::SizeIs(1));
}

TEST(ConfiguredRoles, MistakesAreToldWithTheirPosition) {
  struct Row {
    std::string keys;  // line 6
    std::vector<std::string> told;
  };
  std::vector<Row> table{
      {"    roles: {everybody: [\"\"]}", {"t.yaml:6:25: `everybody` must not be empty"}},
      {"    roles: {by_license: {NO_SUCH_PLAN: [One]}}",
       {"t.yaml:6:26: `by_license` takes ids and names of service plans, and products as the admin centre names them, "
        "not `NO_SUCH_PLAN`"}},
  };
  for (const std::string type : {"teams", "trial"}) {
    table.push_back({"    roles: {by_license: {DYN365_ENTERPRISE_SALES: [One]}}\n    type: " + type,
                     {"t.yaml:6:13: a " + type + " environment gives no roles `by_license`"}});
  }
  std::string names = "a";
  for (int i = 0; i < 64; ++i) names += ", role" + std::to_string(i);
  table.push_back({"    roles: {everybody: [" + names + "]}", {"t.yaml:6:5: `roles` names more than 64 roles"}});
  for (const auto& row : table) {
    EXPECT_EQ(mistakes(with_environment(row.keys)), row.told);
  }
}

}  // namespace
}  // namespace dvsync::config
