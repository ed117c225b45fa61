#include "dvsync/core/counters.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <random>

namespace dvsync::core {
namespace {

// Whatever becomes of the identities of a batch, and however batches are added up, the numbers add up.
TEST(Counters, AlwaysAddUp) {
  const auto seed = std::random_device{}();
  std::cout << "seed " << seed << '\n';
  std::mt19937 random(seed);
  const auto pick = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  Counters run;
  std::int64_t identities = 0;
  for (int batch = 0; batch < 200; ++batch) {
    Counters counters;
    for (int i = pick(50); i > 0; --i) {
      ++identities;
      Planned planned;
      planned.decision = static_cast<Decision>(pick(6));
      if (pick(5) == 0) planned.rejection = Rejection{Reason::invalid_value, "NUL"};
      switch (pick(3)) {
        case 0:
          counters.count_change(planned.decision);
          break;
        case 1:
          counters.count_held();
          break;
        case 2:
          counters.count_rejected();
          break;
        default:
          counters.count_quiet(planned, pick(1) == 1);
          break;
      }
    }
    ASSERT_TRUE(counters.add_up()) << "seed " << seed;
    run += counters;
  }
  EXPECT_TRUE(run.add_up()) << "seed " << seed;
  EXPECT_EQ(run.seen, identities) << "seed " << seed;
}

TEST(Counters, CountAnIdentityUnderItsWeightiestChange) {
  Counters counters;
  counters.count_change(Decision::create);
  counters.count_change(Decision::enable);
  counters.count_change(Decision::disable);
  counters.count_change(Decision::update);
  EXPECT_EQ(counters, (Counters{.seen = 4, .created = 1, .updated = 1, .enabled = 1, .disabled = 1}));
  EXPECT_EQ(counters.changed(), 4);
}

TEST(Counters, TellARejectedIdentityFromAnUnchangedOne) {
  Planned planned;
  planned.decision = Decision::keep;
  Counters counters;
  counters.count_quiet(planned, true);
  counters.count_quiet(planned, false);
  planned.rejection = Rejection{Reason::invalid_value, "NUL"};
  counters.count_quiet(planned, true);
  EXPECT_EQ(counters.unchanged, 1);
  EXPECT_EQ(counters.ignored, 1);
  EXPECT_EQ(counters.rejected, 1);
}

}  // namespace
}  // namespace dvsync::core
