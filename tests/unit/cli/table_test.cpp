#include "terminal/table.hpp"

#include "cli_support.hpp"

namespace dvsync::cli {
namespace {

using test::plain;

TEST(DisplayWidth, CountsWhatATerminalShows) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("Løvås"), 5U);
  EXPECT_EQ(display_width("e\xCC\x81"), 1U);  // e and a combining acute accent
  EXPECT_EQ(display_width("田中"), 4U);
  EXPECT_EQ(display_width("한국"), 4U);
  EXPECT_EQ(display_width("🙂"), 2U);
  EXPECT_EQ(display_width("→ …"), 3U);
}

TEST(DisplayWidth, NeverReadsBeyondBrokenText) {
  EXPECT_EQ(display_width("\xF0\x9F"), 1U);
  EXPECT_EQ(display_width("a\xFF"), 2U);
  EXPECT_EQ(display_width("\x80\x80"), 2U);
}

TEST(Shortened, CutsBetweenCharactersAndMarksIt) {
  EXPECT_EQ(shortened("Løvås", 5), "Løvås");
  EXPECT_EQ(shortened("Løvås", 4), "Løv…");
  EXPECT_EQ(shortened("田中さん", 5), "田中…");
  EXPECT_EQ(shortened("田中さん", 4), "田…");
  EXPECT_EQ(shortened("abc", 1), "…");
  EXPECT_EQ(shortened("abc", 0), "");
}

TEST(Table, AlignsByDisplayWidth) {
  Table table({{"name"}, {"seen", Align::right}, {"outcome"}});
  table.add({{"contoso"}, {"7"}, {"succeeded"}});
  table.add({{"田中"}, {"12345"}, {"held"}});
  table.add({{"Løvås"}, {"0"}, {"failed"}});
  EXPECT_EQ(table.text(plain),
            "name      seen  outcome\n"
            "contoso      7  succeeded\n"
            "田中     12345  held\n"
            "Løvås        0  failed\n");
}

TEST(Folded, BreaksAtBlanksAndNeverWithinAWord) {
  EXPECT_EQ(folded("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(folded("immeasurable", 5), (std::vector<std::string>{"immeasurable"}));
  EXPECT_EQ(folded("a immeasurable b", 5), (std::vector<std::string>{"a", "immeasurable", "b"}));
  EXPECT_EQ(folded("田中 さん", 4), (std::vector<std::string>{"田中", "さん"}));
  EXPECT_EQ(folded("", 5), (std::vector<std::string>{""}));
  EXPECT_EQ(folded_text("one two three four five six seven", 24, 2), "one two three four\n  five six seven");
  EXPECT_EQ(folded_text("one two", std::nullopt, 2), "one two");
}

Table three_columns() {
  Table table({{"user"}, {"why", Align::left, Fit::fold}, {"id", Align::left, Fit::leave_out}});
  table.add({{"ana"}, {"because nobody is in the security group"}, {"0123456789"}});
  return table;
}

TEST(Table, LeavesColumnsOutBeforeItFoldsTexts) {
  auto table = three_columns();
  EXPECT_EQ(table.text(plain, 80), table.text(plain));
  EXPECT_EQ(table.text(plain, 30),
            "user  why\n"
            "ana   because nobody is in the\n"
            "      security group\n");
}

TEST(Table, LeavesATextOutWhoseWordsAreTooLong) {
  Table table({{"user"}, {"why", Align::left, Fit::fold}});
  table.add({{"ana"}, {"because"}});
  table.add({{"bo"}, {"power_platform_administrator"}});
  EXPECT_EQ(table.text(plain, 30), "user\nana\nbo\n");
  EXPECT_THAT(table.text(plain, 34), testing::HasSubstr("power_platform_administrator"));
}

TEST(Table, NamesWhatItLeftOut) {
  auto table = three_columns();
  static_cast<void>(table.take(plain, 30));
  EXPECT_EQ(table.left_out(), std::vector<std::string>{"id"});
  auto wide = three_columns();
  static_cast<void>(wide.take(plain, std::nullopt));
  EXPECT_TRUE(wide.left_out().empty());
}

TEST(Table, OfManyRowsIsTakenPieceByPieceBelowOneHeading) {
  auto table = three_columns();
  EXPECT_THAT(table.take(plain, 30), testing::StartsWith("user  why\n"));
  EXPECT_EQ(table.rows(), 0U);
  table.add({{"bo"}, {"so"}, {"1"}});
  EXPECT_EQ(table.take(plain, 30), "bo    so\n");
}

TEST(InAscii, ReplacesOurOwnSignsAndNoNames) {
  EXPECT_EQ(in_ascii("✓ false → true, and so on…"), "+ false -> true, and so on...");
  EXPECT_EQ(in_ascii("Løvås"), "Løvås");
}

TEST(Table, ColorsDoNotCountAsWidth) {
  Table table({{"a"}, {"b"}});
  table.add({{"x", Tint::bad}, {"y"}});
  EXPECT_EQ(table.text(test::colored), "\x1b[1ma\x1b[0m  \x1b[1mb\x1b[0m\n\x1b[31mx\x1b[0m  y\n");
}

}  // namespace
}  // namespace dvsync::cli
