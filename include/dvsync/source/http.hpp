#pragma once
// For the Graph adapter and for whoever else speaks HTTPS: one HTTP connection at a time over libcurl: limits,
// keep-alive, compression, proxy, private CA. The server's certificate is always verified; redirects are never
// followed, so that credentials only go where they were sent.

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dvsync/result.hpp"

namespace dvsync::source {

struct HttpLimits {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds total{180'000};
  long low_speed_bytes = 64;  // a second, over low_speed_time: slower counts as stuck
  std::chrono::seconds low_speed_time{45};
  std::size_t body_bytes = 32U << 20U;  // after decompression; a page of Graph is below 1 MB
};

// What the configuration says of the way to the server.
struct HttpRoute {
  std::optional<std::filesystem::path> ca_file = {};  // trusted instead of the system's
  std::string ca_key = {};                            // the configuration's key for it, as messages name it
  std::optional<std::string> proxy = {};              // nullopt: HTTPS_PROXY's
};

struct HttpRequest {
  std::string url;                   // sent byte for byte
  std::vector<std::string> headers;  // "Name: value"
  std::optional<std::string> body;   // with one it is a POST
  bool plain = false;  // HTTP without TLS, on this machine or the link-local network, never through a proxy
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
  HttpClient(HttpRoute route, const HttpLimits& limits);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Throws Interrupted within a second of `stop` being requested.
  [[nodiscard]] Result<HttpResponse, HttpFault> send(const HttpRequest& request, const std::stop_token& stop);

 private:
  class Easy;
  std::unique_ptr<Easy> easy_;
};

}  // namespace dvsync::source
