#pragma once
// Questions to the directory about users at the door (docs/rules.md D15): one for each user and few seconds, however
// many requests wait for its answer; and none while the directory is known to be silent. Private to service.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "dvsync/source/directory_source.hpp"
#include "dvsync/sync/resolution.hpp"

namespace dvsync::service {

class RecentQuestions {
 public:
  using Clock = std::chrono::steady_clock;
  // What asks the directory, until it is told to stop. Must not throw Interrupted.
  using Question = std::function<sync::Resolved(const std::stop_token& in_time)>;

  // `patience`: how long the directory may take. `now` is for tests.
  explicit RecentQuestions(std::chrono::milliseconds patience, std::function<Clock::time_point()> now = Clock::now);

  // Asks, waits for whoever asks about this user already, or tells what was answered a moment ago. Thread-safe. Throws
  // Interrupted, and what `question` throws.
  [[nodiscard]] sync::Resolved ask(const source::UserReference& user, const std::stop_token& stop,
                                   const Question& question);

 private:
  struct Asked {
    bool pending = true;
    Clock::time_point answered{};
    sync::Resolved answer = {};
  };
  [[nodiscard]] sync::Resolved ask_in_time(const std::stop_token& stop, const Question& question) const;
  void forget_old();

  std::chrono::milliseconds patience_;
  std::function<Clock::time_point()> now_;
  std::mutex mutex_;
  std::condition_variable_any answered_;
  std::map<std::string, Asked> asked_;
  std::optional<Clock::time_point> silent_since_;  // when the directory last gave nobody an answer
};

// Half of what a request waits, so that it is answered by the mirror rather than not at all; ten seconds at most.
[[nodiscard]] std::chrono::milliseconds time_for_a_question(std::chrono::seconds expire_after);

}  // namespace dvsync::service
