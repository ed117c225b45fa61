#pragma once
// Messages to the places that the configuration names in `notify`, by hand: a test, and what is wrong with them.

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

#include "dvsync/config/configuration.hpp"
#include "dvsync/sync/preflight.hpp"

namespace dvsync::service {

// What became of a message. `why` never holds the address.
struct Delivery {
  bool delivered = false;
  std::string why = {};                                  // in words, where it was not delivered
  std::optional<std::chrono::seconds> retry_after = {};  // the server asked for so much
};

// Throws Interrupted.
[[nodiscard]] Delivery send_test_message(const config::NotifyTarget& target, const std::stop_token& stop = {});

// What can be said without sending anything.
void check_notify(const config::Configuration& configuration, const sync::OnFinding& on_finding);

}  // namespace dvsync::service
