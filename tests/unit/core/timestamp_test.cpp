#include "dvsync/core/timestamp.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace dvsync::core {
namespace {

using std::chrono::microseconds;

TEST(Timestamp, ReadsTheWaysOfWritingAMoment) {
  struct Case {
    std::string_view text;
    std::optional<std::int64_t> microseconds;
  };
  for (const Case& expected :
       {Case{"1970-01-01T00:00:00Z", 0}, Case{"2022-03-18 19:49:35Z", 1'647'632'975'000'000},
        Case{"2022-03-18T19:49:35.1234567Z", 1'647'632'975'123'456},
        Case{"2022-03-18T20:49:35+01:00", 1'647'632'975'000'000},
        Case{"2022-03-18T18:19:35-0130", 1'647'632'975'000'000}, Case{"2022-03-18T19:49:35", 1'647'632'975'000'000},
        Case{"0001-01-01T00:00:00Z", -62'135'596'800'000'000}, Case{"", std::nullopt}, Case{"2022", std::nullopt},
        Case{"2022-02-30T00:00:00Z", std::nullopt}, Case{"2022-03-18T24:00:00Z", std::nullopt},
        Case{"2022-03-18T19:49:35Zx", std::nullopt}, Case{"2022-03-18T19:49:35+1", std::nullopt},
        Case{"2026-03-01T13:05:09.000001Z", 1'772'370'309'000'001}, Case{"18.03.2022 19:49", std::nullopt},
        Case{"-022-03-18T19:49:35Z", std::nullopt}}) {
    const auto moment = parse_timestamp(expected.text);
    ASSERT_EQ(moment.has_value(), expected.microseconds.has_value()) << expected.text;
    if (moment) {
      EXPECT_EQ(moment->time_since_epoch(), microseconds(*expected.microseconds)) << expected.text;
    }
  }
}

TEST(Timestamp, ReadsWhatItWrites) {
  const Timestamp moment(std::chrono::seconds(1'647'632'975));
  EXPECT_EQ(parse_timestamp(utc_time(moment)), moment);
}

}  // namespace
}  // namespace dvsync::core
