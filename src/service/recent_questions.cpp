#include "recent_questions.hpp"

#include <algorithm>
#include <thread>

#include "dvsync/core/text.hpp"
#include "dvsync/error.hpp"

namespace dvsync::service {
namespace {

constexpr std::chrono::seconds a_moment{3};

std::string key_of(const source::UserReference& user) {
  return user.object_id ? core::to_string(*user.object_id) : "name:" + core::ascii_lower(user.user_name);
}

}  // namespace

RecentQuestions::RecentQuestions(std::chrono::milliseconds patience, std::function<Clock::time_point()> now)
    : patience_(patience), now_(std::move(now)) {}

sync::Resolved RecentQuestions::ask(const source::UserReference& user, const std::stop_token& stop,
                                    const Question& question) {
  const auto key = key_of(user);
  std::unique_lock lock(mutex_);
  forget_old();
  if (silent_since_) {
    return {user.user_name, std::nullopt, sync::refusal::stale_directory, "the directory did not answer a moment ago"};
  }
  if (const auto [found, first] = asked_.try_emplace(key); !first) {
    auto gone_or_answered = [&] {
      const auto there = asked_.find(key);
      return there == asked_.end() || !there->second.pending;
    };
    if (!answered_.wait(lock, stop, gone_or_answered)) throw Interrupted();
    if (const auto there = asked_.find(key); there != asked_.end()) return there->second.answer;
    lock.unlock();
    return ask(user, stop, question);  // whoever asked could not end
  }
  lock.unlock();
  try {
    auto answer = ask_in_time(stop, question);
    if (stop.stop_requested()) throw Interrupted();
    lock.lock();
    auto& asked = asked_[key];
    asked = {.pending = false, .answered = now_(), .answer = answer};
    if (answer.silence) silent_since_ = asked.answered;
    answered_.notify_all();
    return answer;
  } catch (...) {
    if (!lock.owns_lock()) lock.lock();
    asked_.erase(key);
    answered_.notify_all();
    throw;
  }
}

sync::Resolved RecentQuestions::ask_in_time(const std::stop_token& stop, const Question& question) const {
  std::stop_source in_time;
  const std::stop_callback ends(stop, [&] { in_time.request_stop(); });
  const std::jthread timer([&, until = Clock::now() + patience_](const std::stop_token& answered) {
    std::mutex alone;
    std::unique_lock lock(alone);
    std::condition_variable_any never;
    never.wait_until(lock, answered, until, [] { return false; });
    if (!answered.stop_requested()) in_time.request_stop();
  });
  return question(in_time.get_token());
}

void RecentQuestions::forget_old() {
  const auto old = [this](const Asked& asked) { return !asked.pending && now_() - asked.answered > a_moment; };
  std::erase_if(asked_, [&](const auto& one) { return old(one.second); });
  if (silent_since_ && now_() - *silent_since_ > a_moment) silent_since_.reset();
}

std::chrono::milliseconds time_for_a_question(std::chrono::seconds expire_after) {
  return std::min<std::chrono::milliseconds>(std::chrono::seconds(10), std::chrono::milliseconds(expire_after) / 2);
}

}  // namespace dvsync::service
