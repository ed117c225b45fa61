#pragma once
// An alarm as it is sent: JSON for programs, and the shapes that chat services want. Pure. Private to service.

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "alarms.hpp"
#include "dvsync/config/configuration.hpp"

namespace dvsync::service {

// Whom it is about, where the configuration wants names.
struct NamedUsers {
  std::vector<std::string> names;
  std::int64_t more = 0;  // that are not named
};

// docs/alarms.md describes it. `users` null: nobody is named.
[[nodiscard]] boost::json::object json_of(const AlarmMessage& message, const NamedUsers* users);
// Sent by hand, so that somebody sees it arrive.
[[nodiscard]] boost::json::object test_message(core::Timestamp now);

// What a webhook gets. `message` is json_of()'s, with its `id`.
[[nodiscard]] std::string payload_of(const config::Webhook& webhook, const boost::json::object& message);

}  // namespace dvsync::service
