#pragma once
// Random bytes that nobody can guess. The kernel gives them and takes no memory for it; a library would.

#include <sys/random.h>

#include <cerrno>
#include <cstdint>
#include <span>
#include <system_error>

namespace dvsync {

// 256 at most, which come at once, whatever happens. Throws std::system_error.
inline void fill_with_random(std::span<std::uint8_t> bytes) {
  if (::getentropy(bytes.data(), bytes.size()) == 0) return;
  throw std::system_error(errno, std::generic_category(), "the system gives no random numbers");
}

}  // namespace dvsync
