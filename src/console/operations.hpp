#pragma once
// What operators ask for, carried out one after the other, and what became of it. An act may wait long for the lease:
// nobody waits for it at the other end of a connection.

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <boost/json.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "dvsync/core/identity.hpp"
#include "dvsync/service/log.hpp"

namespace dvsync::console {

// Why something could not be done, for whoever asked.
struct Failure {
  unsigned status = 500;
  std::string code;
  std::string message;
};
// nullopt: it is a fault of the program.
[[nodiscard]] std::optional<Failure> failure_of(const std::exception& error);

// Any thread.
class Operations {
 public:
  using Work = std::function<boost::json::object(const std::stop_token&)>;
  struct Order {
    bool takes_lease = false;  // waits for its turn among runs; others do not wait behind it
    std::string act;           // approve, reject …
    std::string words;         // for the log: "approves run 17"
    std::string by;
    Work work;
  };

  // `log` is the caller's, and outlives this.
  explicit Operations(service::Log& log);
  ~Operations();  // what is at work is told to stop, and waited for
  Operations(const Operations&) = delete;
  Operations& operator=(const Operations&) = delete;

  // The number it is found by; nullopt: too much waits already.
  [[nodiscard]] std::optional<std::int64_t> begin(Order order);
  // nullopt: there is none, or it was long ago.
  [[nodiscard]] std::optional<boost::json::object> find(std::int64_t id) const;
  // How many were carried out, well or not.
  [[nodiscard]] std::int64_t ended() const { return ended_.load(); }

 private:
  struct Operation {
    std::string act;
    std::string by;
    core::Timestamp asked_at;
    std::string state = "waiting";
    std::optional<boost::json::object> result = {};
    std::optional<Failure> failure = {};
  };
  void carry_out(std::int64_t id, const Order& order);
  void end(std::int64_t id, std::optional<boost::json::object> result, std::optional<Failure> failure);
  [[nodiscard]] std::size_t unfinished() const;
  void forget_old();

  service::Log& log_;
  std::stop_source stop_;
  mutable std::mutex mutex_;
  std::atomic<std::int64_t> ended_ = 0;
  std::int64_t last_id_ = 0;               // guarded by mutex_
  std::map<std::int64_t, Operation> all_;  // guarded by mutex_
  boost::asio::thread_pool under_lease_{1};
  boost::asio::thread_pool beside_{1};
};

}  // namespace dvsync::console
