#include "source/graph/client.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "dvsync/core/text.hpp"
#include "source/graph/batch.hpp"
#include "source/graph/json.hpp"

namespace dvsync::source::graph {
namespace {

std::string priority_header(std::string priority) {
  if (!priority.empty()) {
    priority.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(priority.front())));
  }
  return "x-ms-throttle-priority: " + priority;
}

GraphAnswer read_answer(HttpResponse& response, Document body) {
  GraphAnswer answer(response.status, std::move(body));
  answer.location = std::move(response.location);
  answer.request_id = std::move(response.request_id);
  return answer;
}

namespace json = boost::json;

constexpr std::size_t longest_code = 64;
constexpr int deepest_code = 4;

// Graph writes it either way.
const json::value* inner_error(const json::value& error) {
  const json::value* inner = find(error, "innerError");
  return inner != nullptr ? inner : find(error, "innererror");
}

std::vector<std::string> error_codes(const json::value& body) {
  std::vector<std::string> codes;
  const json::value* error = find(body, "error");
  for (int depth = 0; error != nullptr && depth < deepest_code; ++depth) {
    if (const std::string_view code = text_at(*error, "code"); !code.empty()) {
      codes.push_back(core::printable(code, longest_code));
    }
    error = inner_error(*error);
  }
  return codes;
}

std::string advice_for(const GraphAnswer& answer) {
  switch (answer.status) {
    case 401:
      return "Graph does not take the token: do tenant, cloud and Graph root belong together?";
    case 403:
      return "the application lacks a permission or admin consent: run `dvsync check`";
    default:
      return {};
  }
}

}  // namespace

GraphClient::GraphClient(const Origin& origin, const std::string& throttle_priority, HttpClient& http,
                         TokenCache& tokens, RetryBudget& budget)
    : origin_(&origin),
      priority_(priority_header(throttle_priority)),
      http_(&http),
      tokens_(&tokens),
      budget_(&budget) {}

std::string GraphClient::token(const std::stop_token& stop) { return tokens_->get({*http_, *budget_, stop}); }

HttpRequest GraphClient::http_request(const GraphRequest& request, const std::string& token) const {
  HttpRequest http{.url = request.url,
                   .headers = {"Authorization: Bearer " + token, "Accept: application/json", priority_},
                   .body = {}};
  if (request.body) {
    http.headers.emplace_back("Content-Type: application/json");
    http.body = boost::json::serialize(*request.body);
  }
  return http;
}

GraphAnswer GraphClient::send(const GraphRequest& request, const std::stop_token& stop) {
  origin_->demand(request.url, "a request");
  bool refreshed = false;
  for (int attempt = 0;;) {
    const std::string bearer = token(stop);
    auto response = http_->send(http_request(request, bearer), stop);
    Trouble trouble = trouble_of(response, "Microsoft Graph");
    if (trouble.none()) {
      HttpResponse& answer = response.value();
      if (answer.status == 401 && !std::exchange(refreshed, true)) {
        tokens_->drop(bearer);
        continue;
      }
      auto body = Document::parse(answer.body);
      if (body || answer.status >= 300) return read_answer(answer, body ? std::move(*body) : Document());
      trouble.what = "Microsoft Graph sends broken JSON, or far more of it than an answer has";
    }
    trouble.wait(*budget_, attempt++, stop);
  }
}

std::vector<GraphAnswer> GraphClient::send_batch(std::vector<GraphRequest> requests, const std::stop_token& stop) {
  const std::string version_root = origin_->root() + "/v1.0";
  Batch round(std::move(requests), version_root);
  for (int attempt = 0; !round.complete();) {
    const std::string bearer = token(stop);
    GraphAnswer outer = send({.url = version_root + "/$batch", .body = round.body()}, stop);
    if (!outer.ok()) throw failure(outer, "a batch of requests");
    if (round.take(outer.document)) {
      tokens_->drop(bearer);
    } else if (!round.complete()) {
      round.trouble().wait(*budget_, attempt++, stop);
    }
  }
  return std::move(round).answers();
}

std::vector<GraphAnswer> GraphClient::batch(const std::vector<GraphRequest>& requests, const std::stop_token& stop) {
  const std::string version_root = origin_->root() + "/v1.0/";
  std::vector<GraphAnswer> answers;
  std::vector<GraphRequest> parts;
  const auto flush = [&] {
    for (GraphAnswer& answer : send_batch(std::exchange(parts, {}), stop)) {
      answers.push_back(std::move(answer));
    }
  };
  for (const GraphRequest& request : requests) {
    origin_->demand(request.url, "a request");
    if (request.url.starts_with(version_root)) {
      parts.push_back(request);
    }
    const bool elsewhere = !request.url.starts_with(version_root);  // another spelling of the root: not for a batch
    if (elsewhere || parts.size() == batch_size) {
      flush();
    }
    if (elsewhere) {
      answers.push_back(send(request, stop));
    }
  }
  flush();
  return answers;
}

GraphAnswer::GraphAnswer(long answer_status, Document body)
    : status(answer_status), document(std::move(body)), codes(error_codes(document.root())) {}

bool GraphAnswer::has_code(std::string_view code) const {
  return std::ranges::any_of(codes,
                             [&](const std::string& each) { return core::equal_ignoring_ascii_case(each, code); });
}

bool GraphAnswer::about_rights() const {
  return status == 401 || status == 403 || has_code("Authorization_RequestDenied") || has_code("accessDenied") ||
         has_code("Forbidden") || has_code("InvalidAuthenticationToken");
}

bool GraphAnswer::about_throttling() const {
  return is_transient(status) || has_code("TooManyRequests") || has_code("activityLimitReached");
}

SourceError failure(const GraphAnswer& answer, const std::string& what, const std::string& advice) {
  const bool denied = answer.status == 401 || answer.status == 403;
  std::string message = "Microsoft Graph refuses " + what + ": " + std::to_string(answer.status);
  if (!answer.codes.empty()) {
    message += " " + answer.codes.front();
  }
  if (const std::string& hint = advice.empty() ? advice_for(answer) : advice; !hint.empty()) {
    message += "; " + hint;
  }
  if (!answer.request_id.empty()) {
    message += " (request-id " + core::printable(answer.request_id, longest_code) + ")";
  }
  return {denied ? SourceError::Kind::denied : SourceError::Kind::malformed, message};
}

}  // namespace dvsync::source::graph
