// Throttling, batches, patience, and being stopped.

#include <algorithm>
#include <thread>

#include "integration/graph/graph_test.hpp"

namespace dvsync::source::graph::testing {
namespace {

using Kind = SourceError::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::SizeIs;

class Throttling : public GraphTest {
 protected:
  std::size_t count(const std::string& part) {
    const auto lines = requests();
    return static_cast<std::size_t>(std::count_if(
        lines.begin(), lines.end(), [&](const auto& line) { return line.find(part) != std::string::npos; }));
  }
};

TEST_F(Throttling, RetryAfterIsHonouredToTheSecond) {
  put_user(1);
  fault({{"match", "users/delta"}, {"status", 429}, {"headers", {{"Retry-After", "41"}}}});
  fault({{"match", "users/delta"}, {"status", 503}, {"headers", {{"Retry-After", "7"}}}});
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(clock.waits, ElementsAre(seconds{41}, seconds{7}));
  EXPECT_TRUE(mirror.knows(user_id(1)));
}

TEST_F(Throttling, RetryAfterIsCappedAtTenMinutes) {
  fault({{"match", "users/delta"}, {"status", 429}, {"headers", {{"Retry-After", "86400"}}}});
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(clock.waits, ElementsAre(seconds{600}));
}

TEST_F(Throttling, RetryAfterMayBeADate) {
  fault({{"match", "users/delta"}, {"status", 429}, {"headers", {{"Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT"}}}});
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(clock.waits, ElementsAre(seconds{600}));
}

TEST_F(Throttling, WithoutRetryAfterDelaysDoubleWithJitter) {
  fault({{"match", "users/delta"}, {"status", 429}, {"times", 6}});
  MirrorModel mirror;
  pull(mirror);
  ASSERT_THAT(clock.waits, SizeIs(6));
  for (int i = 0; i < 6; ++i) {
    const milliseconds full{1000 << i};
    EXPECT_THAT(clock.waits[static_cast<std::size_t>(i)], AllOf(Ge(full / 2), Le(full)));
  }
}

TEST_F(Throttling, ThrottledPullKeepsItsPagesAndGoesOn) {
  tell({{"do", "generate_users"}, {"count", 100}});
  tell({{"do", "quirks"}, {"page_size", 10}});
  fault({{"match", "users/delta\\?\\$skiptoken"},
         {"skip", 4},
         {"status", 429},
         {"headers", {{"Retry-After", "5"}}},
         {"times", 3}});
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(mirror.living(), SizeIs(100));
  EXPECT_EQ(count("users/delta"), 10U + 3U);
}

TEST_F(Throttling, BudgetOfARunIsFinite) {
  fault({{"match", "users/delta"}, {"status", 429}, {"headers", {{"Retry-After", "300"}}}, {"times", 1000}});
  EXPECT_THAT(failure_of(request(), Kind::unavailable),
              AllOf(HasSubstr("throttles this application"), HasSubstr("1800 s")));
  EXPECT_THAT(clock.waits, AllOf(SizeIs(6), Each(seconds{300})));
}

TEST_F(Throttling, OnlyThrottledPartsOfABatchAreSentAgain) {
  put_group(1, {1});
  fault({{"match", "directoryRoles\\(roleTemplateId='62e9"},
         {"where", "part"},
         {"status", 429},
         {"headers", {{"Retry-After", "11"}}}});
  fault({{"match", "groups/delta"}, {"where", "part"}, {"status", 503}, {"headers", {{"retry-after", "3"}}}});
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(clock.waits, ElementsAre(seconds{11}));
  const auto lines = requests();
  const auto parts = std::count_if(lines.begin(), lines.end(), [](const auto& l) { return l.starts_with("part"); });
  EXPECT_EQ(parts, 4 + 2);
  EXPECT_THAT(mirror.group(group_id(1)).members, SizeIs(1));
}

TEST_F(Throttling, ThrottledBatchIsSentAgainWhole) {
  put_group(1, {1});
  fault({{"match", "batch"}, {"status", 429}, {"headers", {{"Retry-After", "2"}}}});
  MirrorModel mirror;
  pull(mirror);
  EXPECT_THAT(clock.waits, ElementsAre(seconds{2}));
}

TEST_F(Throttling, BatchPartsLeftUnansweredAreAskedAgain) {
  fault({{"match", "batch"}, {"patch", {{"responses", json::array{}}}}});
  MirrorModel mirror;
  const Pulled pulled = pull(mirror);
  EXPECT_EQ(pulled.end.roles[0], Completeness::complete);
  EXPECT_THAT(clock.waits, SizeIs(1));
  EXPECT_EQ(count("part"), 3U + 3U);
}

TEST_F(Throttling, PriorityComesFromTheConfiguration) {
  for (const auto& [configured, sent] : {std::pair{"low", "Low"}, std::pair{"high", "High"}}) {
    directory.throttle_priority = configured;
    MirrorModel mirror;
    pull(mirror);
    for (const json::value& each : request_log()) {
      if (each.at("url").as_string().find("delta") != json::string::npos && !each.as_object().contains("in_batch")) {
        EXPECT_EQ(each.at("headers").at("x-ms-throttle-priority"), sent);
      }
    }
  }
}

TEST_F(Throttling, StopEndsAWaitAtOnce) {
  std::stop_source stop;
  clock.stop_while_waiting = &stop;
  fault({{"match", "users/delta"}, {"status", 429}, {"headers", {{"Retry-After", "600"}}}});
  const auto from = source();
  const auto pull = from->pull(request());
  Page page;
  EXPECT_THROW(pull->next(page, stop.get_token()), Interrupted);
}

TEST_F(Throttling, StopEndsATransferThatHangs) {
  fault({{"match", "users/delta"}, {"stall", true}});
  tell({{"do", "generate_users"}, {"count", 50}});
  const auto from = source();
  const auto pull = from->pull(request());
  std::stop_source stop;
  std::jthread operator_thread([&] {
    while (count("users/delta") == 0) {
      std::this_thread::yield();
    }
    stop.request_stop();
  });
  Page page;
  EXPECT_THROW(pull->next(page, stop.get_token()), Interrupted);
}

TEST_F(Throttling, MachineClockWakesUpForAStop) {
  std::stop_source stop;
  std::jthread operator_thread([&] { stop.request_stop(); });
  EXPECT_THROW(machine_clock().wait(std::chrono::hours{1}, stop.get_token()), Interrupted);
  machine_clock().wait(milliseconds{1}, {});
}

}  // namespace
}  // namespace dvsync::source::graph::testing
