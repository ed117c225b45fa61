#pragma once
// What a client may cost. docs/console.md names the numbers.

#include <chrono>
#include <cstddef>

namespace dvsync::console {

struct Limits {
  std::size_t header_bytes = std::size_t{16} * 1024;
  std::size_t body_bytes = std::size_t{64} * 1024;
  std::chrono::milliseconds read{20'000};    // for a whole request, the wait for it included
  std::chrono::milliseconds write{20'000};   // for a whole answer to be taken
  std::chrono::milliseconds answer{30'000};  // for finding an answer; then its statements are cancelled
  std::chrono::milliseconds goodbye{2'000};
  std::size_t connections = 256;
  std::size_t threads = 4;                 // that answer what needs a database
  std::size_t pending = 64;                // of such requests, those at work included
  std::chrono::milliseconds retry{5'000};  // to listen, where that failed
};

}  // namespace dvsync::console
