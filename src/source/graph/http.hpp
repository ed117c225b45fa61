#pragma once
// One HTTP connection at a time over libcurl: limits, keep-alive, compression, proxy, private CA. The server's
// certificate is always verified; redirects are never followed, so that credentials only go where they were sent.

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/result.hpp"
#include "source/graph/options.hpp"

namespace dvsync::source::graph {

struct HttpRequest {
  std::string url;                   // sent byte for byte
  std::vector<std::string> headers;  // "Name: value"
  std::optional<std::string> body;   // with one it is a POST
  bool metadata_service = false;     // plain HTTP on the link-local network, never through a proxy
};

struct HttpResponse {
  long status = 0;
  std::string body;
  std::string location;
  std::string request_id;  // Graph's, for Microsoft's support
  std::optional<std::chrono::seconds> retry_after;
};

// No answer, or not all of it.
struct HttpFault {
  std::string what;      // in words, without the URL
  bool lasting = false;  // trying again cannot help: a certificate that is not trusted
};

// For value() of a Result without one; callers ask has_value() before.
[[noreturn]] void throw_exception_from_error(const HttpFault& fault, const boost::source_location& where);

// REQUIRES: one thread at a time.
class HttpClient {
 public:
  HttpClient(const config::GraphDirectory& directory, const HttpLimits& limits);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Throws Interrupted within a second of `stop` being requested.
  [[nodiscard]] Result<HttpResponse, HttpFault> send(const HttpRequest& request, const std::stop_token& stop);

 private:
  class Easy;
  std::unique_ptr<Easy> easy_;
};

}  // namespace dvsync::source::graph
