#include "dvsync/service/failure_streak.hpp"

#include <fmt/format.h>

#include "dvsync/sync/in_words.hpp"

namespace dvsync::service {
namespace {

constexpr std::size_t most_known = 16;  // of a failure that never reads the same twice, no more than this many lines
constexpr std::chrono::hours reminder{1};

bool power_of_ten(std::int64_t number) {
  while (number > 1 && number % 10 == 0) number /= 10;
  return number == 1;
}

std::string words_for(std::chrono::steady_clock::duration duration) {
  return sync::span_of(std::chrono::duration_cast<std::chrono::seconds>(duration));
}

}  // namespace

std::optional<std::string> FailureStreak::failed(const std::string& why, Time now) {
  if (failures_++ == 0) since_ = told_ = now;
  if (known_.size() < most_known && known_.insert(why).second) {
    told_ = now;
    return why;
  }
  if (!power_of_ten(failures_) && now - told_ < reminder) return std::nullopt;
  told_ = now;
  return fmt::format("still failing: {} times in {}: {}", failures_, words_for(now - since_), why);
}

std::optional<std::string> FailureStreak::recovered(Time now) {
  if (failures_ == 0) return std::nullopt;
  auto line = fmt::format("recovered after {} {} in {}", failures_, failures_ == 1 ? "failure" : "failures",
                          words_for(now - since_));
  failures_ = 0;
  known_.clear();
  return line;
}

}  // namespace dvsync::service
