#include "probes.hpp"

#include <gtest/gtest.h>

#include "dvsync/service/daemon.hpp"

namespace dvsync::console {
namespace {

using service::Phase;
using namespace std::chrono_literals;

TEST(Probes, ReadyIsWhoWorksOrStandsBy) {
  EXPECT_EQ(readyz({.phase = Phase::working}).status, 200U);
  EXPECT_EQ(readyz({.phase = Phase::standing_by}).status, 200U);
  for (const auto phase : {Phase::starting, Phase::out_of_reach, Phase::stopping}) {
    EXPECT_EQ(readyz({.phase = phase}).status, 503U) << name_of(phase);
    EXPECT_EQ(readyz({.phase = phase}).body, std::string(name_of(phase)) + "\n");
  }
}

TEST(Probes, HealthyIsWhoeverGetsOn) {
  EXPECT_EQ(healthz({.phase = Phase::out_of_reach}, 0s).status, 200U);
  EXPECT_EQ(healthz({.phase = Phase::working, .running = true}, 1s).status, 200U);
  EXPECT_EQ(healthz({.phase = Phase::working, .running = true}, service::longest_silence).status, 503U);
  EXPECT_EQ(healthz({.phase = Phase::working}, service::longest_silence).status, 200U) << "nothing is under way";
}

}  // namespace
}  // namespace dvsync::console
