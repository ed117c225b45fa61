#include <algorithm>
#include <utility>

#include "source/graph/graph_client.hpp"
#include "source/graph/json_document.hpp"

namespace dvsync::source::graph {
namespace {

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
      codes.emplace_back(code.substr(0, longest_code));
    }
    error = inner_error(*error);
  }
  return codes;
}

std::string advice_for(const Answer& answer) {
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

Answer::Answer(long answer_status, Document body)
    : status(answer_status), document(std::move(body)), codes(error_codes(document.root())) {}

bool Answer::has_code(std::string_view code) const {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

SourceError failure(const Answer& answer, const std::string& what, const std::string& advice) {
  const bool denied = answer.status == 401 || answer.status == 403;
  std::string message = "Microsoft Graph refuses " + what + ": " + std::to_string(answer.status);
  if (!answer.codes.empty()) {
    message += " " + answer.codes.front();
  }
  if (const std::string& hint = advice.empty() ? advice_for(answer) : advice; !hint.empty()) {
    message += "; " + hint;
  }
  if (!answer.request_id.empty()) {
    message += " (request-id " + answer.request_id + ")";
  }
  return {denied ? SourceError::Kind::denied : SourceError::Kind::malformed, message};
}

}  // namespace dvsync::source::graph
