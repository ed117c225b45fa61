#include "connection.hpp"

#include <array>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <optional>
#include <type_traits>

namespace dvsync::console {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;

template <class Protocol>
using Plain = beast::basic_stream<Protocol, asio::any_io_executor>;
using Encrypted = beast::ssl_stream<Plain<asio::ip::tcp>>;

constexpr std::size_t most_drained = std::size_t{2} * 1024 * 1024;

// nullopt: there is nobody to be told.
std::optional<Answer> answer_to_broken(const error_code& error) {
  if (error == http::error::body_limit) return refusal(413, "too_large", "the body is too large");
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return refusal(431, "too_large", "the headers are too large");
  }
  const bool of_protocol = error.category() == http::make_error_code(http::error::bad_method).category();
  if (of_protocol && error != http::error::partial_message) return refusal(400, "malformed", "this is no HTTP request");
  return std::nullopt;
}

std::optional<Request> request_of(http::request<http::string_body>&& message, const Peer& peer) {
  Request request{.method = std::string(message.method_string()), .peer = peer};
  const auto target = message.target();
  if (!read_target({target.data(), target.size()}, request)) return std::nullopt;
  for (const auto& field : message) {
    request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  request.body = std::move(message.body());
  return request;
}

// Whatever is answered: nothing is kept, framed, guessed or run by a browser.
constexpr std::array<std::pair<const char*, const char*>, 5> for_browsers{{
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
}};

http::response<http::string_body> response_of(Answer answer, unsigned version, bool head) {
  http::response<http::string_body> response{static_cast<http::status>(answer.status), version};
  for (const auto& [name, value] : for_browsers) response.set(name, value);
  for (const auto& [name, value] : answer.headers) response.set(name, value);
  response.set(http::field::content_type, answer.type);
  response.content_length(answer.body.size());
  if (!head) response.body() = std::move(answer.body);
  return response;
}

template <class Stream>
class HttpConnection final : public Connection, public std::enable_shared_from_this<HttpConnection<Stream>> {
 public:
  HttpConnection(Stream stream, Peer peer, Exchange& exchange, std::shared_ptr<asio::ssl::context> tls)
      : tls_(std::move(tls)),
        stream_(std::move(stream)),
        peer_(std::move(peer)),
        exchange_(exchange),
        buffer_(exchange.limits().header_bytes + exchange.limits().body_bytes) {
    exchange_.entered(*this);
  }
  ~HttpConnection() override { exchange_.left(*this); }
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void begin() override {
    if constexpr (encrypted) {
      wait_at_most(exchange_.limits().read);
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](const error_code& error) {
                                if (!error) self->read();
                              });
    } else {
      read();
    }
  }
  void close() override { lowest().close(); }
  [[nodiscard]] std::optional<SteadyClock::time_point> waiting_since() const override { return waiting_since_; }

 private:
  static constexpr bool encrypted = std::is_same_v<Stream, Encrypted>;

  auto& lowest() { return beast::get_lowest_layer(stream_); }
  void wait_at_most(std::chrono::milliseconds time) { lowest().expires_after(time); }

  void read() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(exchange_.limits().header_bytes));
    parser_->body_limit(exchange_.limits().body_bytes);
    waiting_since_ = SteadyClock::now();
    wait_at_most(exchange_.limits().read);
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](const error_code& error, std::size_t) { self->on_read(error); });
  }

  void on_read(const error_code& error) {
    waiting_since_.reset();
    if (error == http::error::end_of_stream) return say_goodbye();
    if (error) {
      keep_ = false;
      if (auto answer = answer_to_broken(error)) write(*std::move(answer));
      return;
    }
    auto message = parser_->release();
    version_ = message.version();
    keep_ = message.keep_alive();
    head_ = message.method() == http::verb::head;
    auto request = request_of(std::move(message), peer_);
    if (!request) return write(refusal(400, "malformed", "the request names no path of this server"));
    exchange_.take(*std::move(request),
                   [self = this->shared_from_this()](Answer answer) { self->write(std::move(answer)); });
  }

  void write(Answer answer) {
    response_ = response_of(std::move(answer), version_, head_);
    response_.keep_alive(keep_);
    waiting_since_ = SteadyClock::now();
    wait_at_most(exchange_.limits().write);
    http::async_write(stream_, response_, [self = this->shared_from_this()](const error_code& error, std::size_t) {
      if (error) return;
      self->keep_ ? self->read() : self->say_goodbye();
    });
  }

  // What the client still sends is read for a moment: a reset would take the answer from it.
  void say_goodbye() {
    wait_at_most(exchange_.limits().goodbye);
    if constexpr (encrypted) {
      stream_.async_shutdown([self = this->shared_from_this()](const error_code&) {});
    } else {
      error_code ignored;
      lowest().socket().shutdown(asio::socket_base::shutdown_send, ignored);
      drain();
    }
  }

  void drain() {
    lowest().async_read_some(asio::buffer(leftover_),
                             [self = this->shared_from_this()](const error_code& error, std::size_t bytes) {
                               self->drained_ += bytes;
                               if (!error && self->drained_ < most_drained) self->drain();
                             });
  }

  std::shared_ptr<asio::ssl::context> tls_;  // the stream keeps a reference
  Stream stream_;
  Peer peer_;
  Exchange& exchange_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  std::optional<SteadyClock::time_point> waiting_since_ = SteadyClock::now();
  unsigned version_ = 11;
  bool keep_ = false;
  bool head_ = false;
  std::array<char, 4096> leftover_{};
  std::size_t drained_ = 0;
};

}  // namespace

std::shared_ptr<Connection> make_connection(UnixSocket socket, Peer peer, Exchange& exchange) {
  using Stream = Plain<asio::local::stream_protocol>;
  return std::make_shared<HttpConnection<Stream>>(Stream(std::move(socket)), std::move(peer), exchange, nullptr);
}

std::shared_ptr<Connection> make_connection(TcpSocket socket, Peer peer, Exchange& exchange,
                                            const std::shared_ptr<asio::ssl::context>& tls) {
  using Stream = Plain<asio::ip::tcp>;
  if (!tls) {
    return std::make_shared<HttpConnection<Stream>>(Stream(std::move(socket)), std::move(peer), exchange, nullptr);
  }
  return std::make_shared<HttpConnection<Encrypted>>(Encrypted(Stream(std::move(socket)), *tls), std::move(peer),
                                                     exchange, tls);
}

}  // namespace dvsync::console
