#pragma once
// What the preflight finds: a line each, at once, or all of it as JSON.

#include <boost/json.hpp>
#include <utility>

#include "dvsync/config/configuration.hpp"
#include "dvsync/sync/preflight.hpp"
#include "terminal/output.hpp"

namespace dvsync::cli {

class Findings {
 public:
  explicit Findings(Output& out, bool json = false) : out_(out), json_(json) {}

  void tell(const sync::PreflightFinding& finding);
  // Of the heaviest that was told.
  [[nodiscard]] int exit_code() const { return sync::exit_code_of(worst_); }
  // All that was told, if it was asked for as JSON.
  [[nodiscard]] boost::json::array take() { return std::exchange(told_, {}); }

 private:
  Output& out_;
  bool json_;
  boost::json::array told_;
  sync::FailureCause worst_ = sync::FailureCause::none;
};

// {"level": "ok" | "note" | "error", "message": …}
[[nodiscard]] boost::json::object json_of(const sync::PreflightFinding& finding);
// The same of a mistake in the configuration, with the place.
[[nodiscard]] boost::json::object json_of(const config::Diagnostic& diagnostic);

}  // namespace dvsync::cli
