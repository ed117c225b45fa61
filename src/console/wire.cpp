#include "wire.hpp"

#include <array>
#include <utility>

namespace dvsync::console {
namespace {

namespace http = boost::beast::http;

// Whatever is answered: nothing is kept, framed, guessed or run by a browser.
constexpr std::array<std::pair<const char*, const char*>, 5> for_browsers{{
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
}};

}  // namespace

void set_limits(RequestParser& parser, const Limits& limits) {
  parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  parser.body_limit(limits.body_bytes);
}

std::optional<Answer> answer_to_broken(const boost::system::error_code& error) {
  if (error == http::error::body_limit) return refusal(413, "too_large", "the body is too large");
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return refusal(431, "too_large", "the headers are too large");
  }
  const bool of_protocol = error.category() == http::make_error_code(http::error::bad_method).category();
  if (of_protocol && error != http::error::partial_message) return refusal(400, "malformed", "this is no HTTP request");
  return std::nullopt;
}

std::optional<Request> request_of(RequestParser::value_type&& message, const Peer& peer) {
  Request request{.method = std::string(message.method_string()), .peer = peer};
  const auto target = message.target();
  if (!read_target({target.data(), target.size()}, request)) return std::nullopt;
  for (const auto& field : message) {
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  request.body = std::move(message.body());
  return request;
}

Answer names_no_path() { return refusal(400, "malformed", "the request names no path of this server"); }

Response response_of(Answer answer, unsigned version, bool head) {
  Response response{static_cast<http::status>(answer.status), version};
  for (const auto& [name, value] : for_browsers) response.set(name, value);
  for (const auto& [name, value] : answer.headers) response.set(name, value);
  response.set(http::field::content_type, answer.type);
  response.content_length(answer.body.size());
  if (!head) response.body() = std::move(answer.body);
  return response;
}

}  // namespace dvsync::console
