#pragma once
// A few threads that share what is to be done. Where one of them cannot be had, Asio's own pool waits for ever for
// those that have begun.

#include <boost/asio.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "dvsync/service/signals_blocked.hpp"

namespace dvsync::console {

class Workers {
 public:
  // Throws std::system_error: there are not so many threads.
  explicit Workers(std::size_t count) {
    const service::SignalsBlocked blocked;
    while (threads_.size() < count) threads_.emplace_back([this] { io_.run(); });
  }

  template <class Work>
  void post(Work work) {
    boost::asio::post(io_, std::move(work));
  }
  // Waits until everything is done.
  void join() {
    more_.reset();
    threads_.clear();
  }

 private:
  boost::asio::io_context io_;
  std::vector<std::jthread> threads_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> more_{io_.get_executor()};  // ends first
};

}  // namespace dvsync::console
