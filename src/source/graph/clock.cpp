#include "source/graph/clock.hpp"

#include <condition_variable>
#include <mutex>

#include "dvsync/error.hpp"

namespace dvsync::source::graph {
namespace {

class MachineClock final : public Clock {
 public:
  std::chrono::system_clock::time_point now() const override { return std::chrono::system_clock::now(); }
  std::chrono::steady_clock::time_point steady_now() const override { return std::chrono::steady_clock::now(); }

  void wait(std::chrono::milliseconds duration, const std::stop_token& stop) override {
    std::mutex mutex;
    std::condition_variable_any woken;
    std::unique_lock lock(mutex);
    woken.wait_for(lock, stop, duration, [] { return false; });
    if (stop.stop_requested()) {
      throw Interrupted();
    }
  }
};

}  // namespace

Clock& machine_clock() {
  static MachineClock clock;
  return clock;
}

}  // namespace dvsync::source::graph
