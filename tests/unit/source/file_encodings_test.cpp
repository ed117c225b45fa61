// The same file as other systems write it: UTF-16, carriage returns, lines before the header. What is not understood
// never passes for "no change", whatever the mode.

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "unit/source/file_record_text.hpp"

namespace dvsync::source::file {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// ASCII and a little more, as UTF-16.
std::string utf16(const std::string& text, bool big_endian, bool with_mark) {
  std::u16string units;
  if (with_mark) units += u'\xfeff';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      units += static_cast<char16_t>(byte);
    } else {  // two bytes are enough for these tests
      units += static_cast<char16_t>((byte & 0x1fU) << 6U | (static_cast<unsigned char>(text[++i]) & 0x3fU));
    }
  }
  std::string bytes;
  for (const char16_t unit : units) {
    const char high = static_cast<char>(unit >> 8U);
    const char low = static_cast<char>(unit & 0xffU);
    bytes += big_endian ? high : low;
    bytes += big_endian ? low : high;
  }
  return bytes;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

struct Sample {
  std::string name;
  std::string content;
};

const Sample csv{"users.csv",
                 "User principal name,Object Id,Block credential,Title\n"
                 "ana@x,11111111-1111-4111-8111-111111111111,False,\"H\u00e9ad\nof it\"\n"
                 "bo@x,22222222-2222-4222-8222-222222222222,True,\n"};
const Sample ldif{
    "users.ldif",
    "# a comment\nversion: 1\n\ndn: CN=Ana,DC=x\nobjectClass: user\nobjectGUID:: EREREREREUGBEREREREREQ==\n"
    "userPrincipalName: ana@x\nuserAccountControl: 512\ntitle: H\u00e9ad\n  of it\n\n"
    "dn: CN=Bo,DC=x\nobjectClass: user\nobjectGUID:: IiIiIiIiIkKCIiIiIiIiIg==\nuserAccountControl: 514\n\n"
    "dn: CN=G,DC=x\nobjectClass: group\nmember: CN=Ana,DC=x\nobjectGUID:: HixrPwAAAECAAAAAAAAAAQ==\n\n"};
const Sample jsonl{
    "users.jsonl",
    "{\"id\":\"11111111-1111-4111-8111-111111111111\",\"userPrincipalName\":\"ana@x\",\"jobTitle\":\"H\u00e9ad\","
    "\"accountEnabled\":true}\n"
    "{\"id\":\"22222222-2222-4222-8222-222222222222\",\"userPrincipalName\":\"bo@x\",\"accountEnabled\":false}\n"};

class EncodingTest : public FileTest {
 protected:
  EncodingTest() { request_.groups = {std::string(group_id)}; }

  std::vector<std::string> told(const std::string& name, const std::string& content) {
    return to_text(pull(name, content));
  }
};

TEST_F(EncodingTest, Utf16IsReadLikeUtf8InEveryFormatAndBlockSize) {
  for (const auto mode : {config::FileMode::snapshot, config::FileMode::delta}) {
    configured_.mode = mode;
    for (const Sample& sample : {csv, ldif, jsonl}) {
      const auto expected = told(sample.name, sample.content);
      for (const bool big_endian : {false, true}) {
        for (const bool with_mark : {false, true}) {
          const std::string content = utf16(sample.content, big_endian, with_mark);
          for (const std::size_t block : {1U, 7U, 64U, 1U << 20U}) {
            block_size_ = block;
            EXPECT_EQ(told(sample.name, content), expected) << sample.name << big_endian << with_mark << block;
          }
          block_size_ = default_block_size;
        }
      }
    }
  }
}

TEST_F(EncodingTest, CarriageReturnsAloneEndLinesToo) {
  for (const auto mode : {config::FileMode::snapshot, config::FileMode::delta}) {
    configured_.mode = mode;
    for (const Sample& sample : {ldif, jsonl}) {
      const auto expected = told(sample.name, sample.content);
      EXPECT_EQ(told(sample.name, replaced(sample.content, "\n", "\r")), expected) << sample.name;
      EXPECT_EQ(told(sample.name, utf16(replaced(sample.content, "\n", "\r"), false, true)), expected) << sample.name;
      if (sample.name != jsonl.name) {
        EXPECT_EQ(told(sample.name, replaced(sample.content, "\n", "\r\n")), expected) << sample.name;
        EXPECT_EQ(told(sample.name, replaced(sample.content, "\n", "\r\r\n")), expected) << sample.name;
      }
    }
    const auto expected = told(csv.name, csv.content);
    // Old spreadsheets end rows with a carriage return, and lines inside a cell with a line feed.
    EXPECT_EQ(told(csv.name, replaced(replaced(csv.content, "\n", "\r"), "H\u00e9ad\r", "H\u00e9ad\n")), expected);
  }
}

TEST_F(EncodingTest, LinesBeforeTheHeaderArePassedOver) {
  for (const auto mode : {config::FileMode::snapshot, config::FileMode::delta}) {
    configured_.mode = mode;
    const Pulled plain = pull(csv.name, csv.content);
    const std::string semicolons = replaced(csv.content, ",", ";");
    const std::string tabs = replaced(csv.content, ",", "\t");
    for (const std::string& content :
         {"sep=,\n" + csv.content, "sep=;\r\n" + semicolons, "\"sep=;\"\n" + semicolons, "SEP=\t\n" + tabs, tabs,
          "#TYPE System.Management.Automation.PSCustomObject\n" + csv.content,
          "\xef\xbb\xbf#TYPE Selected.Microsoft.ActiveDirectory.Management.ADUser\r\n" + csv.content,
          "#TYPE Microsoft.Graph.PowerShell.Models.MicrosoftGraphUser,x\n\n" + semicolons,
          utf16("sep=;\r\n" + semicolons, false, true)}) {
      const Pulled pulled = pull("export", content);
      ASSERT_THAT(pulled.all.identities, SizeIs(2)) << content;
      for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(to_text(pulled.all.identities[i]), to_text(plain.all.identities[i])) << content;
      }
      EXPECT_THAT(pulled.all.rejected, IsEmpty());
      EXPECT_THAT(pulled.end.warnings, IsEmpty());
    }
  }
}

TEST_F(EncodingTest, AFileOfNothingThatIsUnderstoodIsRefusedInADeltaToo) {
  for (const auto mode : {config::FileMode::snapshot, config::FileMode::delta}) {
    configured_.mode = mode;
    EXPECT_THAT(failure("a.csv", std::string("\0\0\xfe\xff\0\0\0U", 8)), HasSubstr("UTF-32: save it as UTF-8"));
    EXPECT_THAT(failure("a.csv", "\n\n,,,\n"), HasSubstr("no header"));
    EXPECT_THAT(failure("a.csv", "sep=;\n"), HasSubstr("no header"));
  }
}

TEST_F(EncodingTest, HalfACharacterAtTheEndIsATruncatedFile) {
  std::string content = utf16(ldif.content, false, true);
  content.resize(content.size() - 3);  // the blank line, and half of the line end before it
  EXPECT_THAT(failure("a.ldif", content), HasSubstr("truncated"));
}

}  // namespace
}  // namespace dvsync::source::file
