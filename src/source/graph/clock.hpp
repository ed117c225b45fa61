#pragma once
// Time, as far as the Graph source uses it: token lifetimes and waiting for a throttled or faulty server. Tests put
// their own in its place, so that none of them waits.

#include <chrono>
#include <stop_token>

namespace dvsync::source::graph {

class Clock {
 public:
  virtual ~Clock() = default;

  [[nodiscard]] virtual std::chrono::system_clock::time_point now() const = 0;
  [[nodiscard]] virtual std::chrono::steady_clock::time_point steady_now() const = 0;

  // Returns after `duration`; throws Interrupted as soon as `stop` is requested.
  virtual void wait(std::chrono::milliseconds duration, const std::stop_token& stop) = 0;
};

[[nodiscard]] Clock& machine_clock();

}  // namespace dvsync::source::graph
