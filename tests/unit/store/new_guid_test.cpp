#include "new_guid.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

namespace dvsync::store {
namespace {

std::vector<core::Guid> made(std::size_t count) {
  std::vector<core::Guid> ids(count);
  std::ranges::generate(ids, new_guid);
  return ids;
}

TEST(NewGuid, IsOfVersionSeven) {
  for (const auto& id : made(1000)) {
    EXPECT_EQ(id.bytes[6] >> 4, 7);
    EXPECT_EQ(id.bytes[8] >> 6, 2);
  }
}

TEST(NewGuid, ComesOnceWhoeverMakesIt) {
  std::vector<core::Guid> of_another;
  std::thread another([&] { of_another = made(100'000); });
  auto all = made(100'000);
  another.join();
  all.insert(all.end(), of_another.begin(), of_another.end());
  EXPECT_EQ(std::set(all.begin(), all.end()).size(), all.size());
}

// Within a few places: what is made in the same four-thousandth part of a millisecond has no order. A clock that is set
// back meanwhile is allowed for.
TEST(NewGuid, ComesInTheOrderOfTimeWithinAMillisecondToo) {
  const auto ids = made(100'000);
  std::size_t falls = 0;
  for (std::size_t i = 64; i < ids.size(); ++i) falls += ids[i] < ids[i - 64] ? 1 : 0;
  EXPECT_LT(falls, ids.size() / 100);
}

}  // namespace
}  // namespace dvsync::store
