#pragma once
// So many at once, then one every so often, for each of whoever asks.

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace dvsync::console {

// Any thread.
class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Clock = std::function<Time()>;

  RateLimit(int at_once, std::chrono::milliseconds every, Clock clock = std::chrono::steady_clock::now)
      : at_once_(at_once), every_(every), clock_(std::move(clock)) {}

  // Takes one. False: there is none left.
  [[nodiscard]] bool take(const std::string& who) {
    const std::scoped_lock lock(mutex_);
    const auto now = clock_();
    if (used_up(who, now)) return false;
    auto& free_at = free_at_[who];
    free_at = std::max(free_at, now) + every_;
    forget(now);
    return true;
  }
  [[nodiscard]] bool exhausted(const std::string& who) {
    const std::scoped_lock lock(mutex_);
    return used_up(who, clock_());
  }

 private:
  static constexpr std::size_t most_remembered = 10'000;

  // Each one that was taken is paid for by a length of time; so many may be owed.
  [[nodiscard]] bool used_up(const std::string& who, Time now) const {
    const auto found = free_at_.find(who);
    return found != free_at_.end() && found->second - now > every_ * (at_once_ - 1);
  }
  // Whoever owes nothing; and where all do, whoever owes least.
  void forget(Time now) {
    if (free_at_.size() < most_remembered) return;
    std::erase_if(free_at_, [now](const auto& one) { return one.second <= now; });
    const auto by_time = [](const auto& one) { return one.second; };
    while (free_at_.size() >= most_remembered) free_at_.erase(std::ranges::min_element(free_at_, {}, by_time));
  }

  int at_once_;
  std::chrono::milliseconds every_;
  Clock clock_;
  std::mutex mutex_;
  std::map<std::string, Time> free_at_;
};

}  // namespace dvsync::console
