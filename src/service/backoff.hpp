#pragma once
// Growing pauses between attempts, with jitter, so that many daemons do not knock at the same moment.

#include <chrono>
#include <functional>

namespace dvsync::service {

class Backoff {
 public:
  // `random` yields numbers from 0 up to 1.
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest, std::function<double()> random)
      : first_(first), longest_(longest), random_(std::move(random)) {}

  // The pause after one more failure: twice the one before, up to the longest, less up to half of it at random.
  [[nodiscard]] std::chrono::milliseconds next();
  void reset() { failures_ = 0; }
  void limit(std::chrono::milliseconds longest) { longest_ = longest; }

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds longest_;
  std::function<double()> random_;
  int failures_ = 0;
};

}  // namespace dvsync::service
