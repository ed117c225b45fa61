#include "dvsync/core/guid.hpp"

#include <gtest/gtest.h>

#include <string>
#include <unordered_set>

#include "support/builders.hpp"

namespace dvsync::core {
namespace {

constexpr std::string_view text = "62e90394-69f5-4237-9190-012177145e10";

TEST(Guid, ReadsTheTextForm) {
  const auto guid = parse_guid(text);
  ASSERT_TRUE(guid);
  EXPECT_EQ(guid->bytes.front(), 0x62);
  EXPECT_EQ(guid->bytes.back(), 0x10);
  EXPECT_EQ(to_string(*guid), text);
}

TEST(Guid, ReadsEitherCaseAndBracesAndWritesLowerCase) {
  for (const std::string_view other :
       {"62E90394-69F5-4237-9190-012177145E10", "{62e90394-69f5-4237-9190-012177145e10}"}) {
    ASSERT_TRUE(parse_guid(other)) << other;
    EXPECT_EQ(to_string(*parse_guid(other)), text);
  }
}

TEST(Guid, RefusesEverythingElse) {
  for (const std::string_view wrong :
       {"", "62e90394", "62e9039469f542379190012177145e10", "62e90394-69f5-4237-9190-012177145e1",
        "62e90394-69f5-4237-9190-012177145e100", "62e90394x69f5-4237-9190-012177145e10",
        "62e90394-69f5-4237-9190-012177145e1g", "{62e90394-69f5-4237-9190-012177145e10",
        "(62e90394-69f5-4237-9190-012177145e10)", " 62e90394-69f5-4237-9190-012177145e1",
        "62e9039-469f5-4237-9190-012177145e10",
        ("62e90394-69f5-4237-9190-0121771\xc3\xa9"
         "5e1")}) {
    EXPECT_FALSE(parse_guid(wrong)) << wrong;
  }
}

TEST(Guid, WritesIntoABufferAndSaysWhereItEnds) {
  std::string buffer(40, '.');
  char* const end = write_guid(*parse_guid(text), buffer.data());
  EXPECT_EQ(end, buffer.data() + 36);
  EXPECT_EQ(buffer, std::string{text} + "....");
}

TEST(Guid, OrdersAsItsTextDoes) {
  const auto low = *parse_guid("00000000-0000-0000-0000-0000000000ff");
  const auto high = *parse_guid("01000000-0000-0000-0000-000000000000");
  EXPECT_LT(low, high);
  EXPECT_LT(to_string(low), to_string(high));
}

TEST(Guid, HashesOfCountedIdsDiffer) {
  std::unordered_set<std::size_t> hashes;
  for (std::uint64_t i = 0; i < 10'000; ++i) hashes.insert(std::hash<Guid>{}(test::guid(i)));
  EXPECT_EQ(hashes.size(), 10'000U);
}

}  // namespace
}  // namespace dvsync::core
