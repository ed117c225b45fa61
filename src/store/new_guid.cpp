#include "new_guid.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "dvsync/random_bytes.hpp"

namespace dvsync::store {
namespace {

constexpr std::size_t random_part = 8;

// Random bytes in stock, so that the system is asked once for many ids.
class RandomBytes {
 public:
  void take(std::uint8_t* into) {
    if (used_ == stock_.size()) fill();
    std::copy_n(stock_.begin() + static_cast<std::ptrdiff_t>(used_), random_part, into);
    used_ += random_part;
  }

 private:
  void fill() {
    fill_with_random(stock_);
    used_ = 0;
  }

  std::array<std::uint8_t, 32 * random_part> stock_{};  // no more than come at once
  std::size_t used_ = stock_.size();
};

}  // namespace

core::Guid new_guid() {
  using namespace std::chrono;
  thread_local RandomBytes random;
  const auto now = system_clock::now().time_since_epoch();
  const auto ms = duration_cast<milliseconds>(now);
  // The 4096th parts of the millisecond (RFC 9562, 6.2, method 3): what is made in one batch goes into an index from
  // left to right, and only that fills its pages and finds them without a search.
  const auto part = static_cast<std::uint64_t>(duration_cast<nanoseconds>(now - ms).count()) * 4096 / 1'000'000;
  const auto time = static_cast<std::uint64_t>(ms.count());
  core::Guid id;
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(time >> (40 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | part >> 8);
  id.bytes[7] = static_cast<std::uint8_t>(part);
  random.take(&id.bytes[8]);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

}  // namespace dvsync::store
