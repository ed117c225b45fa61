#include "source/graph/retry_policy.hpp"

#include <algorithm>

#include "dvsync/error.hpp"
#include "dvsync/interruptible_sleep.hpp"

namespace dvsync::source::graph {
namespace {

class MachineClock final : public Clock {
 public:
  std::chrono::system_clock::time_point now() const override { return std::chrono::system_clock::now(); }
  std::chrono::steady_clock::time_point steady_now() const override { return std::chrono::steady_clock::now(); }

  void wait(std::chrono::milliseconds duration, const std::stop_token& stop) override {
    if (!sleep_for(duration, stop)) throw Interrupted();
  }
};

constexpr int longest_doubling = 16;

[[noreturn]] void give_up(const std::string& trouble, const std::string& spent) {
  throw SourceError(SourceError::Kind::unavailable,
                    trouble + ", and still so after " + spent +
                        "; nothing of this run was taken over, the next one begins where this one did");
}

}  // namespace

Clock& machine_clock() {
  static MachineClock clock;
  return clock;
}

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

bool is_transient(long status) {
  return status == 429 || status == 408 || status == 500 || (status >= 502 && status <= 504) || status == 509;
}

Trouble trouble_of_status(long status, std::optional<std::chrono::seconds> retry_after, const std::string& who) {
  if (!is_transient(status)) return {};
  const std::string verb = status == 429 ? " throttles this application (429)" : " answers " + std::to_string(status);
  return {.what = who + verb, .retry_after = retry_after};
}

Trouble trouble_of(const Result<HttpResponse, HttpFault>& answer, const std::string& who) {
  if (answer.has_value()) return trouble_of_status(answer.value().status, answer.value().retry_after, who);
  const HttpFault& fault = answer.error();
  if (fault.lasting) throw SourceError(SourceError::Kind::unavailable, who + " cannot be used: " + fault.what);
  return {.what = who + " cannot be read: " + fault.what, .retry_after = {}};
}

}  // namespace dvsync::source::graph
