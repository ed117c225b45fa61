#pragma once
// What the tests of the commands share: a place to print to, and a time zone that is the same everywhere.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "terminal/output.hpp"

namespace dvsync::cli::test {

// An hour east of Greenwich, summer and winter.
inline const bool zone_is_set = [] {
  setenv("TZ", "CET-1", 1);
  tzset();
  return true;
}();

inline const Paint plain{false};
inline const Paint colored{true};

// An output that keeps what is written.
class Kept {
 public:
  explicit Kept(ColorMode mode = ColorMode::never) : file_(std::tmpfile()), output_(file_, mode) {}
  ~Kept() { std::fclose(file_); }
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;

  Output& output() { return output_; }
  std::string text() {
    std::fflush(file_);
    std::string all(static_cast<std::size_t>(std::ftell(file_)), '\0');
    std::rewind(file_);
    all.resize(std::fread(all.data(), 1, all.size(), file_));
    return all;
  }

 private:
  std::FILE* file_;
  Output output_;
};

}  // namespace dvsync::cli::test
