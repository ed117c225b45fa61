#pragma once
// Which answers are worth asking again for (reference: Graph errors; 429, 500, 502, 503, 504, 509 and a broken
// transport), and waiting before doing so.

#include <optional>
#include <stop_token>
#include <string>

#include "source/graph/http_client.hpp"
#include "source/graph/retry_budget.hpp"

namespace dvsync::source::graph {

[[nodiscard]] bool is_transient(long status);

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
