#include "delivery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "dvsync/core/text.hpp"
#include "dvsync/error.hpp"
#include "dvsync/source/http.hpp"
#include "message_text.hpp"

namespace dvsync::service {
namespace {

constexpr std::chrono::seconds longest_command{30};
constexpr std::size_t longest_url = 4096;
constexpr long first_success = 200;
constexpr long first_redirect = 300;

source::HttpLimits webhook_limits() {
  return {.connect = std::chrono::seconds(5),
          .total = std::chrono::seconds(20),
          .low_speed_bytes = 1,
          .low_speed_time = std::chrono::seconds(15),
          .body_bytes = std::size_t{64} * 1024};
}

// [::1] of "https://user@[::1]:8080/path"; empty: there is none.
std::string host_of(std::string_view url) {
  const auto begin = url.find("://") + 3;
  auto authority = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  if (authority.find('@') != std::string_view::npos) return "";  // a password in the address would be sent to a proxy
  if (authority.starts_with('[')) return std::string(authority.substr(0, authority.find(']') + 1));
  return core::ascii_lower(authority.substr(0, authority.find(':')));
}

bool is_this_machine(const std::string& host) {
  const bool numbers = host.find_first_not_of("0123456789.") == std::string::npos;
  return host == "localhost" || host == "[::1]" || (numbers && host.starts_with("127."));
}

Delivery post(const config::Webhook& webhook, const boost::json::object& message, const std::stop_token& stop) {
  const auto address = read_address(webhook);
  source::HttpClient client({.ca_file = webhook.ca_file, .ca_key = "webhook.ca_file", .proxy = webhook.proxy},
                            webhook_limits());
  const source::HttpRequest request{.url = address.url,
                                    .headers = {"Content-Type: application/json", "User-Agent: dvsync",
                                                "Idempotency-Key: " + std::string(message.at("id").as_string())},
                                    .body = payload_of(webhook, message),
                                    .plain = address.plain};
  const auto answer = client.send(request, stop);
  if (!answer.has_value()) return {.why = address.host + ": " + answer.error().what};
  const auto status = answer.value().status;
  if (status >= first_success && status < first_redirect) return {.delivered = true};
  return {.why = fmt::format("{}: the answer was {}", address.host, status), .retry_after = answer.value().retry_after};
}

}  // namespace

WebhookAddress read_address(const config::Webhook& webhook) {
  std::ifstream file(webhook.url_file, std::ios::binary);
  std::string url(longest_url + 1, '\0');
  file.read(url.data(), static_cast<std::streamsize>(url.size()));
  if (file.bad() || !file.is_open()) throw Error(webhook.url_file.string() + " cannot be read");
  url.resize(static_cast<std::size_t>(file.gcount()));
  const auto refuse = [&](const std::string& why) { return Error(webhook.url_file.string() + " " + why); };
  while (!url.empty() && (url.back() == '\n' || url.back() == '\r' || url.back() == ' ')) url.pop_back();
  if (url.size() > longest_url || std::ranges::any_of(url, [](char c) { return c <= ' ' || c == '\x7f'; })) {
    throw refuse("must hold one address and nothing else");
  }
  WebhookAddress address{.url = url, .host = "", .plain = url.starts_with("http://")};
  if (!address.plain && !url.starts_with("https://")) throw refuse("must hold an address that begins with https://");
  address.host = host_of(url);
  if (address.host.empty()) throw refuse("holds an address without a host, or with a user's name in front of it");
  if (address.plain && !is_this_machine(address.host)) {
    throw refuse("holds an http:// address, which is for this machine alone: write https://");
  }
  return address;
}

Delivery deliver(const config::NotifyTarget& target, const boost::json::object& message, const std::stop_token& stop) {
  try {
    if (const auto* webhook = std::get_if<config::Webhook>(&target.by)) return post(*webhook, message, stop);
    const auto& command = std::get<config::NotifyCommand>(target.by);
    return run_command(command.arguments, boost::json::serialize(message) + "\n", longest_command, stop);
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& error) {
    return {.why = error.what()};
  }
}

}  // namespace dvsync::service
