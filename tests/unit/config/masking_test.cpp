#include "masking.hpp"

#include <gtest/gtest.h>

namespace dvsync::config {
namespace {

struct Line {
  std::string_view text;
  std::string_view shown;
};

TEST(Masked, HidesWhatMayBeASecret) {
  for (const auto& line : {
           Line{"  connection: host=db password=hunter2", "  connection: ***"},
           Line{"database: {connection: \"host=db\", foo: 1}", "database: {connection: ***"},
           Line{"  \"client_secret\" : hunter2", "  \"client_secret\" : ***"},
           Line{"  conection: host=db password = 'hunter2'", "  conection: host=db password = ***"},
           Line{"  PGPASSWORD: hunter2", "  PGPASSWORD: ***"},
           Line{"  private_key: abc", "  private_key: ***"},
           Line{"  access_token:hunter2", "  access_token:***"},
           Line{"  proxy: http://ana:hunter2@proxy:8080", "  proxy: http://***"},
           Line{"  conection: postgresql://ana:hunter2@db/crm", "  conection: postgresql://***"},
           Line{"  -----BEGIN PRIVATE KEY-----", "  ***"},
           Line{"  MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7", "  ***"},
       }) {
    EXPECT_EQ(masked(line.text), line.shown);
  }
}

TEST(Masked, ShowsEverythingElse) {
  for (const std::string_view line : {
           "  client_secret_file: /run/credentials/dvsync.service/secret",
           "  password_file: ldap",
           "  app_pass_capacity: yes",
           "  urls: [ldaps://dc1.contoso.example]",
           "  security_group: 3f6b2c1e-0000-4000-8000-000000000001",
           "  path: /usr/local/share/dvsync/exports/contoso/production/tenant",
           "\ttype: file",
           "  password",
           "",
       }) {
    EXPECT_EQ(masked(line), line);
  }
}

TEST(Masked, LeavesNoControlCharacters) { EXPECT_EQ(masked("a\x1b[31m\x7f b"), "a?[31m? b"); }

TEST(InQuotes, CutsBetweenCodePoints) {
  EXPECT_EQ(in_quotes("file"), "`file`");
  EXPECT_EQ(in_quotes(std::string(60, 'x')), "`" + std::string(60, 'x') + "`");
  EXPECT_EQ(in_quotes(std::string(59, 'x') + "øy"), "`" + std::string(59, 'x') + "…`");
}

TEST(InQuotes, MasksAsWell) { EXPECT_EQ(in_quotes("ldap://ana:hunter2@dc1"), "`ldap://***`"); }

}  // namespace
}  // namespace dvsync::config
