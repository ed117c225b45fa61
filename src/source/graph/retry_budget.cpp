#include "source/graph/retry_budget.hpp"

#include <algorithm>

#include "dvsync/error.hpp"

namespace dvsync::source::graph {
namespace {

constexpr int longest_doubling = 16;

[[noreturn]] void give_up(const std::string& trouble, const std::string& spent) {
  throw SourceError(SourceError::Kind::unavailable,
                    trouble + ", and still so after " + spent +
                        "; nothing of this run was taken over, the next one begins where this one did");
}

}  // namespace

void RetryBudget::wait(int attempt, std::optional<std::chrono::seconds> retry_after, const std::string& trouble,
                       const std::stop_token& stop) {
  if (retry_after) {
    wait_exactly(std::min(*retry_after, limits_.longest_retry_after), trouble, stop);
    return;
  }
  if (attempt + 1 >= limits_.attempts) {
    give_up(trouble, std::to_string(attempt + 1) + " attempts");
  }
  wait_exactly(backoff(attempt), trouble, stop);
}

void RetryBudget::wait_exactly(std::chrono::milliseconds delay, const std::string& trouble,
                               const std::stop_token& stop) {
  if (waited_ + delay > limits_.budget) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(waited_).count();
    give_up(trouble, "waiting " + std::to_string(seconds) + " s in all");
  }
  if (clock_->steady_now() + delay >= give_up_at_) {
    give_up(trouble, std::to_string(limits_.patience.count()) + " s");
  }
  clock_->wait(delay, stop);
  waited_ += delay;
}

// Half of the delay is fixed, half is chance: clients that were thrown out together do not come back together.
std::chrono::milliseconds RetryBudget::backoff(int attempt) {
  const auto full = std::min(limits_.first_delay * (1L << std::min(attempt, longest_doubling)), limits_.longest_delay);
  std::uniform_int_distribution<std::chrono::milliseconds::rep> jitter(0, full.count() / 2);
  return full - std::chrono::milliseconds{jitter(random_)};
}

}  // namespace dvsync::source::graph
