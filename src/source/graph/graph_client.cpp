#include "source/graph/graph_client.hpp"

#include <cctype>
#include <utility>

#include "source/graph/batch_round.hpp"
#include "source/graph/json_document.hpp"

namespace dvsync::source::graph {
namespace {

std::string priority_header(std::string priority) {
  if (!priority.empty()) {
    priority.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(priority.front())));
  }
  return "x-ms-throttle-priority: " + priority;
}

Answer read_answer(HttpResponse& response, Document body) {
  Answer answer(response.status, std::move(body));
  answer.location = std::move(response.location);
  answer.request_id = std::move(response.request_id);
  return answer;
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

Answer GraphClient::send(const GraphRequest& request, const std::stop_token& stop) {
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
      if (body || answer.status >= 300) {
        return read_answer(answer, body ? std::move(*body) : Document());
      }
      trouble.what = "Microsoft Graph sends broken JSON";
    }
    trouble.wait(*budget_, attempt++, stop);
  }
}

std::vector<Answer> GraphClient::send_batch(std::vector<GraphRequest> requests, const std::stop_token& stop) {
  const std::string version_root = origin_->root() + "/v1.0";
  BatchRound round(std::move(requests), version_root);
  for (int attempt = 0; !round.complete();) {
    const std::string bearer = token(stop);
    Answer outer = send({.url = version_root + "/$batch", .body = round.body()}, stop);
    if (!outer.ok()) {
      throw failure(outer, "a batch of requests");
    }
    if (round.take(outer.document)) {
      tokens_->drop(bearer);
    } else if (!round.complete()) {
      round.trouble().wait(*budget_, attempt++, stop);
    }
  }
  return std::move(round).answers();
}

std::vector<Answer> GraphClient::batch(const std::vector<GraphRequest>& requests, const std::stop_token& stop) {
  const std::string version_root = origin_->root() + "/v1.0/";
  std::vector<Answer> answers;
  std::vector<GraphRequest> parts;
  const auto flush = [&] {
    for (Answer& answer : send_batch(std::exchange(parts, {}), stop)) {
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

}  // namespace dvsync::source::graph
