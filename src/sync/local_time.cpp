#include "dvsync/sync/local_time.hpp"

#include <array>
#include <chrono>
#include <ctime>

namespace dvsync::sync {

std::string local_time(core::Timestamp time) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  localtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S %z", &parts)};
}

}  // namespace dvsync::sync
