#include "source/graph/transient.hpp"

#include "dvsync/error.hpp"

namespace dvsync::source::graph {

bool is_transient(long status) {
  return status == 429 || status == 408 || status == 500 || (status >= 502 && status <= 504) || status == 509;
}

Trouble trouble_of_status(long status, std::optional<std::chrono::seconds> retry_after, const std::string& who) {
  if (!is_transient(status)) {
    return {};
  }
  const std::string verb = status == 429 ? " throttles this application (429)" : " answers " + std::to_string(status);
  return {.what = who + verb, .retry_after = retry_after};
}

Trouble trouble_of(const Result<HttpResponse, HttpFault>& answer, const std::string& who) {
  if (answer.has_value()) {
    return trouble_of_status(answer.value().status, answer.value().retry_after, who);
  }
  const HttpFault& fault = answer.error();
  if (fault.lasting) {
    throw SourceError(SourceError::Kind::unavailable, who + " cannot be used: " + fault.what);
  }
  return {.what = who + " cannot be read: " + fault.what, .retry_after = {}};
}

}  // namespace dvsync::source::graph
