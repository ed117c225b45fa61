#pragma once
// What the preflight finds, a line each.

#include "dvsync/sync/preflight.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

class Findings {
 public:
  explicit Findings(Output& out) : out_(out) {}

  void tell(const sync::PreflightFinding& finding);
  // Of the heaviest that was told.
  [[nodiscard]] int exit_code() const { return sync::exit_code_of(worst_); }

 private:
  Output& out_;
  sync::FailureCause worst_ = sync::FailureCause::none;
};

}  // namespace dvsync::cli
