#include "connection.hpp"

#include <array>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <optional>
#include <type_traits>

#include "wire.hpp"

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

template <class Stream>
class HttpConnection final : public Connection, public std::enable_shared_from_this<HttpConnection<Stream>> {
 public:
  HttpConnection(Stream stream, Peer peer, Exchange& exchange, std::shared_ptr<asio::ssl::context> tls)
      : tls_(std::move(tls)),
        stream_(std::move(stream)),
        peer_(std::move(peer)),
        exchange_(exchange),
        buffer_(most_buffered(exchange.limits())) {
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
    set_limits(*parser_, exchange_.limits());
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
    if (!request) return write(names_no_path());
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
  std::optional<RequestParser> parser_;
  Response response_;
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
