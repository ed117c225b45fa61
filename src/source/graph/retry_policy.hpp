#pragma once
// Which answers are worth asking for again, and how long a pull waits before it does so.

#include <chrono>
#include <optional>
#include <random>
#include <stop_token>
#include <string>

#include "dvsync/source/http.hpp"
#include "source/graph/options.hpp"

namespace dvsync::source::graph {

// The time that one pull may spend on waiting for a throttled or faulty server.
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

// 408, 429, 500, 502, 503, 504 and 509.
[[nodiscard]] bool is_transient(long status);

// Why an answer does not count; it and a broken transport are retried.
struct Trouble {
  std::string what;  // empty: none
  std::optional<std::chrono::seconds> retry_after;

  [[nodiscard]] bool none() const { return what.empty(); }
  void wait(RetryBudget& budget, int attempt, const std::stop_token& stop) const {
    budget.wait(attempt, retry_after, what, stop);
  }
};

[[nodiscard]] Trouble trouble_of_status(long status, std::optional<std::chrono::seconds> retry_after,
                                        const std::string& who);

// Throws SourceError (unavailable) for a fault that trying again cannot mend.
[[nodiscard]] Trouble trouble_of(const Result<HttpResponse, HttpFault>& answer, const std::string& who);

}  // namespace dvsync::source::graph
