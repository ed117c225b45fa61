#pragma once
// The server: one thread that has all connections, and a few that answer what takes a database.

#include <boost/asio.hpp>
#include <memory>
#include <stop_token>
#include <thread>
#include <unordered_set>

#include "connection.hpp"
#include "dvsync/service/failure_log.hpp"
#include "dvsync/service/log.hpp"
#include "listener.hpp"
#include "workers.hpp"

namespace dvsync::console {

class Server : private Exchange {
 public:
  // Both are the caller's, and outlive this.
  Server(Handler& handler, service::Log& log, const Limits& limits = {});
  // Ends every connection, and waits for what is being answered.
  ~Server() override;  // NOLINT(bugprone-exception-escape)
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // From now on; what cannot be listened on is tried again. Any thread. Connections that are open stay.
  void listen(Place place);

 private:
  [[nodiscard]] const Limits& limits() const override { return limits_; }
  void take(Request request, std::function<void(Answer)> done) override;
  void entered(Connection& connection) override;
  void left(Connection& connection) override { connections_.erase(&connection); }

  void move_to(Place place);
  void open();
  void try_again();
  [[nodiscard]] Answer attempt(const Request& request, std::stop_source& ends);
  void make_room();

  Handler& handler_;
  service::Log& log_;
  const Limits limits_;
  service::FailureLog failures_;
  std::stop_source stop_;
  // All below belong to the thread that serves the connections.
  Place place_;
  bool told_that_there_is_no_folder_ = false;
  std::size_t pending_ = 0;
  std::unordered_set<Connection*> connections_;
  boost::asio::io_context io_{1};
  boost::asio::steady_timer retry_{io_};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  std::unique_ptr<Listener> listener_;
  Workers workers_;
  std::thread thread_;
};

}  // namespace dvsync::console
