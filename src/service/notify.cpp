#include "dvsync/service/notify.hpp"

#include "delivery.hpp"
#include "dvsync/error.hpp"
#include "message_text.hpp"

namespace dvsync::service {
namespace {

core::Timestamp this_moment() {
  return std::chrono::time_point_cast<core::Timestamp::duration>(std::chrono::system_clock::now());
}

sync::PreflightFinding wrong_target(const std::string& where, const std::string& why) {
  return {.level = sync::PreflightFinding::Level::wrong,
          .message = where + why,
          .cause = sync::FailureCause::configuration};
}

sync::PreflightFinding check_target(const config::NotifyTarget& target) {
  const auto where = "notify " + target.name + ": ";
  const auto* webhook = std::get_if<config::Webhook>(&target.by);
  if (webhook == nullptr) return {.message = where + std::get<config::NotifyCommand>(target.by).arguments.front()};
  try {
    const auto address = read_address(*webhook);
    boost::json::error_code no_json;
    static_cast<void>(boost::json::parse(payload_of(*webhook, test_message(this_moment())), no_json));
    if (no_json) return wrong_target(where, "`template` does not make JSON: " + no_json.message());
    return {.message = where + "a webhook of " + address.host};
  } catch (const Error& error) {
    return wrong_target(where, error.what());
  }
}

}  // namespace

Delivery send_test_message(const config::NotifyTarget& target, const std::stop_token& stop) {
  return deliver(target, test_message(this_moment()), stop);
}

void check_notify(const config::Configuration& configuration, const sync::OnFinding& on_finding) {
  for (const auto& target : configuration.notify) on_finding(check_target(target));
}

}  // namespace dvsync::service
