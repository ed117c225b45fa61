#include "recent_questions.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <thread>
#include <vector>

#include "dvsync/error.hpp"
#include "support/builders.hpp"

namespace dvsync::service {
namespace {

using namespace std::chrono_literals;
using sync::Resolved;

const source::UserReference ana{std::nullopt, "ana@contoso.example"};
const source::UserReference bob{std::nullopt, "bob@contoso.example"};

Resolved found(int number) { return {"", test::guid(number), "", ""}; }
Resolved silence() { return {"", std::nullopt, sync::refusal::stale_directory, "timed out", true}; }
Resolved broken_answer() { return {"", std::nullopt, sync::refusal::stale_directory, "two users have this name"}; }

class RecentQuestionsTest : public testing::Test {
 protected:
  Resolved ask(const source::UserReference& user, const RecentQuestions::Question& question) {
    return questions.ask(user, stop.get_token(), [&](const std::stop_token& in_time) {
      ++asked;
      return question(in_time);
    });
  }
  Resolved ask(const source::UserReference& user, const Resolved& answer) {
    return ask(user, [&](const std::stop_token&) { return answer; });
  }

  RecentQuestions::Clock::time_point now{1h};
  RecentQuestions questions{1h, [this] { return now; }};
  std::stop_source stop;
  std::atomic<int> asked = 0;
};

TEST_F(RecentQuestionsTest, AskOnceHoweverManyWait) {
  std::mutex mutex;
  std::condition_variable released;
  bool go = false;
  const auto slowly = [&](const std::stop_token&) {
    std::unique_lock lock(mutex);
    released.wait(lock, [&] { return go; });
    return found(1);
  };
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> waiting;
    for (int i = 0; i < 8; ++i) {
      waiting.emplace_back([&] { answered += ask(ana, slowly).object_id == test::guid(1) ? 1 : 0; });
    }
    const std::scoped_lock lock(mutex);
    go = true;
    released.notify_all();
  }
  EXPECT_EQ(answered, 8);
  EXPECT_EQ(asked, 1);
}

TEST_F(RecentQuestionsTest, TellWhatWasAnsweredAMomentAgo) {
  EXPECT_EQ(ask(ana, found(1)).object_id, test::guid(1));
  EXPECT_EQ(ask({std::nullopt, "ANA@contoso.example"}, found(2)).object_id, test::guid(1));
  EXPECT_EQ(ask(bob, found(3)).object_id, test::guid(3));
  now += 1min;
  EXPECT_EQ(ask(ana, found(2)).object_id, test::guid(2));
  EXPECT_EQ(asked, 3);
}

TEST_F(RecentQuestionsTest, AreNotAskedWhileTheDirectoryIsSilent) {
  EXPECT_EQ(ask(ana, silence()).reason, sync::refusal::stale_directory);
  EXPECT_EQ(ask(bob, found(1)).reason, sync::refusal::stale_directory);
  EXPECT_EQ(asked, 1);
  now += 1min;
  EXPECT_EQ(ask(bob, found(1)).object_id, test::guid(1));
}

TEST_F(RecentQuestionsTest, AreAskedAboutOthersWhenOneCannotBeAnswered) {
  EXPECT_EQ(ask(ana, broken_answer()).reason, sync::refusal::stale_directory);
  EXPECT_EQ(ask(bob, found(1)).object_id, test::guid(1));
}

TEST_F(RecentQuestionsTest, EndWithTheirPatience) {
  RecentQuestions impatient(1ms);
  const auto answer = impatient.ask(ana, stop.get_token(), [](const std::stop_token& in_time) {
    std::mutex mutex;
    std::condition_variable_any ended;
    std::unique_lock lock(mutex);
    ended.wait(lock, in_time, [] { return false; });
    return silence();
  });
  EXPECT_EQ(answer.reason, sync::refusal::stale_directory);
}

TEST_F(RecentQuestionsTest, EndWithTheDaemon) {
  stop.request_stop();
  EXPECT_THROW(static_cast<void>(ask(ana, found(1))), Interrupted);
}

TEST_F(RecentQuestionsTest, AreAskedAgainByTheNextIfTheyFail) {
  EXPECT_THROW(
      static_cast<void>(ask(
          ana, [](const std::stop_token&) -> Resolved { throw StoreError(StoreError::Kind::unavailable, "away"); })),
      StoreError);
  EXPECT_EQ(ask(ana, found(1)).object_id, test::guid(1));
}

TEST(TimeForAQuestion, LeavesTimeForTheMirrorsAnswer) {
  EXPECT_EQ(time_for_a_question(60s), 10s);
  EXPECT_EQ(time_for_a_question(1s), 500ms);
}

}  // namespace
}  // namespace dvsync::service
