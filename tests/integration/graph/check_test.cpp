// `dvsync check` against a tenant: every finding says what to do.

#include "integration/graph/graph_test.hpp"

namespace dvsync::source::graph::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Check : public GraphTest {
 protected:
  std::vector<Finding> findings() { return source()->check(request()); }
  static auto says(Finding::Effect effect, const std::string& words) {
    return AllOf(Field(&Finding::effect, effect), Field(&Finding::message, HasSubstr(words)));
  }
};

TEST_F(Check, HealthyTenantHasNoFindingsAndIsNotRead) {
  put_user(1);
  put_group(1, {1});
  EXPECT_THAT(findings(), IsEmpty());
  for (const std::string& line : requests()) {
    EXPECT_TRUE(line.find("users/delta") == std::string::npos || line.ends_with("$deltatoken=latest")) << line;
  }
}

struct Permission {
  const char* name;
  Finding::Effect effect;
};
void PrintTo(const Permission& permission, std::ostream* out) { *out << permission.name; }

class MissingPermission : public Check, public ::testing::WithParamInterface<Permission> {};

TEST_P(MissingPermission, IsNamedAndNoOther) {
  json::array granted;
  for (const char* name :
       {"User.Read.All", "GroupMember.Read.All", "RoleManagement.Read.Directory", "LicenseAssignment.Read.All"}) {
    if (std::string_view(name) != GetParam().name) {
      granted.emplace_back(name);
    }
  }
  put_group(1);
  put_group(2);
  tell({{"do", "permissions"}, {"granted", granted}});
  EXPECT_THAT(findings(), ElementsAre(AllOf(says(GetParam().effect, std::string("permission ") + GetParam().name),
                                            says(GetParam().effect, "grant admin consent"))));
}

INSTANTIATE_TEST_SUITE_P(Each, MissingPermission,
                         ::testing::Values(Permission{"User.Read.All", Finding::Effect::denied},
                                           Permission{"GroupMember.Read.All", Finding::Effect::incomplete},
                                           Permission{"RoleManagement.Read.Directory", Finding::Effect::incomplete},
                                           Permission{"LicenseAssignment.Read.All", Finding::Effect::none}),
                         [](const auto& instance) {
                           std::string name = instance.param.name;
                           std::erase(name, '.');
                           return name;
                         });

TEST_F(Check, EveryMissingPermissionIsNamedAtOnce) {
  put_group(1);
  tell({{"do", "permissions"}, {"granted", json::array{}}});
  EXPECT_THAT(findings(), SizeIs(4));
}

TEST_F(Check, UnsupportedKindsOfGroupsAreNamed) {
  struct Kind {
    json::object properties;
    const char* words;
  };
  const std::vector<Kind> kinds{
      {{{"securityEnabled", false}, {"mailEnabled", true}}, "distribution list"},
      {{{"securityEnabled", true}, {"mailEnabled", true}}, "mail-enabled security group"},
      {{{"onPremisesSyncEnabled", true}}, "on-premises"},
  };
  int number = 1;
  for (const Kind& kind : kinds) {
    json::object group = kind.properties;
    group["do"] = "put_group";
    group["id"] = group_id(number);
    tell(group);
    groups = {group_id(number)};
    EXPECT_THAT(findings(), ElementsAre(AllOf(says(Finding::Effect::none, kind.words),
                                              says(Finding::Effect::none, group_id(number)))));
    ++number;
  }
}

TEST_F(Check, SecurityAndMicrosoft365GroupsAreFine) {
  put_group(1);
  tell({{"do", "put_group"},
        {"id", group_id(2)},
        {"groupTypes", {"Unified"}},
        {"securityEnabled", false},
        {"mailEnabled", true}});
  groups.push_back(group_id(2));
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(Check, MissingGroupIsNamed) {
  groups = {group_id(9), "staff"};
  EXPECT_THAT(findings(),
              ElementsAre(says(Finding::Effect::incomplete, "security group staff: name it by its object id"),
                          says(Finding::Effect::incomplete, group_id(9) + " does not exist")));
}

TEST_F(Check, TenantWithoutSubscriptionsIsWorthKnowing) {
  tell({{"do", "put_subscriptions"}, {"subscriptions", json::array{}}});
  EXPECT_THAT(findings(), ElementsAre(says(Finding::Effect::none, "no active subscription")));
}

TEST_F(Check, WrongTenantExpiredSecretAndSilenceAreFindings) {
  tell({{"do", "access"}, {"secret_expired", true}});
  EXPECT_THAT(findings(), ElementsAre(says(Finding::Effect::denied, "secret has expired")));
  directory.tenant = "fabrikam.example";
  EXPECT_THAT(findings(), ElementsAre(says(Finding::Effect::denied, "tenant does not exist")));
  directory.authority = "https://localhost:1";
  EXPECT_THAT(findings(), ElementsAre(says(Finding::Effect::unavailable, "token endpoint cannot be read")));
}

TEST_F(Check, QueryThatGraphRefusesIsAFinding) {
  fault({{"match", "users/delta"}, {"where", "part"}, {"status", 400}, {"code", "Request_UnsupportedQuery"}});
  EXPECT_THAT(findings(), ElementsAre(says(Finding::Effect::unavailable, "Request_UnsupportedQuery")));
}

}  // namespace
}  // namespace dvsync::source::graph::testing
