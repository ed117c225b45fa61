#include "words.hpp"

#include "cli_support.hpp"

namespace dvsync::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Words, CountInSingularAndPlural) {
  EXPECT_EQ(count_of(0, "user", "users"), "0 users");
  EXPECT_EQ(count_of(1, "user", "users"), "1 user");
  EXPECT_EQ(count_of(1234567, "user", "users"), "1234567 users");
}

TEST(Words, SayHowLongSomethingTook) {
  EXPECT_EQ(format_duration(milliseconds(0)), "0 ms");
  EXPECT_EQ(format_duration(milliseconds(999)), "999 ms");
  EXPECT_EQ(format_duration(milliseconds(1000)), "1.0 s");
  EXPECT_EQ(format_duration(milliseconds(99'949)), "99.9 s");
  EXPECT_EQ(format_duration(milliseconds(99'950)), "1 min 39 s");
  EXPECT_EQ(format_duration(milliseconds(245'000)), "4 min 05 s");
  EXPECT_EQ(format_duration(milliseconds(3'600'000)), "1 h 00 min");
  EXPECT_EQ(format_duration(milliseconds(7'380'000)), "2 h 03 min");
}

TEST(Words, SayForHowLongSomethingHasBeenSo) {
  EXPECT_EQ(format_age(seconds(59)), "less than 1 min");
  EXPECT_EQ(format_age(seconds(60)), "1 min");
  EXPECT_EQ(format_age(seconds(7199)), "119 min");
  EXPECT_EQ(format_age(seconds(7200)), "2 h");
  EXPECT_EQ(format_age(seconds(2 * 86400)), "2 d");
}

TEST(Words, ShowPeopleTheLocalTimeAndProgramsUtc) {
  const core::Timestamp time{seconds(1'772'370'309)};
  EXPECT_EQ(local_time(time), "2026-03-01 14:05:09 +0100");
  EXPECT_EQ(utc_time(time), "2026-03-01T13:05:09Z");
  EXPECT_EQ(utc_time(core::Timestamp{milliseconds(-1)}), "1969-12-31T23:59:59Z");
}

TEST(Words, LetNoNameMoveTheCursor) {
  EXPECT_EQ(printable("Jürgen Løvås 田中"), "Jürgen Løvås 田中");
  EXPECT_EQ(printable("a\x1b[2Jb\r\n\tc\x7f"), "a?[2Jb???c?");
  EXPECT_EQ(printable("a\xC2\x9B"
                      "31mb"),
            "a?31mb");                           // CSI as one C1 character
  EXPECT_EQ(printable("\xC2\xA0"), "\xC2\xA0");  // a no-break space is only that
  EXPECT_EQ(printable("evil\u202Egnp\u200B.exe"), "evil?gnp?.exe");
  EXPECT_EQ(printable("a\u200E\u200D\u2028\u061Cb"), "a????b");
  EXPECT_EQ(printable("a\x9B\xFF\xC3"), "a???");  // no UTF-8: a terminal would take the first for CSI
}

TEST(Words, CutWhatIsTooLongBetweenCharacters) {
  EXPECT_EQ(printable("aåå", 3), "aå…");
  EXPECT_EQ(printable("aåå", 4), "aå…");
  EXPECT_EQ(printable("aåå", 5), "aåå");
  EXPECT_LT(printable(std::string(60'000, 'x')).size(), 5'000U);
}

TEST(Words, KeepTheLinesOfWhatHasLines) {
  EXPECT_EQ(printable_lines("one\n  two\x1b[31m\n"), "one\n  two?[31m\n");
  EXPECT_EQ(printable_lines(""), "");
}

}  // namespace
}  // namespace dvsync::cli
