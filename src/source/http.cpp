#include "dvsync/source/http.hpp"

#include <curl/curl.h>

#include <array>
#include <mutex>
#include <string_view>

#include "dvsync/core/text.hpp"
#include "dvsync/error.hpp"

namespace dvsync::source {
namespace {

[[noreturn]] void unusable() {
  throw SourceError(SourceError::Kind::unavailable, "libcurl cannot be used: is memory short?");
}

void initialise_curl_once() {
  static std::once_flag once;
  std::call_once(once, [] {  // a throw leaves it to the next one
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) unusable();
  });
}

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

HeaderList header_list(const std::vector<std::string>& headers) {
  HeaderList list;
  for (const std::string& header : headers) {
    auto* longer = curl_slist_append(list.get(), header.c_str());
    if (longer == nullptr) unusable();  // a request without its headers asks for something else
    static_cast<void>(list.release());
    list.reset(longer);
  }
  return list;
}

// What the callbacks of one transfer write to.
struct Transfer {
  HttpResponse response;
  std::size_t body_limit = 0;
  bool too_large = false;
  const std::stop_token* stop = nullptr;
};

// libcurl calls what follows, and cannot be thrown through. False: there is no memory, and the transfer ends.
template <class Keep>
bool kept(const Keep& keep) {
  try {
    keep();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

std::size_t take_body(const char* data, std::size_t, std::size_t size, void* transfer_pointer) {
  auto& transfer = *static_cast<Transfer*>(transfer_pointer);
  if (transfer.response.body.size() + size > transfer.body_limit) {
    transfer.too_large = true;
    return 0;
  }
  return kept([&] { transfer.response.body.append(data, size); }) ? size : 0;
}

std::optional<std::string_view> value_of(std::string_view line, std::string_view name) {
  const bool long_enough = line.size() > name.size() && line[name.size()] == ':';
  if (!long_enough || !core::equal_ignoring_ascii_case(line.substr(0, name.size()), name)) return std::nullopt;
  line.remove_prefix(name.size() + 1);
  const auto first = line.find_first_not_of(" \t");
  const auto last = line.find_last_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view{} : line.substr(first, last - first + 1);
}

std::size_t take_header(const char* data, std::size_t, std::size_t size, void* transfer_pointer) {
  auto& response = static_cast<Transfer*>(transfer_pointer)->response;
  const std::string_view line(data, size);
  const auto keep = [&] {
    if (const auto location = value_of(line, "location")) {
      response.location = *location;
    } else if (const auto id = value_of(line, "request-id")) {
      response.request_id = *id;
    }
  };
  return kept(keep) ? size : 0;
}

int stop_requested(void* transfer_pointer, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(transfer_pointer)->stop->stop_requested() ? 1 : 0;
}

bool is_lasting(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return true;
    default:
      return false;
  }
}

std::string words_for(CURLcode code, const char* detail, const HttpRoute& route) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      return std::string("the server's certificate is not trusted (") + detail +
             "); if a proxy inspects TLS here, name its CA in " + route.ca_key;
    case CURLE_SSL_CACERT_BADFILE:
      return route.ca_file ? route.ca_key + " cannot be read as PEM certificates"
                           : "the system's CA certificates cannot be read: install the package ca-certificates";
    case CURLE_PARTIAL_FILE:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WRITE_ERROR:
      return "the answer was cut off or garbled on the way";
    default:
      return curl_easy_strerror(code);
  }
}

// What stands behind the host. libcurl takes an URL apart itself, and asks without the query where it has no memory for
// it: for users without the columns that were wanted.
std::string target_of(std::string_view url) {
  const auto scheme = url.find("://");
  const auto host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto target = url.find_first_of("/?", host);
  if (target == std::string_view::npos) return "/";
  return (url[target] == '?' ? "/" : "") + std::string(url.substr(target, url.find('#', target) - target));
}

}  // namespace

class HttpClient::Easy {
 public:
  Easy(HttpRoute route, const HttpLimits& limits) : route_(std::move(route)), limits_(limits) {
    initialise_curl_once();
    handle_.reset(curl_easy_init());
    if (!handle_) unusable();
  }

  Result<HttpResponse, HttpFault> send(const HttpRequest& request, const std::stop_token& stop) {
    if (stop.stop_requested()) throw Interrupted();
    Transfer transfer;
    transfer.body_limit = limits_.body_bytes;
    transfer.stop = &stop;
    transfer.response.body.reserve(usual_body_size_);
    const HeaderList headers = header_list(request.headers);
    set_up(request, headers.get(), transfer);
    const CURLcode code = curl_easy_perform(handle_.get());
    return outcome(code, transfer);
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    // Without one of them it would be another request, to another place, or less guarded.
    if (curl_easy_setopt(handle_.get(), option, value) != CURLE_OK) unusable();
  }

  void set_up(const HttpRequest& request, curl_slist* headers, Transfer& transfer) {
    curl_easy_reset(handle_.get());  // connections and TLS sessions stay
    detail_.fill('\0');
    set(CURLOPT_ERRORBUFFER, detail_.data());
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_REQUEST_TARGET, target_of(request.url).c_str());
    set(CURLOPT_HTTPHEADER, headers);
    set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    if (request.body) {
      set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
      set(CURLOPT_POSTFIELDS, request.body->c_str());
    }
    set_callbacks(transfer);
    set_limits();
    set_route(request.plain);
  }

  void set_callbacks(Transfer& transfer) {
    set(CURLOPT_WRITEFUNCTION, &take_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
    set(CURLOPT_HEADERFUNCTION, &take_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
    set(CURLOPT_XFERINFOFUNCTION, &stop_requested);
    set(CURLOPT_XFERINFODATA, static_cast<void*>(&transfer));
    set(CURLOPT_NOPROGRESS, 0L);
  }

  void set_limits() {
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits_.connect.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits_.total.count()));
    set(CURLOPT_LOW_SPEED_LIMIT, limits_.low_speed_bytes);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits_.low_speed_time.count()));
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));  // one request at a time: 2 gains nothing
    set(CURLOPT_FOLLOWLOCATION, 0L);
  }

  void set_route(bool plain) {
    set(CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
    if (plain) {
      set(CURLOPT_PROXY, "");
      set(CURLOPT_NOPROXY, "*");
      return;
    }
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    if (route_.ca_file) {
      set(CURLOPT_CAINFO, route_.ca_file->c_str());
      set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
      set(CURLOPT_PROXY_CAINFO, route_.ca_file->c_str());
    }
    if (route_.proxy) {  // else libcurl follows https_proxy and no_proxy of the environment
      set(CURLOPT_PROXY, route_.proxy->c_str());
      set(CURLOPT_NOPROXY, "");
    }
  }

  Result<HttpResponse, HttpFault> outcome(CURLcode code, Transfer& transfer) {
    if (transfer.stop->stop_requested()) throw Interrupted();
    if (transfer.too_large) {
      return HttpFault{"the answer is larger than " + std::to_string(limits_.body_bytes) + " bytes", true};
    }
    if (code != CURLE_OK) return HttpFault{words_for(code, detail_.data(), route_), is_lasting(code)};
    usual_body_size_ = transfer.response.body.size();
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &transfer.response.status);
    curl_off_t seconds = 0;  // libcurl also reads the form with a date
    if (curl_easy_getinfo(handle_.get(), CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK && seconds > 0) {
      transfer.response.retry_after = std::chrono::seconds{seconds};
    }
    return std::move(transfer.response);
  }

  std::unique_ptr<CURL, FreeHandle> handle_;
  HttpRoute route_;
  HttpLimits limits_;
  std::size_t usual_body_size_ = 0;  // pages of one pull are much alike
  std::array<char, CURL_ERROR_SIZE> detail_{};
};

void throw_exception_from_error(const HttpFault& fault, const boost::source_location&) {
  throw SourceError(SourceError::Kind::unavailable, fault.what);
}

HttpClient::HttpClient(HttpRoute route, const HttpLimits& limits)
    : easy_(std::make_unique<Easy>(std::move(route), limits)) {}

HttpClient::~HttpClient() = default;

Result<HttpResponse, HttpFault> HttpClient::send(const HttpRequest& request, const std::stop_token& stop) {
  return easy_->send(request, stop);
}

}  // namespace dvsync::source
