#pragma once
// Pieces of work between a thread that makes them and one that uses them. Emptied pieces go back, so that their memory
// is used again. Private to sync.

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace dvsync::sync {

// `Piece` has clear().
template <class Piece>
class Handover {
 public:
  static constexpr std::size_t most = 2;

  // False: nobody takes pieces any more.
  bool put(Piece& piece, const std::stop_token& abandoned) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, abandoned, [&] { return full_.size() < most; })) return false;
    full_.push_back(std::move(piece));
    if (spare_.empty()) {
      piece = {};
    } else {
      piece = std::move(spare_.front());
      spare_.pop_front();
    }
    changed_.notify_all();
    return true;
  }
  void end(std::exception_ptr failure) {
    const std::scoped_lock lock(mutex_);
    failure_ = std::move(failure);
    ended_ = true;
    changed_.notify_all();
  }
  // False: that was all. Rethrows what the maker met, once everything before it is taken.
  bool take(Piece& piece) {
    piece.clear();  // by who has less to do: making pieces takes longer than using them
    std::unique_lock lock(mutex_);
    if (spare_.size() < most) spare_.push_back(std::move(piece));
    changed_.wait(lock, [&] { return ended_ || !full_.empty(); });
    if (full_.empty()) {
      if (failure_) std::rethrow_exception(failure_);
      return false;
    }
    piece = std::move(full_.front());
    full_.pop_front();
    changed_.notify_all();
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Piece> full_;
  std::deque<Piece> spare_;
  std::exception_ptr failure_;
  bool ended_ = false;
};

// Makes pieces ahead, on a thread of its own, while the ones before are worked on. `make` fills the piece it is given;
// false: there are no more.
template <class Piece>
class Ahead {
 public:
  explicit Ahead(std::function<bool(Piece&)> make)
      : make_(std::move(make)), thread_([this](const std::stop_token& abandoned) { go_on(abandoned); }) {}

  // As Handover::take().
  bool take(Piece& piece) { return pieces_.take(piece); }

 private:
  void go_on(const std::stop_token& abandoned) {
    try {
      Piece piece;
      while (make_(piece)) {
        if (!pieces_.put(piece, abandoned)) return;
      }
      pieces_.end(nullptr);
    } catch (...) {
      pieces_.end(std::current_exception());
    }
  }

  std::function<bool(Piece&)> make_;
  Handover<Piece> pieces_;
  std::jthread thread_;
};

}  // namespace dvsync::sync
