#pragma once
// How long a pull waits for a throttled or faulty server before it gives up.

#include <chrono>
#include <optional>
#include <random>
#include <stop_token>
#include <string>

#include "source/graph/clock.hpp"
#include "source/graph/options.hpp"

namespace dvsync::source::graph {

class RetryBudget {
 public:
  RetryBudget(const RetryLimits& limits, Clock& clock)
      : limits_(limits), clock_(&clock), give_up_at_(clock.steady_now() + limits.patience) {}

  // Waits before a request is sent again: the time the server named, else a jittered delay that doubles with every
  // attempt. `attempt` counts from 0; `trouble` says in words what went wrong. Throws SourceError (unavailable) when
  // attempts, budget or patience are used up, Interrupted on `stop`.
  void wait(int attempt, std::optional<std::chrono::seconds> retry_after, const std::string& trouble,
            const std::stop_token& stop);

  // A wait that the protocol itself prescribes; it counts against the same budget.
  void wait_exactly(std::chrono::milliseconds delay, const std::string& trouble, const std::stop_token& stop);

  [[nodiscard]] Clock& clock() const { return *clock_; }

 private:
  std::chrono::milliseconds backoff(int attempt);

  RetryLimits limits_;
  Clock* clock_;
  std::chrono::steady_clock::time_point give_up_at_;
  std::chrono::milliseconds waited_{0};
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace dvsync::source::graph
