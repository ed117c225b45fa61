// database, schedule, safety, log.

#include <gmock/gmock.h>

#include "config_support.hpp"

namespace dvsync::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Settings, HaveTheDocumentedDefaults) {
  for (const std::string_view sections : {"", "schedule:\nsafety:\nlog:\n", "schedule: {}\nsafety: {}\nlog: {}\n"}) {
    const auto configuration = valid(parse(with(sections), "t.yaml"));
    EXPECT_EQ(configuration.database.mirror_schema, "directory");
    EXPECT_EQ(configuration.database.migrate_connection, std::nullopt);
    EXPECT_EQ(configuration.schedule.every, minutes(15));
    EXPECT_EQ(configuration.schedule.full_every, hours(24));
    EXPECT_EQ(configuration.schedule.jitter, seconds(30));
    EXPECT_EQ(configuration.schedule.fresh_within, std::nullopt);
    EXPECT_EQ(configuration.safety.max_disables, 500);
    EXPECT_EQ(configuration.safety.max_disables_percent, 10);
    EXPECT_EQ(configuration.safety.window, hours(1));
    EXPECT_EQ(configuration.log.level, "info");
    EXPECT_EQ(configuration.log.format, LogFormat::automatic);
    EXPECT_EQ(configuration.log.retention, hours(90 * 24));
  }
}

TEST(Settings, NameAFileForMetrics) {
  EXPECT_EQ(valid(parse(with("metrics:\n"), "t.yaml")).metrics.textfile, std::nullopt);
  EXPECT_EQ(valid(parse(with("metrics: {textfile: dvsync.prom}\n"), "/etc/dvsync/t.yaml")).metrics.textfile,
            "/etc/dvsync/dvsync.prom");
}

TEST(Settings, CanAllBeSet) {
  const auto configuration = valid(
      parse("directory: {type: file, path: tenant.jsonl}\n"
            "database: {connection: dbname=a, migrate_connection: dbname=a user=owner, mirror_schema: The Mirror}\n"
            "environments: [{name: contoso, schema: contoso}]\n"
            "schedule: {every: 1h30m, full_every: 2d, jitter: 0s, fresh_within: 1d2h3m4s}\n"
            "safety: {max_disables: 0, max_disables_percent: 2.5, window: 2h}\n"
            "log: {level: debug, format: json, retention: 3650d}\n",
            "t.yaml"));
  EXPECT_EQ(configuration.database.connection, "dbname=a");
  EXPECT_EQ(configuration.database.migrate_connection, "dbname=a user=owner");
  EXPECT_EQ(configuration.database.mirror_schema, "The Mirror");
  EXPECT_EQ(configuration.schedule.every, minutes(90));
  EXPECT_EQ(configuration.schedule.full_every, hours(48));
  EXPECT_EQ(configuration.schedule.jitter, seconds(0));
  EXPECT_EQ(configuration.schedule.fresh_within, seconds(93784));
  EXPECT_EQ(configuration.safety.max_disables, 0);
  EXPECT_EQ(configuration.safety.max_disables_percent, 2.5);
  EXPECT_EQ(configuration.safety.window, hours(2));
  EXPECT_EQ(configuration.log.level, "debug");
  EXPECT_EQ(configuration.log.format, LogFormat::json);
  EXPECT_EQ(configuration.log.retention, hours(3650 * 24));
}

TEST(Schedule, AShortIntervalShortensTheDefaultJitter) {
  EXPECT_EQ(valid(parse(with("schedule: {every: 5s}"), "t.yaml")).schedule.jitter, seconds(5));
  EXPECT_EQ(valid(parse(with("schedule: {every: 5s, jitter: 4s}"), "t.yaml")).schedule.jitter, seconds(4));
}

TEST(Schedule, ALongIntervalLengthensTheDefaultFullInterval) {
  EXPECT_EQ(valid(parse(with("schedule: {every: 7d}"), "t.yaml")).schedule.full_every, hours(7 * 24));
}

struct Mistake {
  std::string_view section;  // line 4
  std::string_view told;
};

TEST(Settings, MistakesAreToldWithTheirPosition) {
  for (const auto& mistake : {
           // durations
           Mistake{"schedule: {every: 15}", "4:19: `every` must say a unit: 30s, 15m, 24h or 90d, not `15`"},
           Mistake{"schedule: {every: 1.5}", "4:19: `every` must say a unit: 30s, 15m, 24h or 90d, not `1.5`"},
           Mistake{"schedule: {every: soon}",
                   "4:19: `every` must be a duration such as 30s, 15m, 24h, 90d or 1h30m, not `soon`"},
           Mistake{"schedule: {every: 30m1h}",
                   "4:19: `every` must be a duration such as 30s, 15m, 24h, 90d or 1h30m, not `30m1h`"},
           Mistake{"schedule: {every: 1h1h}",
                   "4:19: `every` must be a duration such as 30s, 15m, 24h, 90d or 1h30m, not `1h1h`"},
           Mistake{"schedule: {every: -15m}",
                   "4:19: `every` must be a duration such as 30s, 15m, 24h, 90d or 1h30m, not `-15m`"},
           Mistake{"schedule: {every: 15 m}",
                   "4:19: `every` must be a duration such as 30s, 15m, 24h, 90d or 1h30m, not `15 m`"},
           Mistake{"schedule: {every: 99999999999999999999d}",
                   "4:19: `every` must be a duration such as 30s, 15m, 24h, 90d or 1h30m, not `99999999999999999999d`"},
           Mistake{"schedule: {every: 999999999d}", "4:19: `every` must be from 1s to 30d, not `999999999d`"},
           Mistake{"schedule: {every: 0s}", "4:19: `every` must be from 1s to 30d, not `0s`"},
           Mistake{"schedule: {every: 5s, jitter: 20s}", "4:31: `jitter` must not be longer than `every`"},
           Mistake{"schedule: {jitter: 25h}", "4:20: `jitter` must be from 0s to 1d, not `25h`"},
           Mistake{"schedule: {every: 2h, full_every: 1h}", "4:35: `full_every` must not be shorter than `every`"},
           Mistake{"schedule: {every: 5, full_every: 10m}",
                   "4:19: `every` must say a unit: 30s, 15m, 24h or 90d, not `5`"},
           Mistake{"log: {retention: 5m}", "4:18: `retention` must be from 1h to 36500d, not `5m`"},
           Mistake{"metrics: {textfile: a.txt}", "4:21: `textfile` must end in .prom"},
           // numbers
           Mistake{"safety: {max_disables: many}",
                   "4:24: `max_disables` must be a whole number from 0 to 1000000000, not `many`"},
           Mistake{"safety: {max_disables: 1.5}",
                   "4:24: `max_disables` must be a whole number from 0 to 1000000000, not `1.5`"},
           Mistake{"safety: {max_disables: \"500\"}",
                   "4:24: `max_disables` must be a whole number from 0 to 1000000000, not `500`"},
           Mistake{"safety: {max_disables_percent: 101}",
                   "4:32: `max_disables_percent` must be a number from 0 to 100 (percent), not `101`"},
           Mistake{"safety: {max_disables_percent: 10%}",
                   "4:32: `max_disables_percent` must be a number from 0 to 100 (percent), not `10%`"},
           Mistake{"safety: {max_disables_percent: nan}",
                   "4:32: `max_disables_percent` must be a number from 0 to 100 (percent), not `nan`"},
           // words, and values of the wrong shape
           Mistake{"log: {level: inof}",
                   "4:14: `level` must be trace, debug, info, warn or error, not `inof`: did you mean `info`?"},
           Mistake{"log: {level: [info]}", "4:14: `level` must be a single value, not a list"},
           Mistake{"log: {level: {info: 1}}", "4:14: `level` must be a single value, not a mapping"},
           Mistake{"log: {level: ~}", "4:7: `level` has no value: give it one, or remove the line"},
           Mistake{"log:\n  level:\n  format: text", "5:3: `level` has no value: give it one, or remove the line"},
           Mistake{"log: {level: \"\"}", "4:14: `level` must not be empty"},
           Mistake{"log: {level: !!str info}", "4:14: `level` must not carry a tag (!…)"},
           Mistake{"log: info", "4:6: `log` must be a mapping of keys (key: value)"},
           Mistake{"log: [info]", "4:6: `log` must be a mapping of keys (key: value)"},
       }) {
    EXPECT_THAT(mistakes(with(mistake.section)), ElementsAre("t.yaml:" + std::string(mistake.told)));
  }
}

std::vector<std::string> mistakes_of_database(std::string_view keys) {
  return mistakes(
      "directory: {type: file, path: tenant.jsonl}\n"
      "environments: [{name: contoso, schema: contoso}]\n"
      "database:\n  " +
      std::string(keys));
}

TEST(Database, NeedsAConnection) {
  EXPECT_THAT(mistakes_of_database("mirror_schema: m"),
              ElementsAre("t.yaml:3:1: missing key `connection` in `database`"));
  EXPECT_THAT(mistakes_of_database("connection: \"\""), ElementsAre("t.yaml:4:15: `connection` must not be empty"));
}

TEST(Database, ConnectionsHoldNoPasswords) {
  const auto* told =
      "t.yaml:4:15: `connection` must not hold a password: put it into a password file (passfile=…, or PGPASSFILE; see "
      "libpq)";
  for (const std::string_view value : {
           "host=db password=hunter2",
           "host=db password = 'hunter2'",
           "\"password=hunter2\"",
           "host=db sslpassword=hunter2",
           "postgresql://ana:hunter2@db/crm",
           "postgresql://ana@db/crm?password=hunter2",
           R"("host=db\npassword\n=hunter2")",
       }) {
    EXPECT_THAT(mistakes_of_database("connection: " + std::string(value)), ElementsAre(told)) << value;
  }
  for (const std::string_view value : {
           "host=db passfile=/etc/dvsync/pgpass",
           "host=db require_auth=password",
           "postgresql://ana@db:5432,db2:5432/crm?target_session_attrs=read-write",
           "service=dvsync",
       }) {
    EXPECT_THAT(mistakes_of_database("connection: " + std::string(value)), IsEmpty()) << value;
  }
}

TEST(Database, SchemasHaveAnyNameThatPostgresqlCanQuote) {
  const std::string longest(63, 'x');
  for (const std::string& value : {std::string("public"), std::string("\"Größe; DROP TABLE \\\"x\\\"\""), longest,
                                   std::string("PG_upper"), std::string("2024")}) {
    EXPECT_THAT(mistakes_of_database("connection: a=b\n  mirror_schema: " + value), IsEmpty()) << value;
  }
  EXPECT_THAT(mistakes_of_database("connection: a=b\n  mirror_schema: pg_toast"),
              ElementsAre("t.yaml:5:18: `mirror_schema` must not be PostgreSQL's own: `pg_toast`"));
  EXPECT_THAT(mistakes_of_database("connection: a=b\n  mirror_schema: information_schema"),
              ElementsAre("t.yaml:5:18: `mirror_schema` must not be PostgreSQL's own: `information_schema`"));
  EXPECT_THAT(mistakes_of_database("connection: a=b\n  mirror_schema: \"a\\0b\""),
              ElementsAre("t.yaml:5:18: `mirror_schema` must not hold a NUL"));
  EXPECT_THAT(mistakes_of_database("connection: a=b\n  mirror_schema: x" + longest),
              ElementsAre("t.yaml:5:18: `mirror_schema` is longer than the 63 bytes that PostgreSQL allows: `" +
                          longest.substr(0, 60) + "…`"));
}

}  // namespace
}  // namespace dvsync::config
