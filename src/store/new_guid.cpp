#include "new_guid.hpp"

#include <sys/random.h>

#include <chrono>
#include <cstdint>

#include "dvsync/error.hpp"

namespace dvsync::store {

core::Guid new_guid() {
  using namespace std::chrono;
  const auto ms =
      static_cast<std::uint64_t>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
  core::Guid id;
  if (getrandom(id.bytes.data(), id.bytes.size(), 0) != static_cast<ssize_t>(id.bytes.size())) {
    throw StoreError(StoreError::Kind::unavailable, "the system gives no random numbers");
  }
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x70);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

}  // namespace dvsync::store
