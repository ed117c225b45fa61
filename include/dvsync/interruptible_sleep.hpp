#pragma once
// A wait that a stop ends at once. Every pause of this program between two attempts is one.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace dvsync {

// False: a stop was requested, before or meanwhile.
inline bool sleep_for(std::chrono::milliseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace dvsync
