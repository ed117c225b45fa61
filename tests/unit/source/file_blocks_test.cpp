// How the bytes arrive must not matter; and no bytes whatsoever may bring the program down.

#include <gmock/gmock.h>

#include <cstdlib>
#include <random>
#include <string>

#include "unit/source/file_record_text.hpp"

namespace dvsync::source::file {
namespace {

struct Sample {
  std::string_view name;
  std::string content;
};

std::string padded(std::string_view pattern, int number) {
  std::string text(pattern);
  const std::string digits = std::to_string(number);
  text.replace(text.size() - digits.size(), digits.size(), digits);
  return text;
}

// A little of everything that a format has, good and bad.
Sample graph_sample() {
  std::string members;
  for (int i = 0; i < 5'000; ++i) {
    members += (i > 0 ? R"(,{"id":")" : R"({"id":")") + padded("99999999-0000-4000-8000-000000000000", i) + "\"}";
  }
  return {
      "tenant.jsonl",
      "\xef\xbb\xbf\r\n"
      R"({"@odata.type":"#microsoft.graph.user","id":"11111111-1111-4111-8111-111111111111","userPrincipalName":"ana","surname":"L\u00ef \ud83d\ude00","jobTitle":"a\u0000b","accountEnabled":true,"businessPhones":["1","2"],"assignedPlans":[{"servicePlanId":"ea2cf03b-ac60-46ae-9c1d-eeaeb63cec86","capabilityStatus":"Enabled"}],"x":{"y":[1.5e3,-2,true,null]}})"
      "\r\n\n   \n"
      R"({"id":"22222222-2222-4222-8222-222222222222","userPrincipalName":"bo","city":)"
      "\n"
      "nonsense { \"id\": \"33333333-3333-4333-8333-333333333333\"}\n"
      "{\"members@delta\":[" +
          members +
          R"(],"owners@delta":[{"id":"11111111-1111-4111-8111-111111111111"}],"id":"3f6b2c1e-0000-4000-8000-000000000001"})"
          "\n"
          R"({"roleTemplateId":"62e90394-69f5-4237-9190-012177145e10","members@delta":[{"@odata.type":"#microsoft.graph.user","id":"11111111-1111-4111-8111-111111111111"}]})"
          "\n"
          R"({"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users","value":[{"id":"44444444-4444-4444-8444-444444444444","givenName":"Æ"},{"id":"5"}]})"
          "\n"
          "{\"id\":\"66666666-6666-4666-8666-666666666666\",\"userPrincipalName\":\"\xff\",\"deletedDateTime\":\"2024-"
          "01-01T00:00:00Z\"}"};
}

Sample document_sample() {
  return {"answer.json",
          "{\n  \"@odata.context\": \"https://graph.microsoft.com/v1.0/$metadata#users\",\n  \"value\": [\n    {\n"
          "      \"id\": \"11111111-1111-4111-8111-111111111111\",\n      \"displayName\": \"Ana\"\n    },\n    {\n"
          "      \"id\": null\n    }\n  "
          "]\n}\n[\n{\"id\":\"22222222-2222-4222-8222-222222222222\",\"accountEnabled\":false}]\n"};
}

Sample csv_sample() {
  return {"users.csv",
          "\xef\xbb\xbfUser principal name;Object Id;Block credential;Licenses;Title;Proxy addresses\r\n"
          "ana@x;11111111-1111-4111-8111-111111111111;False;Power Apps Premium+Contoso;\"Head; "
          "\"\"N\"\"\r\nof\";SMTP:a+b@x+smtp:c@x\r\n"
          "\r\nbo@x;22222222-2222-4222-8222-222222222222;True\r\n"
          "c@x;33333333-3333-4333-8333-333333333333;\"False\"z;;;\n"
          "d@x;44444444-4444-4444-8444-444444444444;FALSE;Unlicensed;G\xe9;\n"
          "e@x;5;False;;;"};
}

Sample ldif_sample() {
  std::string members;
  for (int i = 0; i < 5'000; ++i) members += "member: CN=" + std::to_string(i) + ",DC=x\r\n";
  return {"directory.ldif",
          "version: 1\n# comment\n  goes on\n\ndn: uid=ana,dc=x\nobjectClass: inetOrgPerson\nentryUUID: "
          "11111111-1111-4111-8111-\n"
          " 111111111111\nsn:: TGk=\ncn: A\ncn: B\nmail: a@x\n\n\n"
          "dn: uid=bo,dc=x\nobjectClass: person\nrubbish\nentryUUID: 22222222-2222-4222-8222-222222222222\n\n"
          "# another\ndn: CN=Sales,DC=x\r\nobjectClass: group\r\n" +
              members +
              "objectGUID:: HixrPwAAAECAAAAAAAAAAQ==\r\n\r\ndn: uid=c\nobjectClass: person\n\nsearch: 2\nresult: 0 "
              "Success\n"};
}

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all{graph_sample(), document_sample(), csv_sample(), ldif_sample()};
  return all;
}

class FileBlocksTest : public FileTest {
 protected:
  FileBlocksTest() {
    request_.groups = {std::string(group_id)};
    configured_.ldap.admin_groups = {{"global", "CN=Sales,DC=x"}};
  }
};

TEST_F(FileBlocksTest, TheSizeOfBlocksDoesNotShow) {
  for (const Sample& sample : samples()) {
    block_size_ = default_block_size;
    const std::vector<std::string> expected = to_text(pull(sample.name, sample.content));
    EXPECT_GT(expected.size(), 5U);
    for (const std::size_t size : {1U, 7U, 4096U}) {
      block_size_ = size;
      EXPECT_EQ(to_text(pull(sample.name)), expected) << sample.name << " in blocks of " << size;
    }
  }
}

TEST_F(FileBlocksTest, TheSamplesHoldWhatTheyShould) {
  const Pulled graph = pull(samples()[0].name, samples()[0].content);
  EXPECT_EQ(graph.all.identities.size(), 3U);
  EXPECT_EQ(graph.all.rejected.size(), 3U);
  EXPECT_EQ(graph.all.memberships.size(), 5'001U);
  EXPECT_EQ(graph.all.roles.size(), 1U);
  EXPECT_EQ(pull(samples()[2].name, samples()[2].content).all.rejected.size(), 3U);
  EXPECT_EQ(pull(samples()[3].name, samples()[3].content).all.roles.size(), 5'000U);
}

std::uint64_t seed() {
  const char* const given = std::getenv("DVSYNC_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

// Flips, removes, doubles and cuts.
std::string damaged(std::string content, std::mt19937_64& random) {
  const std::size_t damages = 1 + random() % 8;
  for (std::size_t i = 0; i < damages && !content.empty(); ++i) {
    const std::size_t at = random() % content.size();
    switch (random() % 8) {
      case 0:
        content.erase(at, random() % 40);
        break;
      case 1:
        content.insert(at, content.substr(at / 2, random() % 40));
        break;
      case 2:
        content.resize(random() % 8 == 0 ? at : content.size());
        break;
      case 3:
        content[at] = "\"{}[],:\\\n;"[random() % 10];
        break;
      default:
        content[at] = static_cast<char>(random());
    }
  }
  return content;
}

TEST_F(FileBlocksTest, NoDamageBringsItDown) {
  const std::uint64_t first_seed = seed();
  RecordProperty("seed", std::to_string(first_seed));
  std::size_t pulls = 0;
  for (std::size_t round = 0; round < 150; ++round) {
    for (Sample sample : samples()) {
      SCOPED_TRACE("DVSYNC_TEST_SEED=" + std::to_string(first_seed) + " round " + std::to_string(round));
      std::mt19937_64 random(first_seed + round);
      if (sample.content.size() > 4'000) {  // the long lists are all the same
        const std::size_t cut = sample.content.find("99999999-0000") != std::string::npos ? 3'000 : 2'000;
        sample.content.erase(1'400, sample.content.size() - cut);
      }
      sample.content = damaged(std::move(sample.content), random);
      block_size_ = 1 + random() % 300;
      configured_.mode = random() % 2 == 0 ? config::FileMode::snapshot : config::FileMode::delta;
      request_.nested_groups = random() % 2 == 0;
      std::optional<std::vector<std::string>> in_small_blocks;
      std::optional<std::vector<std::string>> in_one_block;
      try {
        in_small_blocks = to_text(pull(sample.name, sample.content));
      } catch (const SourceError& error) {
        in_small_blocks = std::vector<std::string>{error.what()};
      }
      block_size_ = default_block_size;
      try {
        in_one_block = to_text(pull(sample.name));
      } catch (const SourceError& error) {
        in_one_block = std::vector<std::string>{error.what()};
      }
      ASSERT_EQ(in_small_blocks, in_one_block) << sample.content;
      ++pulls;
    }
  }
  EXPECT_EQ(pulls, 600U);
}

}  // namespace
}  // namespace dvsync::source::file
