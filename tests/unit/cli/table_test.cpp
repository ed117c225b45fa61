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

TEST(Table, ColorsDoNotCountAsWidth) {
  Table table({{"a"}, {"b"}});
  table.add({{"x", Tint::bad}, {"y"}});
  EXPECT_EQ(table.text(test::colored), "\x1b[1ma\x1b[0m  \x1b[1mb\x1b[0m\n\x1b[31mx\x1b[0m  y\n");
}

}  // namespace
}  // namespace dvsync::cli
