// How mistakes are told: where, in which order, with which line.

#include <gmock/gmock.h>

#include "config_support.hpp"

namespace dvsync::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string whole_text(const Loaded& loaded) {
  std::string text;
  for (const auto& diagnostic : std::get<std::vector<Diagnostic>>(loaded)) {
    text += to_string(diagnostic) + "\n";
  }
  return text;
}

TEST(Diagnostic, ShowsTheLineAndACaret) {
  EXPECT_EQ(whole_text(parse(with("schedule:\n\tlevel: 1"), "t.yaml")),
            "t.yaml:5:7: this is not YAML: the line is indented by a tab: indent with blanks\n"
            "\tlevel: 1\n"
            "\t     ^\n");
}

TEST(Diagnostic, CountsCodePoints) {
  EXPECT_EQ(whole_text(parse(with("log: {format: \"øæå\", levl: info}"), "t.yaml")),
            "t.yaml:4:15: `format` must be auto, text, json or journal, not `øæå`\n"
            "log: {format: \"øæå\", levl: info}\n"
            "              ^\n"
            "t.yaml:4:22: unknown key `levl` in `log`: did you mean `level`?\n"
            "log: {format: \"øæå\", levl: info}\n"
            "                     ^\n");
}

TEST(Diagnostic, NeverShowsAPassword) {
  for (const std::string_view line : {
           "database: {connection: \"host=db password=hunter2\", foo: 1}",
           "database: {conection: \"host=db password = hunter2\"}",
           "database: {connection: \"postgresql://ana:hunter2@db/crm\", foo: 1}",
           "database: {connection: \"host=db password=hunter2}",
           "database: {connection: \"host=db password=hunter2\"]",
           "database:\n  password: hunter2",
           "database:\n  connection: >-\n    host=db\n    password=hunter2",
           "directory: {type: openldap, urls: [\"ldap://ana:hunter2@dc1\"]}",
           "directory: {type: graph, client_secret: hunter2}",
           "directory: {type: graph, proxy: \"http://ana:hunter2@proxy\"}",
       }) {
    const auto text = whole_text(parse(line, "t.yaml"));
    EXPECT_THAT(text, Not(HasSubstr("hunter2")));
    EXPECT_THAT(text, HasSubstr("t.yaml:"));
  }
}

TEST(Diagnostic, TenMistakesAreToldTogetherInTheOrderOfTheFile) {
  EXPECT_THAT(mistakes("log:\n"
                       "  level: verbose\n"
                       "  levle: info\n"
                       "directory:\n"
                       "  type: file\n"
                       "  mode: snapshto\n"
                       "database: {connection: dbname=dvsync, mirror_schema: pg_mirror}\n"
                       "schedule: {every: 15, every: 20m}\n"
                       "environments:\n"
                       "  - name: contoso\n"
                       "    type: default\n"
                       "    schema: contoso\n"
                       "    security_group: everybody\n"
                       "safety: {max_disables: -1}\n"),
              ElementsAre("t.yaml:2:10: `level` must be trace, debug, info, warn or error, not `verbose`",
                          "t.yaml:3:3: unknown key `levle` in `log`: did you mean `level`?",
                          "t.yaml:4:1: missing key `path` in `directory`",
                          "t.yaml:6:9: `mode` must be snapshot or delta, not `snapshto`: did you mean `snapshot`?",
                          "t.yaml:7:54: `mirror_schema` must not be PostgreSQL's own: `pg_mirror`",
                          "t.yaml:8:19: `every` must say a unit: 30s, 15m, 24h or 90d, not `15`",
                          "t.yaml:8:23: duplicate key `every` (first in line 8)",
                          "t.yaml:13:5: a default environment cannot have a `security_group`",
                          "t.yaml:13:21: `security_group` must be a group's id or DN, not `everybody`",
                          "t.yaml:14:24: `max_disables` must be a whole number from 0 to 1000000000, not `-1`"));
}

TEST(Diagnostic, AMistakeBehindAnAliasIsToldOnce) {
  EXPECT_THAT(mistakes("directory: {type: file, path: tenant.jsonl}\n"
                       "database: {connection: dbname=dvsync}\n"
                       "environments:\n"
                       "  - {name: a, schema: a, fields: &policies {jobtitle: often}}\n"
                       "  - {name: b, schema: b, fields: *policies}\n"),
              ElementsAre("t.yaml:4:55: `jobtitle` must be always, on_create, until_edited or never, not `often`"));
}

TEST(Syntax, IsReportedWithItsPosition) {
  EXPECT_THAT(mistakes("a: b: c"),
              ElementsAre("t.yaml:1:5: this is not YAML: illegal map value: check the indentation, and quote a value "
                          "that holds a colon"));
  EXPECT_THAT(mistakes("a: [1\nb: 2"),
              ElementsAre("t.yaml:2:2: this is not YAML: end of sequence flow not found: a [ is not closed"));
  EXPECT_THAT(mistakes("a: \"x"),
              ElementsAre("t.yaml:1:6: this is not YAML: illegal EOF in scalar: a quote is not closed"));
  EXPECT_THAT(mistakes("a: *b"), ElementsAre("t.yaml:1:4: this is not YAML: the referenced anchor is not defined"));
}

TEST(Syntax, OneMappingInOneDocument) {
  EXPECT_THAT(mistakes(""), ElementsAre("t.yaml:1:1: the configuration is empty: `dvsync init` writes one"));
  EXPECT_THAT(mistakes("# nothing\n"), ElementsAre("t.yaml:1:1: the configuration is empty: `dvsync init` writes one"));
  EXPECT_THAT(mistakes("- a"), ElementsAre("t.yaml:1:1: the configuration must be a mapping of keys (key: value)"));
  EXPECT_THAT(mistakes(with("---\nlog: {}\n")),
              ElementsAre("t.yaml:4:1: a second document: the configuration is one document only"));
}

TEST(Syntax, MustBeText) {
  EXPECT_THAT(mistakes("a: 1\nb: \xC3("), ElementsAre("t.yaml:2:4: this is not UTF-8 text"));
  EXPECT_THAT(mistakes(std::string_view("a: \0", 4)), ElementsAre("t.yaml:1:4: this is not UTF-8 text"));
  EXPECT_THAT(mistakes("a: \xED\xA0\x80"), ElementsAre("t.yaml:1:4: this is not UTF-8 text"));  // a surrogate
}

TEST(Syntax, ToleratesAByteOrderMarkAndCarriageReturns) {
  const auto text = "\xEF\xBB\xBF" + with("log: {level: warn}\r\nsafety: {max: 1}\r\n");
  EXPECT_EQ(whole_text(parse(text, "t.yaml")),
            "t.yaml:5:10: unknown key `max` in `safety`\nsafety: {max: 1}\n         ^\n");
}

TEST(Keys, MustBeWordsAndBeWrittenOut) {
  EXPECT_THAT(mistakes(with("? [log]\n: {}\n")), ElementsAre("t.yaml:4:3: a key must be a word"));
  EXPECT_THAT(mistakes(with("log: &l {level: warn}\nschedule:\n  <<: *l\n")),
              ElementsAre("t.yaml:6:3: merge keys (<<) are not understood: write the keys out, or use an alias for the "
                          "whole value"));
}

TEST(Keys, OfTheWholeFileAreStrictToo) {
  EXPECT_THAT(mistakes(with("licences: {}\nlog: {}\nlog: {}\n")),
              ElementsAre("t.yaml:4:1: unknown key `licences`: did you mean `licenses`?",
                          "t.yaml:6:1: duplicate key `log` (first in line 5)"));
  EXPECT_THAT(mistakes("log: {}\n"),
              ElementsAre("t.yaml:1:1: missing key `directory`", "t.yaml:1:1: missing key `database`",
                          "t.yaml:1:1: missing key `environments`"));
}

}  // namespace
}  // namespace dvsync::config
