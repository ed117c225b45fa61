#pragma once
// Takes one message to one place. Private to service.

#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

#include "dvsync/config/configuration.hpp"
#include "dvsync/service/notify.hpp"

namespace dvsync::service {

// The longest that an attempt takes, over all; nobody else may try before.
inline constexpr std::chrono::seconds longest_delivery{45};

// `message` has its `id`. Throws Interrupted within a second of `stop`; then nobody knows whether it arrived.
[[nodiscard]] Delivery deliver(const config::NotifyTarget& target, const boost::json::object& message,
                               const std::stop_token& stop);

// Where a webhook's file sends: an https address, or http on this machine. Throws Error in words without the address.
struct WebhookAddress {
  std::string url;
  std::string host;    // for messages
  bool plain = false;  // http
};
[[nodiscard]] WebhookAddress read_address(const config::Webhook& webhook);

// Starts the program, gives it `input` on its standard input, and waits for its end. Its process group is killed when
// it takes longer than `limit`, or at a stop.
[[nodiscard]] Delivery run_command(const std::vector<std::string>& arguments, const std::string& input,
                                   std::chrono::milliseconds limit, const std::stop_token& stop);

}  // namespace dvsync::service
