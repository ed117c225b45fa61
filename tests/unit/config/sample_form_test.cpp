// The sample as a form: what is filled in is in force, and everything that explains it stays.

#include "dvsync/config/sample_form.hpp"

#include <gmock/gmock.h>

#include "config_support.hpp"
#include "dvsync/error.hpp"

namespace dvsync::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string line_with(const SampleForm& form, const std::string& words) {
  const auto text = form.text();
  const auto at = text.find(words);
  if (at == std::string::npos) return "";
  const auto begin = text.rfind('\n', at) + 1;
  return text.substr(begin, text.find('\n', at) - begin);
}

std::vector<std::string> names(const std::vector<SampleForm::Key>& keys) {
  std::vector<std::string> names;
  for (const auto& key : keys) names.push_back(key.name);
  return names;
}

TEST(SampleForm, KnowsTheKindsOfTheSample) {
  EXPECT_THAT(SampleForm::directory_types(), ElementsAre("file", "graph", "active_directory", "openldap"));
  EXPECT_THROW(SampleForm("nis"), Error);
}

TEST(SampleForm, HasOneDirectoryAndEverythingElse) {
  for (const auto& type : SampleForm::directory_types()) {
    const SampleForm form(type);
    EXPECT_THAT(line_with(form, "\n  type: "), HasSubstr(type));
    EXPECT_THAT(form.text(), Not(HasSubstr("#directory:")));
    EXPECT_THAT(form.text(), Not(HasSubstr("The other kinds")));
    EXPECT_THAT(form.text(), HasSubstr("#textfile: "));
  }
}

TEST(SampleForm, UntouchedItIsTheSampleAsFarAsItGoes) {
  EXPECT_TRUE(sample_text().starts_with(SampleForm("file").text()));
}

TEST(SampleForm, TellsWhatIsSetAndWhatItIsFor) {
  const SampleForm form("graph");
  EXPECT_THAT(names(form.keys("directory")), ElementsAre("type", "tenant", "client_id", "client_secret_file"));
  EXPECT_THAT(form.keys("directory").at(1).comment, HasSubstr("one of its domains"));
  EXPECT_THAT(names(form.keys("environments")), ElementsAre("name", "schema"));
}

TEST(SampleForm, SettingAKeyKeepsItsCommentWhereItWas) {
  SampleForm form("active_directory");
  const auto before = line_with(form, "#mode: dirsync");
  form.set("directory", "mode", "usn");
  const auto after = line_with(form, "mode: usn");
  EXPECT_EQ(after.find("# dirsync |"), before.find("# dirsync |"));
  EXPECT_TRUE(after.starts_with("  mode: usn "));
}

TEST(SampleForm, WithoutAValueAKeyBecomesAComment) {
  SampleForm form("active_directory");
  form.set("directory", "bind_dn", "");
  EXPECT_THAT(line_with(form, "bind_dn: "), HasSubstr("  #bind_dn: "));
}

TEST(SampleForm, WhatIsWrittenIsRead) {
  for (const std::string value : {"host=db dbname=x", "a # b", "a: b", " 'x' \"y\" ", "~", "[x]", "2024", "!x", "*x"}) {
    SampleForm form("file");
    form.set("database", "connection", value);
    EXPECT_EQ(valid(parse(form.text(), "/t.yaml")).database.connection, value);
  }
}

TEST(SampleForm, AListTakesWords) {
  Folder folder;
  folder.write("ldap_password", "x");
  SampleForm form("active_directory");
  form.set("directory", "urls", "ldaps://a, ldaps://b ldaps://c:636");
  const auto configuration = valid(parse(form.text(), folder.path() / "dvsync.yaml"));
  EXPECT_THAT(std::get<LdapDirectory>(configuration.directory.kind).urls,
              ElementsAre("ldaps://a", "ldaps://b", "ldaps://c:636"));
}

TEST(SampleForm, EnvironmentsHaveSchemasAfterTheirNames) {
  SampleForm form("file");
  form.set_environments({"Sales & Service", "2024", "Æ"});
  const auto configuration = valid(parse(form.text(), "/t.yaml"));
  std::vector<std::string> schemas;
  for (const auto& environment : configuration.environments) schemas.push_back(environment.schema);
  EXPECT_THAT(schemas, ElementsAre("sales_service", "2024", "environment"));
  EXPECT_EQ(configuration.environments.front().rules.name, "Sales & Service");
}

TEST(SampleForm, ExamplesAreNobodysDefaults) {
  SampleForm form("graph");
  EXPECT_THAT(names(form.examples()), ElementsAre("tenant", "client_id", "name", "schema"));
  form.set("directory", "tenant", "contoso.example");  // somebody's after all
  form.set_environments({"sales"});
  ASSERT_THAT(names(form.examples()), ElementsAre("client_id"));
  const auto text = form.text();
  std::size_t begin = 0;
  for (std::size_t line = 1; line < form.examples().front().line; ++line) begin = text.find('\n', begin) + 1;
  EXPECT_TRUE(text.substr(begin).starts_with("  client_id: "));
}

TEST(SampleForm, MistakesAreToldWhereTheyAre) {
  SampleForm form("file");
  EXPECT_EQ(form.mistake("/t.yaml", "directory"), std::nullopt);
  form.set("directory", "mode", "sometimes");
  EXPECT_THAT(form.mistake("/t.yaml", "directory", "mode").value_or(""), HasSubstr("`mode`"));
  EXPECT_EQ(form.mistake("/t.yaml", "directory", "path"), std::nullopt);
  EXPECT_EQ(form.mistake("/t.yaml", "database"), std::nullopt);
  form.set("directory", "pathh", "x");
  EXPECT_THAT(mistakes_in(parse(form.text(), "/t.yaml")), testing::Contains(HasSubstr("did you mean `path`?")));
}

}  // namespace
}  // namespace dvsync::config
