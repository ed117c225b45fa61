#pragma once
// One client's connection: a request after the other, each answered before the next is read.

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "limits.hpp"
#include "message.hpp"

namespace dvsync::console {

// All of it happens on the thread that serves the connections.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void begin() = 0;
  virtual void close() = 0;
  // Since when it waits for the client: for a request, for the rest of one, or until an answer is taken. nullopt: the
  // client waits for an answer.
  [[nodiscard]] virtual std::optional<std::chrono::steady_clock::time_point> waiting_since() const = 0;
};

// What a connection needs of the server, which outlives it.
class Exchange {
 public:
  virtual ~Exchange() = default;
  [[nodiscard]] virtual const Limits& limits() const = 0;
  // `done` is called once, on the thread that serves the connections.
  virtual void take(Request request, std::function<void(Answer)> done) = 0;
  virtual void entered(Connection& connection) = 0;
  virtual void left(Connection& connection) = 0;
};

using UnixSocket = boost::asio::local::stream_protocol::socket;
using TcpSocket = boost::asio::ip::tcp::socket;

[[nodiscard]] std::shared_ptr<Connection> make_connection(UnixSocket socket, Peer peer, Exchange& exchange);
// `tls`: nullptr, unencrypted.
[[nodiscard]] std::shared_ptr<Connection> make_connection(TcpSocket socket, Peer peer, Exchange& exchange,
                                                          const std::shared_ptr<boost::asio::ssl::context>& tls);

}  // namespace dvsync::console
