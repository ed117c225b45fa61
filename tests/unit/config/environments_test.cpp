#include <gmock/gmock.h>

#include "config_support.hpp"

namespace dvsync::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using core::Column;
using core::UpdatePolicy;

core::Guid id(std::string_view text) { return core::parse_guid(text).value(); }

Environment only_environment(std::string_view keys) {
  auto configuration = valid(parse(with_environment(keys), "t.yaml"));
  return configuration.environments.empty() ? Environment{} : configuration.environments.front();
}

TEST(Environments, HaveTheDocumentedDefaults) {
  const auto environment = only_environment("");
  EXPECT_EQ(environment.rules.name, "contoso");
  EXPECT_EQ(environment.schema, "contoso");
  EXPECT_EQ(environment.rules.type, core::EnvironmentType::production);
  EXPECT_EQ(environment.connection, std::nullopt);
  EXPECT_EQ(environment.migrate_connection, std::nullopt);
  EXPECT_EQ(environment.security_group, std::nullopt);
  EXPECT_FALSE(environment.rules.has_security_group);
  EXPECT_EQ(environment.rules.nested_groups, core::NestedGroups::ignore);
  EXPECT_EQ(environment.rules.creator, std::nullopt);
  EXPECT_FALSE(environment.rules.app_pass_capacity);
  EXPECT_FALSE(environment.rules.marketing_license);
  EXPECT_EQ(environment.rules.manual_disable, core::ManualDisable::until_access);
  EXPECT_EQ(environment.rules.on_license_loss, core::OnLicenseLoss::disable);
  EXPECT_EQ(environment.rules.mapping.policies, core::mapping_of(core::MappingPreset::dataverse).policies);
  EXPECT_EQ(environment.rules.mapping.full_name_order, core::FullNameOrder::first_last);
  EXPECT_EQ(environment.business_unit, std::nullopt);
  EXPECT_EQ(environment.actor, std::nullopt);
  EXPECT_THAT(environment.create_values, IsEmpty());
}

TEST(Environments, WithoutADatabaseNeedNoSchema) {
  const auto configuration =
      valid(parse("directory: {type: file, path: tenant.jsonl}\n"
                  "database: {connection: dbname=a}\n"
                  "environments: [{name: a, type: none}, {name: b, type: none}, {name: c, type: none, schema: c}]\n",
                  "t.yaml"));
  ASSERT_THAT(configuration.environments, testing::SizeIs(3));
  EXPECT_EQ(configuration.environments[0].schema, "");
  EXPECT_EQ(configuration.environments[2].schema, "c");
}

TEST(Environments, CanBeSetInFull) {
  const auto environment = only_environment(
      "    type: sandbox\n"
      "    connection: host=db2\n"
      "    migrate_connection: host=db2 user=owner\n"
      "    security_group: 3F6B2C1E-0000-4000-8000-000000000001\n"
      "    nested_groups: first_access\n"
      "    app_pass_capacity: true\n"
      "    mapping: dynamics365-2019\n"
      "    full_name_order: last-first\n"
      "    manual_disable: override\n"
      "    on_license_loss: keep\n"
      "    business_unit: 22e1d5a0-0000-4000-8000-000000000003\n"
      "    actor: 33e1d5a0-0000-4000-8000-000000000004\n"
      "    create_values: {organizationid: 11e1d5a0-0000-4000-8000-000000000005, note: \"\"}\n");
  EXPECT_EQ(environment.rules.type, core::EnvironmentType::sandbox);
  EXPECT_EQ(environment.connection, "host=db2");
  EXPECT_EQ(environment.migrate_connection, "host=db2 user=owner");
  EXPECT_EQ(environment.security_group, "3f6b2c1e-0000-4000-8000-000000000001");
  EXPECT_TRUE(environment.rules.has_security_group);
  EXPECT_EQ(environment.rules.nested_groups, core::NestedGroups::first_access);
  EXPECT_TRUE(environment.rules.app_pass_capacity);
  EXPECT_EQ(environment.rules.mapping.policies, core::mapping_of(core::MappingPreset::dynamics365_2019).policies);
  EXPECT_EQ(environment.rules.mapping.full_name_order, core::FullNameOrder::last_first);
  EXPECT_EQ(environment.rules.manual_disable, core::ManualDisable::override_);
  EXPECT_EQ(environment.rules.on_license_loss, core::OnLicenseLoss::keep);
  EXPECT_EQ(environment.business_unit, "22e1d5a0-0000-4000-8000-000000000003");
  EXPECT_EQ(environment.actor, id("33e1d5a0-0000-4000-8000-000000000004"));
  EXPECT_THAT(environment.create_values,
              ElementsAre(Pair("note", ""), Pair("organizationid", "11e1d5a0-0000-4000-8000-000000000005")));
}

TEST(Environments, EveryTypeHasItsName) {
  using enum core::EnvironmentType;
  for (const auto type : {production, sandbox, default_, trial, teams, none}) {
    EXPECT_EQ(only_environment("    type: " + std::string(core::name_of(type))).rules.type, type);
  }
  const auto environment = only_environment("    type: developer\n    creator: 6a0c8f52-0000-4000-8000-000000000002\n");
  EXPECT_EQ(environment.rules.type, developer);
  EXPECT_EQ(environment.rules.creator, id("6a0c8f52-0000-4000-8000-000000000002"));
}

TEST(Environments, TheTenantsMarketingLicenceIsEverybodys) {
  const auto configuration =
      valid(parse("directory: {type: file, path: tenant.jsonl, marketing_license: true}\n"
                  "database: {connection: dbname=dvsync}\n"
                  "environments: [{name: a, schema: a}]\n",
                  "t.yaml"));
  EXPECT_TRUE(configuration.environments.at(0).rules.marketing_license);
}

TEST(Environments, PoliciesComeOnTopOfThePreset) {
  const auto mapping = only_environment(
                           "    mapping: dynamics365-2019\n"
                           "    primary_email: until_edited\n"
                           "    fields: {jobtitle: on_create, fullname: never, address1_fax: until_edited}\n")
                           .rules.mapping;
  EXPECT_EQ(mapping.policy(Column::internalemailaddress), UpdatePolicy::until_edited);
  EXPECT_EQ(mapping.policy(Column::jobtitle), UpdatePolicy::on_create);
  EXPECT_EQ(mapping.policy(Column::fullname), UpdatePolicy::never);
  EXPECT_EQ(mapping.policy(Column::address1_fax), UpdatePolicy::until_edited);
  EXPECT_EQ(mapping.policy(Column::lastname), UpdatePolicy::always);
  EXPECT_EQ(mapping.policy(Column::address1_postalcode), UpdatePolicy::never);
  const auto email = only_environment("    fields: {internalemailaddress: always}\n").rules.mapping;
  EXPECT_EQ(email.policy(Column::internalemailaddress), UpdatePolicy::always);
}

struct Mistake {
  std::string_view keys;  // line 6
  std::vector<std::string> told;
};

TEST(Environments, MistakesAreToldWithTheirPosition) {
  const std::vector<Mistake> table{
      {"    securty_group: x",
       {"t.yaml:6:5: unknown key `securty_group` in `environments`: did you mean `security_group`?"}},
      {"    type: develloper",
       {"t.yaml:6:11: `type` must be production, sandbox, default, trial, developer, teams or none, not "
        "`develloper`: did you mean `developer`?"}},
      {"    type: develloper\n    creator: 6a0c8f52-0000-4000-8000-000000000002",
       {"t.yaml:6:11: `type` must be production, sandbox, default, trial, developer, teams or none, not "
        "`develloper`: did you mean `developer`?"}},
      {"    app_pass_capacity: yes", {"t.yaml:6:24: `app_pass_capacity` must be true or false, not `yes`"}},
      {"    app_pass_capacity: \"true\"", {"t.yaml:6:24: `app_pass_capacity` must be true or false, without quotes"}},
      {"    business_unit: [22e1d5a0]", {"t.yaml:6:20: `business_unit` must be a single value, not a list"}},
      {"    actor: 22e1d5a0-0000-4000-8000-00000000000z",
       {"t.yaml:6:12: `actor` must be an id such as 3f6b2c1e-0000-4000-8000-000000000001, not "
        "`22e1d5a0-0000-4000-8000-00000000000z`"}},
      {"    actor: 22e1d5a0-0000-4000-8000-00000000001",
       {"t.yaml:6:12: `actor` must be an id such as 3f6b2c1e-0000-4000-8000-000000000001, not "
        "`22e1d5a0-0000-4000-8000-00000000001`, which has 35 characters, not 36"}},
      {"    security_group: everybody", {"t.yaml:6:21: `security_group` must be a group's id or DN, not `everybody`"}},
      {"    security_group: 3f6b2c1e-0000-4000-8000-00000000001",
       {"t.yaml:6:21: `security_group` must be a group's id or DN, not `3f6b2c1e-0000-4000-8000-00000000001`, which "
        "has 35 characters, not 36"}},
      {"    security_group: 3f6b2c1e-0000-4000-8000-000000000001\n    type: default",
       {"t.yaml:6:5: a default environment cannot have a `security_group`"}},
      {"    security_group: 3f6b2c1e-0000-4000-8000-000000000001\n    type: developer\n"
       "    creator: 6a0c8f52-0000-4000-8000-000000000002",
       {"t.yaml:6:5: a developer environment cannot have a `security_group`"}},
      {"    type: developer",
       {"t.yaml:4:5: a developer environment needs `creator`: the object id of the one user it admits"}},
      {"    creator: 6a0c8f52-0000-4000-8000-000000000002",
       {"t.yaml:6:5: `creator` is for developer environments only, this one is production"}},
      {"    connection: host=db password=x",
       {"t.yaml:6:17: `connection` must not hold a password: put it into a password file (passfile=…, or PGPASSFILE; "
        "see libpq)"}},
      {"    migrate_connection: host=db password=x",
       {"t.yaml:6:25: `migrate_connection` must not hold a password: put it into a password file (passfile=…, or "
        "PGPASSFILE; see libpq)"}},
      {"    mapping: dynamics",
       {"t.yaml:6:14: `mapping` must be dataverse, dynamics365-2019 or onprem-ad, not `dynamics`"}},
      {"    primary_email: always", {"t.yaml:6:20: `primary_email` must be on_create or until_edited, not `always`"}},
  };
  for (const auto& mistake : table) {
    EXPECT_EQ(mistakes(with_environment(mistake.keys)), mistake.told);
  }
}

TEST(Environments, FieldsNameColumnsThatTheMappingFills) {
  const std::vector<Mistake> table{
      {"    fields: {jobtitel: always}",
       {"t.yaml:6:14: `fields` cannot name `jobtitel`: custom columns are never synchronised: did you mean "
        "`jobtitle`?"}},
      {"    fields: {new_region: always}",
       {"t.yaml:6:14: `fields` cannot name `new_region`: custom columns are never synchronised"}},
      {"    fields: {isdisabled: always}",
       {"t.yaml:6:14: `fields` cannot name `isdisabled`: the rules decide about it, not the mapping"}},
      {"    fields: {homephone: always}",
       {"t.yaml:6:14: `fields` cannot name `homephone`: this environment's mapping does not fill it"}},
      {"    fields: {jobtitle: always}\n    mapping: onprem-ad",
       {"t.yaml:6:14: `fields` cannot name `jobtitle`: this environment's mapping does not fill it"}},
      {"    fields: {jobtitle: sometimes}",
       {"t.yaml:6:24: `jobtitle` must be always, on_create, until_edited or never, not `sometimes`"}},
      {"    fields: {jobtitle: always, jobtitle: never}", {"t.yaml:6:32: duplicate key `jobtitle` (first in line 6)"}},
      {"    fields: {domainname: never}",
       {"t.yaml:6:26: `domainname` must not be never: every row needs its user name"}},
      {"    fields: [jobtitle]", {"t.yaml:6:13: `fields` must be a mapping of keys (key: value)"}},
      {"    fields: {internalemailaddress: always}\n    primary_email: on_create",
       {"t.yaml:6:14: `primary_email` (line 7) is this column's policy already: give one of the two"}},
  };
  for (const auto& mistake : table) {
    EXPECT_EQ(mistakes(with_environment(mistake.keys)), mistake.told);
  }
}

TEST(Environments, CreateValuesAreForColumnsThatTheSyncLeavesAlone) {
  const std::vector<Mistake> table{
      {"    create_values: {jobtitle: Clerk}",
       {"t.yaml:6:21: `create_values` cannot name `jobtitle`: the sync writes it itself"}},
      {"    create_values: {isdisabled: false}",
       {"t.yaml:6:21: `create_values` cannot name `isdisabled`: the sync writes it itself"}},
      {"    create_values: {systemuserid: 1}",
       {"t.yaml:6:21: `create_values` cannot name `systemuserid`: the sync writes it itself"}},
      {"    create_values: {modifiedon: now}",
       {"t.yaml:6:21: `create_values` cannot name `modifiedon`: the sync writes it itself"}},
      {"    create_values: {\"\": 1}",
       {"t.yaml:6:21: `create_values` cannot name ``: a column's name has 1 to 63 bytes and no NUL"}},
      {"    create_values: {a: [1]}", {"t.yaml:6:24: `a` must be a single value, not a list"}},
      {"    create_values: {a: ~}", {"t.yaml:6:21: `a` has no value: give it one, or remove the line"}},
      {"    create_values: {businessunitid: 1}\n    business_unit: 22e1d5a0-0000-4000-8000-000000000003",
       {"t.yaml:6:21: `business_unit` (line 7) sets this column already: give one of the two"}},
      // Left alone by this mapping, so a table may demand a constant.
      {"    create_values: {homephone: none, businessunitid: 22}", {}},
      {"    create_values: {fullname: nobody}\n    fields: {fullname: never}", {}},
  };
  for (const auto& mistake : table) {
    EXPECT_EQ(mistakes(with_environment(mistake.keys)), mistake.told);
  }
}

TEST(Environments, NameTheirServer) {
  const auto configuration = valid(
      parse("directory: {type: file, path: tenant.jsonl}\n"
            "database: {connection: dbname=a, connections: {west: host=db2, owner of west: host=db2 user=owner}}\n"
            "environments:\n"
            "  - {name: a, schema: a, connection: west, migrate_connection: owner of west}\n"
            "  - {name: b, schema: a, connection: host=db3}\n",
            "t.yaml"));
  EXPECT_EQ(configuration.environments[0].connection, "host=db2");
  EXPECT_EQ(configuration.environments[0].migrate_connection, "host=db2 user=owner");
  EXPECT_EQ(configuration.environments[0].server, "west");
  EXPECT_EQ(configuration.environments[1].server, "");
}

TEST(Environments, NameAServerThatThereIs) {
  EXPECT_EQ(mistakes("directory: {type: file, path: tenant.jsonl}\n"
                     "database: {connection: dbname=a, connections: {west: host=db2, a=b: host=x, east: db3}}\n"
                     "environments:\n"
                     "  - {name: a, schema: a, connection: vest}\n"
                     "  - {name: b, schema: a, connection: west}\n"
                     "  - {name: c, schema: a, connection: host=db2}\n"),
            (std::vector<std::string>{
                "t.yaml:2:64: `connections` gives names to connection strings: `a=b` is no name",
                "t.yaml:2:83: `east` must be a connection string, as in `host=… dbname=…`",
                "t.yaml:4:38: `connection` must be a connection string, or one of the names in `database.connections`, "
                "not `vest`: did you mean `west`?",
                "t.yaml:6:23: `schema` `a` is already the environment `b`'s, on the same connection"}));
}

std::vector<std::string> mistakes_of_environments(std::string_view environments) {
  return mistakes(
      "directory: {type: file, path: tenant.jsonl}\n"
      "database: {connection: dbname=dvsync}\n"
      "environments:\n" +
      std::string(environments));
}

TEST(Environments, AtLeastOneIsNeeded) {
  EXPECT_THAT(mistakes_of_environments(""), ElementsAre("t.yaml:3:1: `environments` must be a list ([…])"));
  EXPECT_THAT(mistakes_of_environments("  []"), ElementsAre("t.yaml:4:3: `environments` must name at least one"));
  EXPECT_THAT(mistakes_of_environments("  {name: a}"), ElementsAre("t.yaml:4:3: `environments` must be a list ([…])"));
  EXPECT_THAT(mistakes_of_environments("  - a"),
              ElementsAre("t.yaml:4:5: `environments` must be a mapping of keys (key: value)"));
}

TEST(Environments, NeedANameAndASchema) {
  EXPECT_THAT(mistakes_of_environments("  - type: sandbox\n"),
              ElementsAre("t.yaml:4:5: missing key `name` in `environments`",
                          "t.yaml:4:5: missing key `schema` in `environments`"));
  EXPECT_THAT(mistakes_of_environments("  - {name: \" a\", schema: a}\n"),
              ElementsAre("t.yaml:4:12: `name` must be a printable name of at most 100 bytes without blanks around it, "
                          "not ` a`"));
}

TEST(Environments, DoNotShareNamesOrSchemas) {
  EXPECT_THAT(mistakes_of_environments("  - {name: a, schema: a}\n  - {name: a, schema: b}\n"),
              ElementsAre("t.yaml:5:12: `name` `a` is taken by another environment"));
  EXPECT_THAT(mistakes_of_environments("  - {name: a, schema: s}\n  - {name: b, schema: s}\n"),
              ElementsAre("t.yaml:5:23: `schema` `s` is already the environment `a`'s, on the same connection"));
  EXPECT_THAT(mistakes_of_environments("  - {name: a, schema: s}\n"
                                       "  - {name: b, schema: s, connection: dbname=dvsync}\n"),
              ElementsAre("t.yaml:5:23: `schema` `s` is already the environment `a`'s, on the same connection"));
  EXPECT_THAT(mistakes_of_environments("  - {name: a, schema: s}\n  - {name: b, schema: s, connection: host=db2}\n"),
              IsEmpty());
}

TEST(Environments, KeepOffTheMirrorsSchema) {
  EXPECT_THAT(mistakes_of_environments("  - {name: a, schema: directory}\n"),
              ElementsAre("t.yaml:4:23: `schema` `directory` is the directory mirror's: choose another, or set "
                          "`mirror_schema`"));
  EXPECT_THAT(mistakes_of_environments("  - {name: a, schema: directory, connection: host=db2}\n"), IsEmpty());
}

}  // namespace
}  // namespace dvsync::config
