#include "backoff.hpp"

#include <algorithm>

namespace dvsync::service {

std::chrono::milliseconds Backoff::next() {
  auto pause = first_;
  for (int i = 0; i < failures_ && pause < longest_; ++i) pause *= 2;
  ++failures_;
  pause = std::min(pause, longest_);
  return std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(pause.count()) * (1 - random_() / 2)));
}

}  // namespace dvsync::service
