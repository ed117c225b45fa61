// Alarms as they are sent.

#include "service/message_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dvsync::service {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

AlarmMessage held(Occasion occasion = Occasion::begins) {
  return {.occasion = occasion,
          .alarm = {.key = {.environment = "contoso", .code = "held", .subject = "absent"},
                    .severity = Severity::warning,
                    .what = "HELD: 612 disables (absent) of run 17",
                    .next = "`dvsync approve 17`",
                    .run_id = 17,
                    .count = 612},
          .since = core::Timestamp(1'800'000'000s)};
}

json::object numbered(const AlarmMessage& message, const NamedUsers* users = nullptr) {
  auto object = json_of(message, users);
  object["id"] = "4711";
  return object;
}

std::string text_of(const AlarmMessage& message, const NamedUsers* users = nullptr) {
  return std::string(json_of(message, users).at("text").as_string());
}

TEST(MessageText, SaysWhatStandsAndWhatToType) {
  const auto message = json_of(held(), nullptr);
  EXPECT_EQ(message.at("occasion"), "begins");
  EXPECT_EQ(message.at("alarm"), "held");
  EXPECT_EQ(message.at("environment"), "contoso");
  EXPECT_EQ(message.at("run"), 17);
  EXPECT_EQ(message.at("count"), 612);
  EXPECT_EQ(message.at("since"), "2027-01-15T08:00:00Z");
  EXPECT_EQ(message.at("next"), "`dvsync approve 17`");
  EXPECT_EQ(text_of(held()), "dvsync: contoso: HELD: 612 disables (absent) of run 17\nNext: `dvsync approve 17`");
  EXPECT_THAT(text_of(held(Occasion::remains)), HasSubstr("contoso: still: HELD"));
  EXPECT_THAT(text_of(held(Occasion::ends)), HasSubstr("contoso: over: HELD"));
}

TEST(MessageText, NamesNobodyUnlessTold) {
  EXPECT_FALSE(json_of(held(), nullptr).contains("users"));
  const NamedUsers users{.names = {"ana@contoso.example", "bob@contoso.example"}, .more = 610};
  EXPECT_EQ(json_of(held(), &users).at("users"), (json::array{"ana@contoso.example", "bob@contoso.example"}));
  EXPECT_THAT(text_of(held(), &users), HasSubstr("\nUsers: ana@contoso.example, bob@contoso.example, and 610 more"));
}

TEST(MessageText, OfTheMirrorHasNoEnvironment) {
  auto message = held();
  message.alarm.key = {.environment = "", .code = "daemon_idle"};
  EXPECT_EQ(json_of(message, nullptr).at("environment"), nullptr);
  EXPECT_THAT(text_of(message), testing::StartsWith("dvsync: HELD"));
}

TEST(Payload, IsTheMessageItselfUnlessToldOtherwise) {
  EXPECT_EQ(json::parse(payload_of({}, numbered(held()))), numbered(held()));
}

TEST(Payload, ForSlackLetsNothingBeALink) {
  auto message = held();
  message.alarm.what = "<http://evil.example|click> & more";
  const auto payload = json::parse(payload_of({.format = config::WebhookFormat::slack}, numbered(message)));
  EXPECT_THAT(std::string(payload.at("text").as_string()), HasSubstr("&lt;http://evil.example|click&gt; &amp; more"));
  EXPECT_EQ(payload.as_object().size(), 1);
}

TEST(Payload, ForTeamsIsACardOfTextRuns) {
  const auto payload = json::parse(payload_of({.format = config::WebhookFormat::teams}, numbered(held())));
  EXPECT_EQ(payload.at("type"), "message");
  const auto& attachment = payload.at("attachments").at(0);
  EXPECT_EQ(attachment.at("contentType"), "application/vnd.microsoft.card.adaptive");
  const auto& body = attachment.at("content").at("body").as_array();
  ASSERT_EQ(body.size(), 2);
  EXPECT_EQ(body[0].at("inlines").at(0).at("text"), "dvsync: contoso: HELD: 612 disables (absent) of run 17");
  EXPECT_EQ(body[1].at("inlines").at(0).at("text"), "Next: `dvsync approve 17`");
}

TEST(Payload, FillsATemplateIn) {
  auto message = held();
  message.alarm.what = "a \"quoted\" \\ thing\nin two lines {{next}}";
  const config::Webhook webhook{
      .body = R"({"summary": "{{what}}", "dedup_key": "{{environment}}/{{code}}", "n": {{count}}})"};
  const auto payload = json::parse(payload_of(webhook, numbered(message)));
  EXPECT_EQ(payload.at("summary"), "a \"quoted\" \\ thing\nin two lines {{next}}")
      << "what is filled in is no template";
  EXPECT_EQ(payload.at("dedup_key"), "contoso/held");
  EXPECT_EQ(payload.at("n"), 612);
}

TEST(Payload, HasEveryWordOfTheConfiguration) {
  for (const auto& message : {numbered(held()), test_message(core::Timestamp(0s))}) {
    for (const auto word : config::words_of_messages()) EXPECT_TRUE(message.contains(word)) << word;
  }
}

}  // namespace
}  // namespace dvsync::service
