#include "cancel.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace dvsync::store {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds tick{100};
constexpr std::chrono::milliseconds between_asks{200};  // and before the first: a statement of a moment goes through
constexpr std::chrono::seconds longest_after_stop{5};   // then the server is silent, not slow
constexpr std::chrono::seconds longest_ask{1};

}  // namespace

Lifeline::Lifeline(PGconn* connection)
    : cancel_(PQgetCancel(connection), &PQfreeCancel), socket_(fcntl(PQsocket(connection), F_DUPFD_CLOEXEC, 0)) {
  if (socket_ < 0) throw std::system_error(errno, std::generic_category(), "a session cannot be watched over");
}

Lifeline::~Lifeline() { close(socket_); }

void Lifeline::ask_to_cancel() const noexcept {
  std::array<char, 256> ignored{};
  if (cancel_) PQcancel(cancel_.get(), ignored.data(), static_cast<int>(ignored.size()));
}

void Lifeline::cut() const noexcept { shutdown(socket_, SHUT_RDWR); }

class Watch::Statement : public std::enable_shared_from_this<Watch::Statement> {
 public:
  Statement(std::shared_ptr<const Lifeline> lifeline, std::stop_token stop, std::chrono::milliseconds limit)
      : lifeline_(std::move(lifeline)),
        stop_(std::move(stop)),
        next_ask_(Clock::now() + between_asks),
        until_(Clock::now() + limit) {}

  // Now and then, on the watchman's thread.
  void look() {
    const auto now = Clock::now();
    if (!stopping_ && now >= next_ask_ && stop_.stop_requested()) {
      stopping_ = true;
      until_ = std::min(until_, now + longest_after_stop);
    }
    if (now >= until_) {
      given_up_ = true;
      lifeline_->cut();
    } else if (stopping_ && now >= next_ask_) {
      next_ask_ = now + between_asks;
      ask();
    }
  }

  // No request is on its way any more, or the session is cut: it must not cancel the statement after this one.
  void settle() {
    std::unique_lock lock(mutex_);
    if (!asked_.wait_for(lock, longest_ask, [this] { return !asking_; })) lifeline_->cut();
  }

  [[nodiscard]] bool given_up() const { return given_up_; }

  // On a thread of its own: a server that cannot be reached takes its time to say so, and nobody else waits for it.
  void ask() {
    const std::scoped_lock lock(mutex_);
    if (asking_) return;
    try {
      std::thread([self = shared_from_this()] {
        self->lifeline_->ask_to_cancel();
        const std::scoped_lock done(self->mutex_);
        self->asking_ = false;
        self->asked_.notify_all();
      }).detach();
      asking_ = true;
    } catch (const std::exception&) {
      // No thread to be had now: the next look tries again.
    }
  }

 private:
  const std::shared_ptr<const Lifeline> lifeline_;
  const std::stop_token stop_;
  Clock::time_point next_ask_;
  Clock::time_point until_;
  bool stopping_ = false;
  std::atomic<bool> given_up_ = false;
  std::mutex mutex_;
  std::condition_variable asked_;
  bool asking_ = false;
};

class Watch::Watchman {
 public:
  static Watchman& of_this_process() {
    static Watchman watchman;
    return watchman;
  }

  void add(std::shared_ptr<Statement> statement) {
    const std::scoped_lock lock(mutex_);
    statements_.push_back(std::move(statement));
    if (std::exchange(idle_, false)) changed_.notify_one();
  }

  void remove(const std::shared_ptr<Statement>& statement) {
    const std::scoped_lock lock(mutex_);
    std::erase(statements_, statement);
  }

 private:
  Watchman() : thread_([this](const std::stop_token& end) { keep_watch(end); }) {}

  // Sleeps while nothing is in hand.
  void keep_watch(const std::stop_token& end) {
    std::unique_lock lock(mutex_);
    while (!end.stop_requested()) {
      idle_ = statements_.empty();
      changed_.wait(lock, end, [this] { return !idle_; });
      changed_.wait_for(lock, end, tick, [] { return false; });
      for (const auto& statement : statements_) statement->look();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::shared_ptr<Statement>> statements_;
  bool idle_ = false;
  std::jthread thread_;
};

Watch::Watch(std::shared_ptr<const Lifeline> lifeline, std::stop_token stop, std::chrono::milliseconds limit)
    : statement_(std::make_shared<Statement>(std::move(lifeline), std::move(stop), limit)) {
  Watchman::of_this_process().add(statement_);
}

Watch::~Watch() {
  Watchman::of_this_process().remove(statement_);
  statement_->settle();
}

void Watch::cancel() const { statement_->ask(); }

bool Watch::gave_up() const { return statement_->given_up(); }

}  // namespace dvsync::store
