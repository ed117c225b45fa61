// notify: who is told about alarms.

#include <gmock/gmock.h>
#include <unistd.h>

#include "config_support.hpp"

namespace dvsync::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Notify : public testing::Test {
 protected:
  Notify() {
    std::filesystem::create_directories(folder_);
    secret("ops_url", std::filesystem::perms::owner_read);
    secret("public_url", std::filesystem::perms::owner_read | std::filesystem::perms::others_read);
  }

 public:
  ~Notify() override { std::filesystem::remove_all(folder_); }

 protected:
  void secret(const std::string& name, std::filesystem::perms mode) const {
    std::ofstream(folder_ / name) << "https://hooks.example.com/secret\n";
    std::filesystem::permissions(folder_ / name, mode);
  }
  [[nodiscard]] Loaded loaded(const std::string& places) const {
    return parse(with("notify: [" + places + "]\n"), folder_ / "t.yaml");
  }
  [[nodiscard]] std::vector<NotifyTarget> targets(const std::string& places) const {
    return valid(loaded(places)).notify;
  }
  [[nodiscard]] std::string mistake(const std::string& places) const {
    const auto all = mistakes_in(loaded(places));
    EXPECT_EQ(all.size(), 1) << places;
    return all.empty() ? "" : all.front();
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("dvsync-notify-" + std::to_string(::getpid()));
};

TEST_F(Notify, TellsNobodyByDefault) {
  EXPECT_THAT(valid(parse(with(""), "t.yaml")).notify, IsEmpty());
  EXPECT_THAT(valid(parse(with("notify:\n"), "t.yaml")).notify, IsEmpty());
  EXPECT_THAT(targets(""), IsEmpty());
}

TEST_F(Notify, TellsAWebhookEverythingOnceADayWithoutNames) {
  const auto told = targets("{webhook: {url_file: ops_url}}");
  ASSERT_EQ(told.size(), 1);
  EXPECT_EQ(told[0].name, "ops_url");
  EXPECT_EQ(std::get<Webhook>(told[0].by).url_file, folder_ / "ops_url");
  EXPECT_EQ(std::get<Webhook>(told[0].by).format, WebhookFormat::plain);
  EXPECT_THAT(told[0].on, testing::ElementsAreArray(all_alarms));
  EXPECT_EQ(told[0].remind_every, std::chrono::hours(24));
  EXPECT_FALSE(told[0].include_users);
}

TEST_F(Notify, CanAllBeSet) {
  const auto told = targets(
      "{name: chat, webhook: {url_file: ops_url, format: teams, proxy: 'http://p:8080'}, on: [held, failed], "
      "remind_every: 2h, include_users: true}, {command: [/bin/sh, -c, exit 0]}");
  ASSERT_EQ(told.size(), 2);
  EXPECT_EQ(told[0].name, "chat");
  EXPECT_EQ(std::get<Webhook>(told[0].by).format, WebhookFormat::teams);
  EXPECT_EQ(std::get<Webhook>(told[0].by).proxy, "http://p:8080");
  EXPECT_THAT(told[0].on, ElementsAre(Alarm::held, Alarm::failed));
  EXPECT_EQ(told[0].remind_every, std::chrono::hours(2));
  EXPECT_TRUE(told[0].include_users);
  EXPECT_EQ(told[1].name, "sh");
  EXPECT_THAT(std::get<NotifyCommand>(told[1].by).arguments, ElementsAre("/bin/sh", "-c", "exit 0"));
}

TEST_F(Notify, TakesATemplate) {
  const auto told = targets(R"({webhook: {url_file: ops_url, template: '{"a": "{{text}}", "b": {{count}}}'}})");
  EXPECT_EQ(std::get<Webhook>(told.at(0).by).body, R"({"a": "{{text}}", "b": {{count}}})");
  EXPECT_THAT(mistake("{webhook: {url_file: ops_url, template: '{{txt}}'}}"),
              HasSubstr("has {{txt}}, which no message has"));
  EXPECT_THAT(mistake("{webhook: {url_file: ops_url, template: '{{}}'}}"), HasSubstr("has {{}}"));
  EXPECT_THAT(mistake("{webhook: {url_file: ops_url, template: '{{text'}}"), HasSubstr("has {{text}}"));
  EXPECT_THAT(mistake("{webhook: {url_file: ops_url, template: '{{text}}', format: slack}}"), HasSubstr("instead of"));
}

TEST_F(Notify, TellsWhatIsWrong) {
  EXPECT_THAT(mistake("{on: [held]}"), HasSubstr("needs a `webhook` or a `command`"));
  EXPECT_THAT(mistake("{webhook: {url_file: ops_url}, command: [/bin/sh]}"), HasSubstr("not both"));
  EXPECT_THAT(mistake("{webhook: {url_file: none}}"), HasSubstr("cannot be read"));
  EXPECT_THAT(mistake("{webhook: {url_file: public_url}}"), HasSubstr("others may read"));
  EXPECT_THAT(mistake("{webhook: {url: 'https://hooks.example.com/secret', url_file: ops_url}}"),
              HasSubstr("did you mean `url_file`?"));
  EXPECT_THAT(mistake("{command: []}"), HasSubstr("must begin with a program"));
  EXPECT_THAT(mistake("{command: [page]}"), HasSubstr("whole path"));
  EXPECT_THAT(mistake("{command: [/no/such]}"), HasSubstr("No such file"));
  EXPECT_THAT(mistake("{command: [/etc/passwd]}"), HasSubstr("Permission denied"));
  EXPECT_THAT(mistake("{command: [/tmp]}"), HasSubstr("is no file"));
  EXPECT_THAT(mistake("{command: [/bin/sh], on: [helt]}"), HasSubstr("did you mean `held`?"));
  EXPECT_THAT(mistake("{command: [/bin/sh], remind_every: 0s}"), HasSubstr("must be from 1s"));
  EXPECT_THAT(mistake("{command: [/bin/sh]}, {command: [/bin/sh]}"), HasSubstr("another `name`"));
}

TEST_F(Notify, ShowsNothingOfAnAddressInTheWrongPlace) {
  const auto read = loaded("{webhook: {url: 'https://user:secret@hooks.example.com/'}}");
  for (const auto& diagnostic : std::get<std::vector<Diagnostic>>(read)) {
    EXPECT_THAT(to_string(diagnostic), testing::Not(HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace dvsync::config
