#include "recent_answers.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <tuple>

namespace dvsync::console {
namespace {

using namespace std::chrono_literals;

class RecentAnswersTest : public testing::Test {
 protected:
  // The next answer; reading it takes `takes_` of this clock.
  std::string ask(const AnswerBasis& basis = {}) {
    return answers_.text(basis, "status", [this] {
      now_ += takes_;
      return std::to_string(++read_);
    });
  }

  RecentAnswers::Time now_{};
  std::chrono::milliseconds takes_{10};
  int read_ = 0;
  RecentAnswers answers_{[this] { return now_; }};
};

TEST_F(RecentAnswersTest, AreReadOnceASecond) {
  EXPECT_EQ(ask(), "1");
  now_ += 999ms;
  EXPECT_EQ(ask(), "1");
  now_ += 1ms;
  EXPECT_EQ(ask(), "2");
}

TEST_F(RecentAnswersTest, ThatTakeLongAreReadLessOften) {
  takes_ = 250ms;
  EXPECT_EQ(ask(), "1");
  now_ += 4999ms;
  EXPECT_EQ(ask(), "1");
  now_ += 1ms;
  EXPECT_EQ(ask(), "2");
  EXPECT_EQ(RecentAnswers::how_long(1h), 10s);
}

TEST_F(RecentAnswersTest, HoldForTheirBasisAlone) {
  EXPECT_EQ(ask(), "1");
  EXPECT_EQ(ask({.configuration = nullptr, .acts = 1}), "2") << "somebody acted";
  EXPECT_EQ(ask({.configuration = std::make_shared<config::Configuration>(), .acts = 1}), "3") << "a reload";
}

TEST_F(RecentAnswersTest, WhoAsksMeanwhileIsToldTheOneBefore) {
  EXPECT_EQ(ask(), "1");
  now_ += 1s;
  std::string meanwhile;
  EXPECT_EQ(answers_.text({}, "status",
                          [&] {
                            meanwhile = ask();
                            return "2";
                          }),
            "2");
  EXPECT_EQ(meanwhile, "1");
  EXPECT_EQ(ask(), "2");
}

TEST_F(RecentAnswersTest, WhoAsksMeanwhileWaitsWhereTheOneBeforeIsOld) {
  EXPECT_EQ(ask(), "1");
  now_ += 1h;
  std::promise<void> begun;
  std::promise<void> goes_on;
  auto reading = std::async(std::launch::async, [&] {
    return answers_.text({}, "status", [&] {
      begun.set_value();
      goes_on.get_future().wait();
      return "2";
    });
  });
  begun.get_future().wait();
  auto waiting = std::async(std::launch::async, [&] { return ask(); });
  goes_on.set_value();
  EXPECT_EQ(reading.get(), "2");
  EXPECT_EQ(waiting.get(), "2");
  EXPECT_EQ(read_, 1);
}

TEST_F(RecentAnswersTest, AFailureReachesWhoReadAlone) {
  EXPECT_THROW(std::ignore = answers_.text({}, "status", []() -> std::string { throw std::runtime_error("away"); }),
               std::runtime_error);
  EXPECT_EQ(ask(), "1");
}

}  // namespace
}  // namespace dvsync::console
