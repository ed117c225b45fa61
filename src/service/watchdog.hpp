#pragma once
// Feeds systemd's watchdog from the event loop, so that food proves that the loop turns; and only while the worker gets
// on. Private to service.

#include <boost/asio.hpp>
#include <functional>

namespace dvsync::service {

class Watchdog {
 public:
  // `gets_on`: the worker idles, or has made progress not long ago.
  Watchdog(boost::asio::io_context& io, std::function<bool()> gets_on) : timer_(io), gets_on_(std::move(gets_on)) {}

  // Until stop(). Without a systemd that waits for it, nothing happens.
  void feed();
  void stop() { timer_.cancel(); }

 private:
  boost::asio::steady_timer timer_;
  std::function<bool()> gets_on_;
};

}  // namespace dvsync::service
