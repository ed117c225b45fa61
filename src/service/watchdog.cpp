#include "watchdog.hpp"

#include "systemd.hpp"

namespace dvsync::service {

void Watchdog::feed() {
  const auto limit = systemd::watchdog();
  if (!limit) return;
  if (gets_on_()) systemd::feed_watchdog();
  timer_.expires_after(*limit / 3);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) feed();
  });
}

}  // namespace dvsync::service
