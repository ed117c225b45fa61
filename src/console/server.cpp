#include "server.hpp"

#include <algorithm>
#include <utility>

#include "dvsync/error.hpp"
#include "dvsync/service/signals_blocked.hpp"

namespace dvsync::console {
namespace {

namespace asio = boost::asio;

constexpr const char* listening = "console";

// The folder of the default is the unit's to make: who runs the daemon by hand has none, and did not ask for it.
bool has_no_folder(const Place& place) {
  const auto* address = std::get_if<config::UnixAddress>(&place.address);
  std::error_code error;
  return place.by_default && address != nullptr && !std::filesystem::is_directory(address->path.parent_path(), error);
}

// A request that one of the threads answers. Whoever asked is told once: the answer, or that it takes too long.
struct Turn : std::enable_shared_from_this<Turn> {
  Turn(asio::io_context& io, std::function<void(Answer)> to_be_told) : done(std::move(to_be_told)), timer(io) {}

  void at_most(std::chrono::milliseconds time) {
    timer.expires_after(time);
    timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (error) return;
      self->ends.request_stop();
      self->tell(refusal(503, "too_slow", "this takes too long: ask for less"));
    });
  }
  void tell(Answer answer) {
    if (const auto tells = std::exchange(done, nullptr)) tells(std::move(answer));
  }

  std::function<void(Answer)> done;
  std::stop_source ends;
  asio::steady_timer timer;
};

}  // namespace

Server::Server(Handler& handler, service::Log& log, const Limits& limits)
    : handler_(handler), log_(log), limits_(limits), failures_(log), workers_(limits.threads) {
  const service::SignalsBlocked blocked;
  thread_ = std::thread([this] { io_.run(); });
}

// Where there is no memory to tell the threads to end, the process ends.
Server::~Server() {  // NOLINT(bugprone-exception-escape)
  stop_.request_stop();
  asio::post(io_, [this] {
    listener_.reset();
    for (auto* connection : std::vector(connections_.begin(), connections_.end())) connection->close();
  });
  workers_.join();
  work_.reset();
  asio::post(io_, [this] { io_.stop(); });
  thread_.join();
}

void Server::listen(Place place) {
  asio::post(io_, [this, place = std::move(place)]() mutable { move_to(std::move(place)); });
}

void Server::move_to(Place place) {
  const bool stays = listener_ && place.address == place_.address && place.socket_group == place_.socket_group &&
                     place.tls.has_value() == place_.tls.has_value();
  place_ = std::move(place);
  retry_.cancel();
  if (!stays) listener_.reset();
  if (!std::holds_alternative<std::monostate>(place_.address)) open();
}

void Server::open() {
  const auto now = std::chrono::steady_clock::now();
  try {
    if (has_no_folder(place_)) {
      if (!std::exchange(told_that_there_is_no_folder_, true)) {
        log_.info("nothing listens at " + config::to_string(place_.address) + ": there is no such folder");
      }
      return try_again();
    }
    auto tls = place_.tls ? open_tls(*place_.tls) : nullptr;
    if (listener_) return listener_->use(std::move(tls));
    listener_ = listen_at(io_, place_, std::move(tls), *this, [this](const std::string& why) {
      failures_.failed(listening, why, std::chrono::steady_clock::now());
    });
    failures_.succeeded(listening, now);
    log_.info("listening at " + config::to_string(place_.address));
  } catch (const std::exception& error) {
    failures_.failed(listening, words_of(error), now);
    try_again();
  }
}

void Server::try_again() {
  retry_.expires_after(limits_.retry);
  retry_.async_wait([this](const boost::system::error_code& error) {
    if (!error) open();
  });
}

void Server::take(Request request, std::function<void(Answer)> done) {
  if (auto answer = handler_.answer_at_once(request)) return done(*std::move(answer));
  if (pending_ >= limits_.pending) {
    auto busy = refusal(503, "busy", "too much is asked at once");
    busy.headers.emplace_back("Retry-After", "1");
    return done(std::move(busy));
  }
  ++pending_;
  const auto turn = std::make_shared<Turn>(io_, std::move(done));
  turn->at_most(limits_.answer);
  workers_.post([this, request = std::move(request), turn] {
    auto answer = attempt(request, turn->ends);
    asio::post(io_, [this, turn, answer = std::move(answer)]() mutable {
      --pending_;
      turn->timer.cancel();
      turn->tell(std::move(answer));
    });
  });
}

Answer Server::attempt(const Request& request, std::stop_source& ends) {
  const std::stop_callback with_the_server(stop_.get_token(), [&ends] { ends.request_stop(); });
  try {
    if (stop_.stop_requested()) return refusal(503, "stopping", "the daemon stops");
    return handler_.answer(request, ends.get_token());
  } catch (const Interrupted&) {
    return refusal(503, "stopping", "the daemon stops");
  } catch (const std::exception& error) {
    log_.error("a request to the console failed: " + words_of(error));
    return refusal(500, "failed", "this is a fault of dvsync; its log says more");
  }
}

void Server::entered(Connection& connection) {
  if (connections_.size() >= limits_.connections) make_room();
  connections_.insert(&connection);
}

// Whoever let us wait longest has had their time.
void Server::make_room() {
  Connection* longest = nullptr;
  for (auto* connection : connections_) {
    const auto since = connection->waiting_since();
    if (since && (longest == nullptr || *since < *longest->waiting_since())) longest = connection;
  }
  if (longest != nullptr) longest->close();
}

}  // namespace dvsync::console
