// The shipped config/dvsync.yaml documents every key: it must be true.

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <regex>
#include <sstream>

#include "config_support.hpp"

namespace dvsync::config {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Lines = std::vector<std::string>;

Lines sample() {
  std::ifstream file(DVSYNC_SAMPLE_CONFIGURATION);
  Lines lines;
  for (std::string line; std::getline(file, line);) {
    lines.push_back(line);
  }
  return lines;
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const auto& line : lines) {
    text += line + "\n";
  }
  return text;
}

// "  #key: value" is a setting that is switched off; "  # text" is text.
bool is_setting(const std::string& line) {
  static const std::regex setting("^ *#[a-z_]+:.*");
  return std::regex_match(line, setting);
}

void switch_on(std::string& line) { line.erase(line.find('#'), 1); }

// Where the sections of the other kinds of directory begin.
std::vector<std::size_t> other_directories(const Lines& lines) {
  std::vector<std::size_t> begins;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i] == "#directory:") {
      begins.push_back(i);
    }
  }
  return begins;
}

// The sample with the directory that begins in that line instead of the first one.
Lines with_directory_at(Lines lines, std::size_t begin) {
  for (std::size_t i = begin; i < lines.size() && lines[i].starts_with('#'); ++i) {
    switch_on(lines[i]);
  }
  const auto first = static_cast<std::size_t>(std::ranges::find(lines, "directory:") - lines.begin());
  for (std::size_t i = first; i < lines.size() && !lines[i].empty(); ++i) {
    lines[i] = "# " + lines[i];
  }
  return lines;
}

// A key nobody knows is a mistake of the sample; an example that contradicts another one, or a file that is not
// there, is not.
void expect_known_keys(const Lines& lines, const std::string& what) {
  for (const auto& mistake : mistakes_in(parse(joined(lines), "/etc/dvsync/dvsync.yaml"))) {
    EXPECT_EQ(mistake.find("unknown key"), std::string::npos) << what << "\n" << mistake;
    EXPECT_EQ(mistake.find("not YAML"), std::string::npos) << what << "\n" << mistake;
    EXPECT_EQ(mistake.find("duplicate"), std::string::npos) << what << "\n" << mistake;
  }
}

TEST(Sample, IsValid) { EXPECT_THAT(mistakes_in(load(DVSYNC_SAMPLE_CONFIGURATION)), IsEmpty()); }

TEST(Sample, SettingsThatAreSwitchedOffAreKnown) {
  const auto lines = sample();
  const auto end = other_directories(lines).at(0);
  int settings = 0;
  for (std::size_t i = 0; i < end; ++i) {
    if (is_setting(lines[i])) {
      auto changed = lines;
      switch_on(changed[i]);
      expect_known_keys(changed, lines[i]);
      ++settings;
    }
  }
  EXPECT_GT(settings, 30);
}

TEST(Sample, SettingsThatAreSwitchedOffAreValidTogether) {
  auto lines = sample();
  const auto end = other_directories(lines).at(0);
  for (std::size_t i = 0; i < end; ++i) {
    // A developer environment alone has a creator.
    if (is_setting(lines[i]) && lines[i].find("#creator:") == std::string::npos) {
      switch_on(lines[i]);
    }
  }
  EXPECT_THAT(mistakes_in(parse(joined(lines), "/etc/dvsync/dvsync.yaml")), IsEmpty());
}

TEST(Sample, DefaultsAreTheDefaults) {
  auto lines = sample();
  for (auto& line : lines) {
    for (const auto* key : {"format",
                            "mode",
                            "marketing_license",
                            "max_rejects_percent",
                            "mirror_schema",
                            "sessions",
                            "every",
                            "full_every",
                            "jitter",
                            "type",
                            "nested_groups",
                            "app_pass_capacity",
                            "mapping",
                            "full_name_order",
                            "primary_email",
                            "manual_disable",
                            "on_license_loss",
                            "max_disables",
                            "max_disables_percent",
                            "window",
                            "level",
                            "retention"}) {
      if (line.starts_with(" ") && is_setting(line) && line.find(std::string("#") + key + ":") != std::string::npos) {
        switch_on(line);
      }
    }
  }
  const auto stated = valid(parse(joined(lines), "t.yaml"));
  const auto plain = valid(parse(joined(sample()), "t.yaml"));
  EXPECT_EQ(std::get<FileDirectory>(stated.directory.kind).format,
            std::get<FileDirectory>(plain.directory.kind).format);
  EXPECT_EQ(std::get<FileDirectory>(stated.directory.kind).mode, std::get<FileDirectory>(plain.directory.kind).mode);
  EXPECT_EQ(stated.directory.marketing_license, plain.directory.marketing_license);
  EXPECT_EQ(stated.directory.max_rejects_percent, plain.directory.max_rejects_percent);
  EXPECT_EQ(stated.database.mirror_schema, plain.database.mirror_schema);
  EXPECT_EQ(stated.database.sessions, plain.database.sessions);
  EXPECT_EQ(stated.schedule.every, plain.schedule.every);
  EXPECT_EQ(stated.schedule.full_every, plain.schedule.full_every);
  EXPECT_EQ(stated.schedule.jitter, plain.schedule.jitter);
  const auto& rules = stated.environments.at(0).rules;
  const auto& plain_rules = plain.environments.at(0).rules;
  EXPECT_EQ(rules.type, plain_rules.type);
  EXPECT_EQ(rules.nested_groups, plain_rules.nested_groups);
  EXPECT_EQ(rules.app_pass_capacity, plain_rules.app_pass_capacity);
  EXPECT_EQ(rules.mapping.policies, plain_rules.mapping.policies);
  EXPECT_EQ(rules.mapping.full_name_order, plain_rules.mapping.full_name_order);
  EXPECT_EQ(rules.manual_disable, plain_rules.manual_disable);
  EXPECT_EQ(rules.on_license_loss, plain_rules.on_license_loss);
  EXPECT_EQ(stated.safety.max_disables, plain.safety.max_disables);
  EXPECT_EQ(stated.safety.max_disables_percent, plain.safety.max_disables_percent);
  EXPECT_EQ(stated.safety.window, plain.safety.window);
  EXPECT_EQ(stated.log.level, plain.log.level);
  EXPECT_EQ(stated.log.format, plain.log.format);
  EXPECT_EQ(stated.log.retention, plain.log.retention);
}

TEST(Sample, OtherDirectoriesAreValidButForTheirFiles) {
  ::unsetenv("CREDENTIALS_DIRECTORY");
  const auto lines = sample();
  const auto begins = other_directories(lines);
  EXPECT_EQ(begins.size(), 4U);
  for (const auto begin : begins) {
    const auto changed = with_directory_at(lines, begin);
    for (const auto& mistake : mistakes_in(parse(joined(changed), "/nowhere/dvsync.yaml"))) {
      EXPECT_TRUE(mistake.find("cannot be read: /nowhere/") != std::string::npos ||
                  mistake.find("needs $CREDENTIALS_DIRECTORY") != std::string::npos)
          << mistake;
    }
    for (std::size_t i = begin; i < changed.size() && !changed[i].empty(); ++i) {
      if (is_setting(changed[i])) {
        auto more = changed;
        switch_on(more[i]);
        expect_known_keys(more, changed[i]);
      }
    }
  }
}

TEST(Sample, NamesEveryKey) {
  const auto text = joined(sample());
  for (const auto* key : {"type",
                          "path",
                          "format",
                          "mode",
                          "marketing_license",
                          "max_rejects_percent",
                          "connection",
                          "migrate_connection",
                          "mirror_schema",
                          "sessions",
                          "every",
                          "full_every",
                          "jitter",
                          "fresh_within",
                          "name",
                          "schema",
                          "security_group",
                          "nested_groups",
                          "creator",
                          "app_pass_capacity",
                          "business_unit",
                          "actor",
                          "mapping",
                          "full_name_order",
                          "primary_email",
                          "fields",
                          "manual_disable",
                          "on_license_loss",
                          "create_values",
                          "watch_rows",
                          "roles",
                          "by_license",
                          "everybody",
                          "administrators",
                          "stub",
                          "group_teams",
                          "manage",
                          "create_tables",
                          "expire_after",
                          "max_disables",
                          "max_disables_percent",
                          "window",
                          "full",
                          "full_add",
                          "full_remove",
                          "on_demand",
                          "on_demand_add",
                          "on_demand_remove",
                          "level",
                          "retention",
                          "metrics",
                          "textfile",
                          "notify",
                          "webhook",
                          "url_file",
                          "template",
                          "command",
                          "on",
                          "remind_every",
                          "include_users",
                          "console",
                          "listen",
                          "socket_group",
                          "tls",
                          "trusted_header",
                          "trusted_peer",
                          "operators",
                          "tokens_file",
                          "tenant",
                          "client_id",
                          "client_secret_file",
                          "certificate_file",
                          "private_key_file",
                          "federated_token_file",
                          "managed_identity",
                          "cloud",
                          "authority",
                          "graph_root",
                          "ca_file",
                          "proxy",
                          "throttle_priority",
                          "urls",
                          "base",
                          "bind_dn",
                          "password_file",
                          "keytab",
                          "start_tls",
                          "user_filter",
                          "disabled",
                          "licensed",
                          "admin_groups",
                          "attributes",
                          "global",
                          "power_platform",
                          "dynamics365"}) {
    EXPECT_TRUE(std::regex_search(text, std::regex("(^|[ #{\\n-])" + std::string(key) + ": *"))) << key;
  }
}

}  // namespace
}  // namespace dvsync::config
