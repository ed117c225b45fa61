#include "source/graph/token_endpoint.hpp"

#include <charconv>

#include "dvsync/error.hpp"
#include "source/graph/json_document.hpp"
#include "source/graph/origin.hpp"
#include "source/graph/transient.hpp"

namespace dvsync::source::graph {
namespace {

namespace json = boost::json;

std::string without_slash(std::string url) {
  while (!url.empty() && url.back() == '/') {
    url.pop_back();
  }
  return url;
}

std::int64_t number_at(const json::value& document, std::string_view key) {
  const json::value* value = find(document, key);
  if (value != nullptr && value->is_number()) {
    return value->to_number<std::int64_t>();
  }
  const std::string_view text = text_at(document, key);
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

TokenEndpoint::TokenEndpoint(const config::GraphDirectory& directory)
    : url_(without_slash(directory.authority) + "/" + percent_encoded(directory.tenant) + "/oauth2/v2.0/token"),
      form_("grant_type=client_credentials&client_id=" + percent_encoded(directory.client_id) +
            "&scope=" + percent_encoded(without_slash(directory.graph_root) + "/.default")) {}

AccessToken TokenEndpoint::request(const FormFields& proof, const Exchange& exchange) const {
  HttpRequest request{.url = url_,
                      .headers = {"Content-Type: application/x-www-form-urlencoded", "Accept: application/json"},
                      .body = form_};
  for (const auto& [name, value] : proof) {
    *request.body += "&" + name + "=" + percent_encoded(value);
  }
  for (int attempt = 0;; ++attempt) {
    const auto answer = exchange.http.send(request, exchange.stop);
    const Trouble trouble = trouble_of(answer, "the token endpoint");
    if (trouble.none()) {
      if (answer.value().status == 200) {
        return read_token(answer.value().body, "the token endpoint");
      }
      throw SourceError(SourceError::Kind::denied, explain_token_error(answer.value().status, answer.value().body));
    }
    trouble.wait(exchange.budget, attempt, exchange.stop);
  }
}

AccessToken read_token(const std::string& body, const std::string& who) {
  const auto document = Document::parse(body);
  AccessToken token;
  if (document.has_value()) {
    token.value = text_at(document->root(), "access_token");
    token.lifetime = std::chrono::seconds{number_at(document->root(), "expires_in")};
  }
  const bool header_safe = token.value.find_first_of("\r\n") == std::string::npos;
  if (token.value.empty() || !header_safe || token.lifetime.count() <= 0) {
    throw SourceError(SourceError::Kind::malformed, who + " answered without a usable token");
  }
  return token;
}

}  // namespace dvsync::source::graph
