#include "dvsync/core/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dvsync::core {
namespace {

// Every code point with the property White_Space (Unicode 15, PropList.txt).
const std::vector<std::string> white_space{
    "\t",           "\n",           "\v",           "\f",           "\r",           " ",
    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82",
    "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88",
    "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f",
    "\xe3\x80\x80",
};

// Invisible or blank-looking, but not White_Space; and neighbours of those that are.
const std::vector<std::string> others{
    "a",
    "#",
    "\x08",
    "\x0e",
    "\x1f",
    "\xc2\x84",      // U+0084
    "\xc2\xa1",      // U+00A1
    "\xe1\xa0\x8e",  // U+180E Mongolian vowel separator: no longer white space
    "\xe2\x80\x8b",  // U+200B zero width space
    "\xe2\x80\xb0",
    "\xe2\x81\xa0",  // U+2030, U+2060
    "\xef\xbb\xbf",  // U+FEFF
    "\xe2\xa0\x80",  // U+2800 Braille blank
    "\xc3\xa9",
    "\xf0\x9f\x98\x80",
};

TEST(Blank, IsEveryUnicodeWhiteSpaceAndNothingElse) {
  EXPECT_TRUE(is_blank(""));
  for (const std::string& space : white_space) {
    EXPECT_TRUE(is_blank(space)) << ::testing::PrintToString(space);
    EXPECT_FALSE(is_blank(space + "x" + space)) << ::testing::PrintToString(space);
  }
  for (const std::string& other : others) {
    EXPECT_FALSE(is_blank(other)) << ::testing::PrintToString(other);
    EXPECT_FALSE(is_blank(" \xc2\xa0" + other)) << ::testing::PrintToString(other);
  }
}

TEST(Blank, IsAnyMixtureOfWhiteSpace) {
  std::string all;
  for (const std::string& space : white_space) all += space;
  EXPECT_TRUE(is_blank(all));
}

TEST(Blank, IsNotAHalfWhiteSpaceAtTheEnd) {
  EXPECT_FALSE(is_blank("\xe2\x80"));
  EXPECT_FALSE(is_blank("\xc2"));
}

TEST(Cut, CountsCodePointsNotBytes) {
  EXPECT_EQ(cut_to("abcdef", 4), "abcd");
  EXPECT_EQ(cut_to("\xc3\xa9\xc3\xa9\xc3\xa9", 2), "\xc3\xa9\xc3\xa9");
  EXPECT_EQ(cut_to("a\xe2\x82\xac\xf0\x9f\x98\x80z", 3), "a\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(cut_to("\xf0\x9f\x98\x80\xf0\x9f\x98\x80", 1), "\xf0\x9f\x98\x80");
}

TEST(Cut, LeavesWhatFits) {
  EXPECT_EQ(cut_to("", 0), "");
  EXPECT_EQ(cut_to("abc", 3), "abc");
  EXPECT_EQ(cut_to("\xc3\xa9\xc3\xa9\xc3\xa9", 3), "\xc3\xa9\xc3\xa9\xc3\xa9");
  EXPECT_EQ(cut_to("abc", 0), "");
}

TEST(CodePoints, AreCounted) {
  EXPECT_EQ(code_points_in(""), 0U);
  EXPECT_EQ(code_points_in("a\xe2\x82\xac\xf0\x9f\x98\x80z"), 4U);
}

TEST(TextPrefix, EndsBeforeTheFirstByteThatIsNoText) {
  EXPECT_EQ(text_prefix("a\xC3\xA4"), "a\xC3\xA4");
  EXPECT_EQ(text_prefix(std::string_view("a\0b", 3)), "a");
  EXPECT_EQ(text_prefix("a\xC3("), "a");
  EXPECT_EQ(text_prefix("a\xED\xA0\x80"), "a") << "half a surrogate pair";
  EXPECT_EQ(text_prefix("\xF4\x90\x80\x80"), "") << "beyond Unicode";
  EXPECT_EQ(text_prefix("\xC0\x80"), "") << "overlong";
}

TEST(AsciiCase, IsIgnoredInAsciiAlone) {
  EXPECT_EQ(ascii_lower("Aa-Zz 1\xC3\x84"), "aa-zz 1\xC3\x84") << "Ä stays";
  EXPECT_TRUE(equal_ignoring_ascii_case("CrmOln@Microsoft.com", "crmoln@microsoft.com"));
  EXPECT_FALSE(equal_ignoring_ascii_case("\xC3\x84", "\xC3\xA4"));
  EXPECT_FALSE(equal_ignoring_ascii_case("a", "ab"));
  EXPECT_TRUE(equal_ignoring_ascii_case("", ""));
}

}  // namespace
}  // namespace dvsync::core
