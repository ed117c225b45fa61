#include "listener.hpp"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace dvsync::console {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::local::stream_protocol;
using boost::system::error_code;

constexpr mode_t socket_mode = 0660;
constexpr std::chrono::seconds after_a_failure{1};  // descriptors may come free

[[noreturn]] void fail(const std::string& what, int error) {
  throw std::runtime_error(what + ": " + std::generic_category().message(error));
}

Peer peer_of(const UnixSocket& socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  // The handle is not changed; Asio has native_handle() for sockets that may be.
  const int handle = const_cast<UnixSocket&>(socket).native_handle();  // NOLINT(*-const-cast)
  if (::getsockopt(handle, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return {};
  return {.user = credentials.uid};
}

Peer peer_of(const TcpSocket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  return {.address = error ? "" : endpoint.address().to_string()};
}

// Accepts until stop(). Handlers that are on their way keep it alive.
template <class Protocol>
class Acceptor : public std::enable_shared_from_this<Acceptor<Protocol>> {
 public:
  using Tls = std::shared_ptr<asio::ssl::context>;
  Acceptor(asio::io_context& io, Tls tls, Exchange& exchange, std::function<void(const std::string&)> on_failure)
      : acceptor_(io), pause_(io), tls_(std::move(tls)), exchange_(exchange), on_failure_(std::move(on_failure)) {}

  [[nodiscard]] auto& socket() { return acceptor_; }
  void use(Tls tls) { tls_ = std::move(tls); }

  void accept() {
    acceptor_.async_accept([self = this->shared_from_this()](const error_code& error, auto socket) {
      if (self->stopped_) return;
      if (error) return self->wait(error);
      self->welcome(std::move(socket));
      self->accept();
    });
  }
  void stop() {
    stopped_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel(ignored);
  }

 private:
  void welcome(typename Protocol::socket socket) {
    auto peer = peer_of(socket);
    if constexpr (std::is_same_v<Protocol, tcp>) {
      make_connection(std::move(socket), std::move(peer), exchange_, tls_)->begin();
    } else {
      make_connection(std::move(socket), std::move(peer), exchange_)->begin();
    }
  }
  void wait(const error_code& error) {
    on_failure_("a connection was not accepted: " + error.message());
    pause_.expires_after(after_a_failure);
    pause_.async_wait([self = this->shared_from_this()](const error_code&) {
      if (!self->stopped_) self->accept();
    });
  }

  typename Protocol::acceptor acceptor_;
  asio::steady_timer pause_;
  Tls tls_;
  Exchange& exchange_;
  std::function<void(const std::string&)> on_failure_;
  bool stopped_ = false;
};

// Whether somebody answers there. What is left of a daemon that was killed is nobody's.
bool is_served(asio::io_context& io, const std::string& path) {
  UnixSocket probe(io);
  error_code error;
  probe.connect(stream_protocol::endpoint(path), error);
  return !error;
}

class UnixListener : public Listener {
 public:
  UnixListener(std::shared_ptr<Acceptor<stream_protocol>> acceptor, std::string path)
      : acceptor_(std::move(acceptor)), path_(std::move(path)), own_(status_of(path_)) {}
  ~UnixListener() override {
    acceptor_->stop();
    const auto now = status_of(path_);
    if (now.st_ino == own_.st_ino && now.st_dev == own_.st_dev) ::unlink(path_.c_str());
  }
  UnixListener(const UnixListener&) = delete;
  UnixListener& operator=(const UnixListener&) = delete;
  void use(std::shared_ptr<asio::ssl::context>) override {}

 private:
  static struct stat status_of(const std::string& path) {
    struct stat status {};
    ::lstat(path.c_str(), &status);
    return status;
  }

  std::shared_ptr<Acceptor<stream_protocol>> acceptor_;
  std::string path_;
  struct stat own_;  // of the socket that this made
};

class TcpListener : public Listener {
 public:
  explicit TcpListener(std::shared_ptr<Acceptor<tcp>> acceptor) : acceptor_(std::move(acceptor)) {}
  ~TcpListener() override { acceptor_->stop(); }
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;
  void use(std::shared_ptr<asio::ssl::context> tls) override { acceptor_->use(std::move(tls)); }

 private:
  std::shared_ptr<Acceptor<tcp>> acceptor_;
};

// Under another name first, so that nobody meets a socket with other rights, and what is left of one is replaced.
void make_socket(stream_protocol::acceptor& acceptor, const std::string& path,
                 const std::optional<std::string>& group) {
  const auto unfinished = path + ".new" + std::to_string(::getpid());
  ::unlink(unfinished.c_str());
  error_code error;
  acceptor.open(stream_protocol());
  acceptor.bind(stream_protocol::endpoint(unfinished), error);
  if (error) fail(path, error.value());
  int wrong = 0;
  if (group && ::lchown(unfinished.c_str(), static_cast<uid_t>(-1), group_named(*group)) != 0) wrong = errno;
  if (wrong == 0 && ::chmod(unfinished.c_str(), socket_mode) != 0) wrong = errno;
  if (wrong == 0 && ::listen(acceptor.native_handle(), SOMAXCONN) != 0) wrong = errno;
  if (wrong == 0 && ::rename(unfinished.c_str(), path.c_str()) != 0) wrong = errno;
  if (wrong == 0) return;
  ::unlink(unfinished.c_str());
  fail(path, wrong);
}

}  // namespace

gid_t group_named(const std::string& name) {
  std::vector<char> buffer(65536);
  group entry{};
  group* found = nullptr;
  ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) throw std::runtime_error("`socket_group`: there is no group " + name);
  return found->gr_gid;
}

Place place_of(const config::Configuration& configuration) {
  if (!configuration.console) return {};
  const auto& console = *configuration.console;
  return {.address = console.listen,
          .tls = console.tls,
          .socket_group = console.socket_group,
          .by_default = console.by_default};
}

std::unique_ptr<Listener> listen_at(asio::io_context& io, const Place& place, std::shared_ptr<asio::ssl::context> tls,
                                    Exchange& exchange, std::function<void(const std::string&)> on_failure) {
  if (const auto* address = std::get_if<config::UnixAddress>(&place.address)) {
    const auto path = address->path.string();
    if (is_served(io, path)) throw std::runtime_error(path + ": another process serves there");
    const auto acceptor = std::make_shared<Acceptor<stream_protocol>>(io, nullptr, exchange, std::move(on_failure));
    make_socket(acceptor->socket(), path, place.socket_group);
    acceptor->accept();
    return std::make_unique<UnixListener>(acceptor, path);
  }
  const auto& address = std::get<config::TcpAddress>(place.address);
  const auto acceptor = std::make_shared<Acceptor<tcp>>(io, std::move(tls), exchange, std::move(on_failure));
  const tcp::endpoint endpoint(asio::ip::make_address(address.host), address.port);
  error_code error;
  acceptor->socket().open(endpoint.protocol());
  acceptor->socket().set_option(asio::socket_base::reuse_address(true));
  acceptor->socket().bind(endpoint, error);
  if (!error) acceptor->socket().listen(asio::socket_base::max_listen_connections, error);
  if (error) fail(config::to_string(place.address), error.value());
  acceptor->accept();
  return std::make_unique<TcpListener>(acceptor);
}

std::shared_ptr<asio::ssl::context> open_tls(const config::ConsoleTls& files) {
  auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
  const auto check = [](const error_code& error, const std::filesystem::path& file) {
    if (error) throw std::runtime_error(file.string() + ": " + error.message());
  };
  error_code error;
  tls->use_certificate_chain_file(files.certificate_file.string(), error);
  check(error, files.certificate_file);
  tls->use_private_key_file(files.private_key_file.string(), asio::ssl::context::pem, error);
  check(error, files.private_key_file);
  return tls;
}

}  // namespace dvsync::console
