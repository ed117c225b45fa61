#pragma once
// What the preflight finds, a line each.

#include "dvsync/sync/preflight.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

class Findings {
 public:
  explicit Findings(Output& out) : out_(out) {}

  void tell(const sync::PreflightFinding& finding);
  // Of the worst that was told: what is wrong for good (77, 78) comes before what may pass by itself (69).
  [[nodiscard]] int exit_code() const { return exit_code_; }

 private:
  Output& out_;
  int exit_code_ = 0;
};

}  // namespace dvsync::cli
