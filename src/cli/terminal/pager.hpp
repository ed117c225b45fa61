#pragma once
// A long answer on a terminal goes through the user's pager, as git does it.

#include <cstdio>

#include "terminal/output.hpp"

namespace dvsync::cli {

// As long as it lives, `out` writes into $PAGER (default: less, which leaves what fits on the screen there); nowhere
// else than on a terminal, and not if $PAGER is empty or `cat`. Whoever leaves the pager early has seen enough: that is
// no failure.
class Pager {
 public:
  explicit Pager(Output& out);
  ~Pager();
  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;

 private:
  Output& out_;
  std::FILE* pipe_ = nullptr;
  std::FILE* terminal_ = nullptr;
};

}  // namespace dvsync::cli
