#pragma once
// What every page that is open asks for every few seconds, read once for all who ask at about the same time.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "dvsync/service/worker.hpp"

namespace dvsync::console {

// Any thread.
class RecentAnswers {
 public:
  // What `read` returns, not older than a second. `question`: all that the answer depends on but the configuration.
  // Others with the same question wait for the one that reads; what that one throws reaches it alone.
  [[nodiscard]] std::string text(const service::SharedConfiguration& configuration, const std::string& question,
                                 const std::function<std::string()>& read) {
    const auto answer = answer_to(question);
    const std::scoped_lock lock(answer->mutex);
    if (configuration != answer->of || std::chrono::steady_clock::now() >= answer->fresh_until) {
      answer->text = read();
      answer->of = configuration;
      answer->fresh_until = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    }
    return answer->text;
  }

 private:
  static constexpr std::size_t most_remembered = 64;

  struct Recent {
    std::mutex mutex;
    service::SharedConfiguration of;
    std::chrono::steady_clock::time_point fresh_until;
    std::string text;
  };

  std::shared_ptr<Recent> answer_to(const std::string& question) {
    const std::scoped_lock lock(mutex_);
    if (answers_.size() >= most_remembered && !answers_.contains(question)) answers_.clear();
    auto& answer = answers_[question];
    if (!answer) answer = std::make_shared<Recent>();
    return answer;
  }

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Recent>> answers_;
};

}  // namespace dvsync::console
