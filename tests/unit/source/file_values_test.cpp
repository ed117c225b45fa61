// Timestamps, texts, base64, broken lines: the small decoders.

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "dvsync/core/text.hpp"
#include "source/ascii.hpp"
#include "source/base64.hpp"
#include "source/file/broken_line.hpp"
#include "source/graph_schema.hpp"
#include "source/text_value.hpp"
#include "source/utf8.hpp"

namespace dvsync::source::file {
namespace {

TEST(TextValue, FindsNulAndInvalidUtf8) {
  for (const std::string_view good :
       {"", "Ana", "\u00e9\u20ac\U0001F600", "\U0010FFFF", "eight bytes and more \u00e6"}) {
    EXPECT_EQ(find_fault(good), TextFault::none) << good;
  }
  EXPECT_EQ(find_fault({"a\0b", 3}), TextFault::nul);
  EXPECT_EQ(find_fault({"eight by\0es", 11}), TextFault::nul);
  for (const std::string_view bad :
       {"\xff", "\xc3", "\xc0\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82",
        "\xe2\x28\xa1", "\x80", "a\xe2\x82", "eight bytes\xff"}) {
    EXPECT_EQ(find_fault(bad), TextFault::invalid_utf8) << bad;
  }
}

TEST(Base64, DecodesWhatIsRightAndNothingElse) {
  EXPECT_EQ(from_base64(""), "");
  EXPECT_EQ(from_base64("TQ=="), "M");
  EXPECT_EQ(from_base64("TWE="), "Ma");
  EXPECT_EQ(from_base64("TWFu"), "Man");
  EXPECT_EQ(from_base64("+/+/"), "\xfb\xff\xbf");
  for (const std::string_view wrong : {"T", "TQ", "TQ=", "TQ=a", "=Q==", "T===", "TW u", "TQ==TQ=="}) {
    EXPECT_EQ(from_base64(wrong), std::nullopt) << wrong;
  }
}

TEST(Base64, WritesWhatItReads) {
  EXPECT_EQ(to_base64("M"), "TQ==");
  EXPECT_EQ(to_base64("Ma"), "TWE=");
  EXPECT_EQ(to_base64("Man"), "TWFu");
  EXPECT_EQ(to_base64url("\xfb\xff\xbf\xfb"), "-_-_-w");
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    bytes += static_cast<char>(i);
  }
}

TEST(Ascii, ComparesAndTrimsWordsOfASyntax) {
  EXPECT_TRUE(core::equal_ignoring_ascii_case("MemberUid", "memberuid"));
  EXPECT_FALSE(core::equal_ignoring_ascii_case("member", "members"));
  EXPECT_TRUE(contains_ignoring_case("bo_x#Ext#@y", "#EXT#"));
  EXPECT_FALSE(contains_ignoring_case("bo", "#EXT#"));
  EXPECT_EQ(trimmed(" \t512 "), "512");
  EXPECT_EQ(core::ascii_lower("\u00c5SE"), "\u00c5se") << "ASCII only";
}

TEST(Ascii, ANumberIsAllOrNothing) {
  EXPECT_EQ(parse_number("-42"), -42);
  EXPECT_EQ(parse_number("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  for (const std::string_view wrong : {"", "+1", " 1", "1 ", "1x", "9223372036854775808"}) {
    EXPECT_EQ(parse_number(wrong), std::nullopt) << wrong;
  }
}

std::string from_utf16(std::u16string_view text, bool big_endian, std::size_t piece) {
  std::string bytes;
  for (const char16_t unit : text) {
    const char high = static_cast<char>(unit >> 8U);
    const char low = static_cast<char>(unit & 0xffU);
    bytes += big_endian ? high : low;
    bytes += big_endian ? low : high;
  }
  std::string utf8;
  Utf16Decoder decoder(big_endian);
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    decoder.decode(std::string_view(bytes).substr(at, piece), utf8);
  EXPECT_TRUE(decoder.finish(utf8));
  return utf8;
}

TEST(Utf16, BecomesUtf8WhereverThePiecesEnd) {
  for (const std::size_t piece : {1U, 2U, 3U, 100U}) {
    for (const bool big_endian : {false, true}) {
      EXPECT_EQ(from_utf16(u"a\u00e9\u20ac\U0001F600z", big_endian, piece), "a\u00e9\u20ac\U0001F600z");
    }
  }
}

TEST(Utf16, HalfASurrogatePairIsNoText) {
  for (const std::u16string& broken :
       {std::u16string(u"a\xd83d") + u"b", std::u16string(u"a\xde00") + u"b", std::u16string(u"a\xd83d")}) {
    const std::string utf8 = from_utf16(broken, false, 3);
    EXPECT_EQ(find_fault(utf8), TextFault::invalid_utf8);
    EXPECT_TRUE(utf8.starts_with("a"));
  }
  std::string utf8;
  Utf16Decoder decoder(false);
  decoder.decode("abc", utf8);
  EXPECT_FALSE(decoder.finish(utf8)) << "an odd number of bytes";
}

TEST(BrokenLine, ALineTooLongToSeeMayBeAnything) {
  EXPECT_TRUE(examine_broken_line(std::string(broken_line_prefix, 'x')).may_hold_links);
  EXPECT_FALSE(examine_broken_line("x").may_hold_links);
  EXPECT_TRUE(examine_broken_line(R"({"owners@delta":)").may_hold_links);
  EXPECT_FALSE(examine_broken_line("").object_id.has_value());
}

TEST(GraphProperty, IsFoundByItsExactName) {
  EXPECT_EQ(find_graph_property("jobTitle")->attribute, core::Attribute::job_title);
  EXPECT_EQ(find_graph_property("members@delta")->key, GraphKey::members);
  for (const std::string_view unknown : {"", "x", "jobtitle", "jobTitle ", "department"}) {
    EXPECT_EQ(find_graph_property(unknown)->key, GraphKey::other) << unknown;
  }
}

}  // namespace
}  // namespace dvsync::source::file
