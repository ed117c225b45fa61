#include "log/since.hpp"

#include "cli_support.hpp"

namespace dvsync::cli {
namespace {

using std::chrono::seconds;

seconds length(std::string_view text) { return std::get<seconds>(parse_since(text).value()); }
std::int64_t moment(std::string_view text) {
  return std::chrono::duration_cast<seconds>(std::get<core::Timestamp>(parse_since(text).value()).time_since_epoch())
      .count();
}

TEST(Since, TakesLengthsOfTime) {
  EXPECT_EQ(length("30s"), seconds(30));
  EXPECT_EQ(length("15m"), seconds(900));
  EXPECT_EQ(length("2h"), seconds(7200));
  EXPECT_EQ(length("3d"), seconds(3 * 86400));
  EXPECT_EQ(length("1w"), seconds(7 * 86400));
  EXPECT_EQ(length("1h30m"), seconds(5400));
}

TEST(Since, TakesMomentsInTheMachinesZoneUnlessTheySayTheirs) {
  EXPECT_EQ(moment("2026-03-01"), 1'772'319'600);  // midnight in +0100
  EXPECT_EQ(moment("2026-03-01T14:05"), 1'772'370'300);
  EXPECT_EQ(moment("2026-03-01 14:05:09"), 1'772'370'309);
  EXPECT_EQ(moment("2026-03-01T13:05:09Z"), 1'772'370'309);
  EXPECT_EQ(moment("2026-03-01T15:05:09+02:00"), 1'772'370'309);
  EXPECT_EQ(moment("2026-03-01T15:05:09+0200"), 1'772'370'309);
  EXPECT_EQ(moment("2026-03-01T08:05:09-05"), 1'772'370'309);
  EXPECT_EQ(moment("2024-02-29T00:00Z"), 1'709'164'800);
}

TEST(Since, GoesNoFartherBackThanPostgresDoes) {
  EXPECT_EQ(length("2000000000w"), std::chrono::hours(24 * 36'500));
  EXPECT_EQ(moment("0000-01-01"), moment("1900-01-01T00:00Z"));
  EXPECT_EQ(moment("1601-02-28T23:59Z"), moment("1900-01-01T00:00Z"));
}

TEST(Since, RefusesEverythingElse) {
  for (const auto* text : {"",
                           "h",
                           "2",
                           "2x",
                           "-2h",
                           "+2h",
                           "2h ",
                           " 2h",
                           "h2",
                           "yesterday",
                           "2026",
                           "2026-03",
                           "2026-3-1",
                           "2026-02-30",
                           "2026-13-01",
                           "2026-03-01T",
                           "2026-03-01T25:00",
                           "2026-03-01T14",
                           "2026-03-01T14:05X",
                           "2026-03-01T14:05:99999",
                           "2026-03-01T14:05+",
                           "99999999999h",
                           "-026-03-01",
                           "2026-03-01T14:05ZZ"}) {
    EXPECT_FALSE(parse_since(text)) << text;
  }
}

}  // namespace
}  // namespace dvsync::cli
