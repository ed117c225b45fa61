#pragma once
// How what is asked and answered stands in HTTP's own messages.

#include <boost/beast/http.hpp>
#include <optional>

#include "limits.hpp"
#include "message.hpp"

namespace dvsync::console {

using RequestParser = boost::beast::http::request_parser<boost::beast::http::string_body>;
using Response = boost::beast::http::response<boost::beast::http::string_body>;

// As much as a client may have sent before it is answered.
[[nodiscard]] inline std::size_t most_buffered(const Limits& limits) { return limits.header_bytes + limits.body_bytes; }
void set_limits(RequestParser& parser, const Limits& limits);
// What a client is told whose bytes were no request; nullopt: there is nobody to be told.
[[nodiscard]] std::optional<Answer> answer_to_broken(const boost::system::error_code& error);
// nullopt: it names no path of this server.
[[nodiscard]] std::optional<Request> request_of(RequestParser::value_type&& message, const Peer& peer);
[[nodiscard]] Answer names_no_path();
// `head`: without the body.
[[nodiscard]] Response response_of(Answer answer, unsigned version, bool head);

}  // namespace dvsync::console
