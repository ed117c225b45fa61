#pragma once
// What every page that is open asks for every few seconds, read once for all who ask at about the same time.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "dvsync/service/worker.hpp"

namespace dvsync::console {

// What an answer holds for, besides its question.
struct AnswerBasis {
  service::SharedConfiguration configuration;
  std::int64_t acts = 0;  // that were carried out: whoever acted sees what became of it
  bool operator==(const AnswerBasis&) const = default;
};

// Any thread.
class RecentAnswers {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit RecentAnswers(std::function<Time()> now = std::chrono::steady_clock::now) : now_(std::move(now)) {}

  // What `read` returns, by whoever asks first after how_long(). Who asks while that one reads gets the answer before,
  // for as long again, or waits where there is none of this basis. What `read` throws reaches that one alone.
  [[nodiscard]] std::string text(const AnswerBasis& basis, const std::string& question,
                                 const std::function<std::string()>& read) {
    const auto recent = recent_for(question);
    std::unique_lock lock(recent->mutex);
    while (!recent->serves(basis, now_())) {
      if (!recent->is_read) return read_anew(*recent, lock, basis, read);
      recent->is_over.wait(lock);
    }
    return recent->text;
  }

  // An answer that took so long to read is told for so long: a second, but so that reading takes a twentieth of the
  // time, and ten seconds at most. Who looks at a page takes little from the run beside it.
  [[nodiscard]] static constexpr std::chrono::nanoseconds how_long(std::chrono::nanoseconds reading) {
    return std::clamp<std::chrono::nanoseconds>(20 * reading, std::chrono::seconds(1), std::chrono::seconds(10));
  }

 private:
  static constexpr std::size_t most_remembered = 64;

  struct Recent {
    std::mutex mutex;
    std::condition_variable is_over;
    bool is_read = false;  // at this moment, by another
    std::optional<AnswerBasis> basis;
    Time fresh_until;
    Time told_until;  // while another reads
    std::string text;

    [[nodiscard]] bool serves(const AnswerBasis& asked, Time now) const {
      return basis == asked && now < (is_read ? told_until : fresh_until);
    }
  };

  std::string read_anew(Recent& recent, std::unique_lock<std::mutex>& lock, const AnswerBasis& basis,
                        const std::function<std::string()>& read) {
    recent.is_read = true;
    lock.unlock();
    const auto began = now_();
    std::optional<std::string> text;
    const auto end = [&] {
      lock.lock();
      recent.is_read = false;
      recent.is_over.notify_all();
    };
    try {
      text = read();
    } catch (...) {
      end();
      throw;
    }
    end();
    const auto ended = now_();
    recent.basis = basis;
    recent.fresh_until = ended + how_long(ended - began);
    recent.told_until = recent.fresh_until + how_long(ended - began);
    recent.text = *text;
    return *std::move(text);
  }

  std::shared_ptr<Recent> recent_for(const std::string& question) {
    const std::scoped_lock lock(mutex_);
    if (answers_.size() >= most_remembered && !answers_.contains(question)) answers_.clear();
    auto& answer = answers_[question];
    if (!answer) answer = std::make_shared<Recent>();
    return answer;
  }

  std::function<Time()> now_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Recent>> answers_;
};

}  // namespace dvsync::console
