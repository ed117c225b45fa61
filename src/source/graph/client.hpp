#pragma once
// Requests to Microsoft Graph: bearer token, throttling, passing faults, one token refresh on 401, $batch. What comes
// back is an answer that Graph stands by; what it means is the caller's business.

#include <boost/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "dvsync/error.hpp"
#include "dvsync/source/http.hpp"
#include "source/graph/auth.hpp"
#include "source/graph/json.hpp"
#include "source/graph/queries.hpp"
#include "source/graph/retry_policy.hpp"

namespace dvsync::source::graph {

struct GraphAnswer {
  long status = 0;
  Document document;
  std::vector<std::string> codes;  // error codes, outermost first; Graph nests them
  std::string location;
  std::string request_id;

  GraphAnswer(long answer_status, Document body);

  [[nodiscard]] const boost::json::value& body() const { return document.root(); }
  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
  [[nodiscard]] bool has_code(std::string_view code) const;  // ignoring case
  // Refused because of what this application may do, or how much is asked: the same question may be answered later.
  [[nodiscard]] bool about_rights() const;
  [[nodiscard]] bool about_throttling() const;
};

struct GraphRequest {
  std::string url;                         // absolute, below the origin
  std::optional<boost::json::value> body;  // with one it is a POST
};

class GraphClient {
 public:
  GraphClient(const Origin& origin, const std::string& throttle_priority, HttpClient& http, TokenCache& tokens,
              RetryBudget& budget);

  // Retries until the answer is neither transient nor broken JSON. Never sends to another origin. Throws SourceError
  // when the budget is used up or there is no token, Interrupted on `stop`.
  [[nodiscard]] GraphAnswer send(const GraphRequest& request, const std::stop_token& stop);

  // The same for many requests side by side, at most twenty at a time; each part is retried alone. Answers are in the
  // order of the requests.
  [[nodiscard]] std::vector<GraphAnswer> batch(const std::vector<GraphRequest>& requests, const std::stop_token& stop);

  [[nodiscard]] const Origin& origin() const { return *origin_; }

 private:
  [[nodiscard]] std::vector<GraphAnswer> send_batch(std::vector<GraphRequest> requests, const std::stop_token& stop);
  [[nodiscard]] HttpRequest http_request(const GraphRequest& request, const std::string& token) const;
  [[nodiscard]] std::string token(const std::stop_token& stop);

  const Origin* origin_;
  std::string priority_;
  HttpClient* http_;
  TokenCache* tokens_;
  RetryBudget* budget_;
};

// The error that ends a run over this answer: `what` was asked, `advice` says what to do (may be empty). Names status,
// code and Graph's request id, never its message, which may quote values.
[[nodiscard]] SourceError failure(const GraphAnswer& answer, const std::string& what, const std::string& advice = {});

}  // namespace dvsync::source::graph
