#pragma once
// A place that is listened on.

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "connection.hpp"
#include "dvsync/config/configuration.hpp"

namespace dvsync::console {

// Where to listen, as the configuration says.
struct Place {
  config::ConsoleAddress address = {};  // monostate: nowhere
  std::optional<config::ConsoleTls> tls = {};
  std::optional<std::string> socket_group = {};
  bool by_default = false;
};
[[nodiscard]] Place place_of(const config::Configuration& configuration);

// On the thread that serves the connections. Gone, it accepts nothing more; a Unix socket is removed.
class Listener {
 public:
  virtual ~Listener() = default;
  // For connections from now on.
  virtual void use(std::shared_ptr<boost::asio::ssl::context> tls) = 0;
};

// Throws std::exception: it cannot be listened there, and why. `tls` as make_connection() has it. `on_failure`: of one
// connection that could not be accepted, in words.
[[nodiscard]] std::unique_ptr<Listener> listen_at(boost::asio::io_context& io, const Place& place,
                                                  std::shared_ptr<boost::asio::ssl::context> tls, Exchange& exchange,
                                                  std::function<void(const std::string&)> on_failure);

// Throws std::exception: there is no such group.
[[nodiscard]] gid_t group_named(const std::string& name);

// Throws std::exception: a file cannot be used, and which.
[[nodiscard]] std::shared_ptr<boost::asio::ssl::context> open_tls(const config::ConsoleTls& files);

}  // namespace dvsync::console
