#pragma once
// Chunks of work between a thread that makes them and one that uses them. Emptied chunks go back, so that their memory
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

// `Chunk` has clear().
template <class Chunk>
class BoundedQueue {
 public:
  static constexpr std::size_t most = 2;

  // False: nobody takes chunks any more.
  bool put(Chunk& chunk, const std::stop_token& abandoned) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, abandoned, [&] { return full_.size() < most; })) return false;
    full_.push_back(std::move(chunk));
    if (spare_.empty()) {
      chunk = {};
    } else {
      chunk = std::move(spare_.front());
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
  bool take(Chunk& chunk) {
    chunk.clear();  // by who has less to do: making chunks takes longer than using them
    std::unique_lock lock(mutex_);
    if (spare_.size() < most) spare_.push_back(std::move(chunk));
    changed_.wait(lock, [&] { return ended_ || !full_.empty(); });
    if (full_.empty()) {
      if (failure_) std::rethrow_exception(failure_);
      return false;
    }
    chunk = std::move(full_.front());
    full_.pop_front();
    changed_.notify_all();
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Chunk> full_;
  std::deque<Chunk> spare_;
  std::exception_ptr failure_;
  bool ended_ = false;
};

// Makes chunks ahead, on a thread of its own, while the ones before are worked on. `make` fills the chunk it is given;
// false: there are no more.
template <class Chunk>
class Prefetcher {
 public:
  explicit Prefetcher(std::function<bool(Chunk&)> make)
      : make_(std::move(make)), thread_([this](const std::stop_token& abandoned) { go_on(abandoned); }) {}

  // As BoundedQueue::take().
  bool take(Chunk& chunk) { return queue_.take(chunk); }

 private:
  void go_on(const std::stop_token& abandoned) {
    try {
      Chunk chunk;
      while (make_(chunk)) {
        if (!queue_.put(chunk, abandoned)) return;
      }
      queue_.end(nullptr);
    } catch (...) {
      queue_.end(std::current_exception());
    }
  }

  std::function<bool(Chunk&)> make_;
  BoundedQueue<Chunk> queue_;
  std::jthread thread_;
};

}  // namespace dvsync::sync
