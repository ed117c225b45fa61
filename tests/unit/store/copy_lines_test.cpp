#include <gtest/gtest.h>

#include "dvsync/store/postgres/copied_rows.hpp"
#include "dvsync/store/postgres/copy_line.hpp"
#include "store/postgres/copy_tuples.hpp"

namespace dvsync::store {
namespace {

using std::string_literals::operator""s;

TEST(CopyLines, EscapeWhatCopyGivesAMeaningWhereverItStands) {
  for (const auto& [special, escaped] :
       {std::pair{"\\"s, R"(\\)"s}, std::pair{"\t"s, "\\t"s}, std::pair{"\n"s, "\\n"s}, std::pair{"\r"s, "\\r"s}}) {
    for (std::size_t before = 0; before < 20; ++before) {
      const std::string ahead(before, 'x');
      CopyLines lines;
      lines.text(std::string_view(ahead + special + "é" + special + special));
      EXPECT_EQ(lines.lines(), ahead + escaped + "é" + escaped + escaped) << before;
    }
  }
}

TEST(CopyLines, LeaveEverythingElseAsItIs) {
  std::string value;
  for (int c = 1; c < 256; ++c) {
    if (std::string_view("\\\t\n\r").find(static_cast<char>(c)) == std::string_view::npos)
      value += static_cast<char>(c);
  }
  CopyLines lines;
  lines.text(std::string_view(value)).text(std::string_view()).null();
  EXPECT_EQ(lines.lines(), value + "\t\t\\N");
}

// What we write is what PostgreSQL writes.
TEST(CopyTuples, AreReadBack) {
  CopyTuples tuples;
  tuples.begin_line();
  tuples.small(-2).integer(258).big(-1).boolean(true).text(std::string_view("ana")).null();
  tuples.timestamp(core::Timestamp(std::chrono::sys_days(std::chrono::year(2000) / 1 / 2))).json("{}").end_line();
  CopiedRows rows;
  ASSERT_TRUE(rows.add(tuples.lines()));
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows.bytes(0, 0), "\377\376"s);
  EXPECT_EQ(rows.bytes(0, 1), "\0\0\1\2"s);
  EXPECT_EQ(rows.bytes(0, 2), std::string(8, '\377'));
  EXPECT_EQ(rows.bytes(0, 3), "\1"s);
  EXPECT_EQ(rows.bytes(0, 4), "ana");
  EXPECT_TRUE(rows.null(0, 5));
  EXPECT_EQ(rows.bytes(0, 6), "\0\0\0\x14\x1d\xd7\x60\0"s);  // 86,400,000,000 µs
  EXPECT_EQ(rows.bytes(0, 7), "\1{}"s);
}

TEST(CopyTuples, AnArrayOfTexts) {
  CopyTuples tuples;
  tuples.begin_line();
  tuples.texts({"a", ""}).end_line();
  CopiedRows rows;
  ASSERT_TRUE(rows.add(tuples.lines()));
  EXPECT_EQ(rows.bytes(0, 0), "\0\0\0\1\0\0\0\0\0\0\0\x19\0\0\0\2\0\0\0\1"s + "\0\0\0\1a"s + "\0\0\0\0"s);
}

}  // namespace
}  // namespace dvsync::store
