#pragma once
// Writers: threads with a session each that execute batches while the next ones are planned; or, where there are few
// sessions or few candidates, one session of the planning thread. Private to sync.

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "dvsync/store/batch.hpp"
#include "executor.hpp"
#include "run_sessions.hpp"

namespace dvsync::sync {

struct Work {
  int batch_no = 0;
  core::Counters counters;  // of those for whom nothing is to be done
  std::vector<Task> tasks;
  std::vector<store::ListedRejection> rejections;
  std::vector<store::PendingChange> pending;
  std::vector<store::Remembered> remembered;
  [[nodiscard]] std::size_t size() const {
    return tasks.size() + rejections.size() + pending.size() + remembered.size();
  }
  [[nodiscard]] bool writes() const { return size() > 0; }
  // Not beside decisions of the guard, whose lock may be waited for while the rows are held.
  [[nodiscard]] bool may_go_last() const { return pending.empty(); }
  // Few changes among many users share a transaction; not so many that the progress stands still.
  [[nodiscard]] bool is_enough() const { return size() >= 1000 || (writes() && counters.seen >= 20'000); }
};

class Writers {
 public:
  // What all batches of a run have in common.
  struct Terms {
    const core::Environment& rules;
    const store::WriteSettings& settings;
    std::int64_t fence = 0;
    std::int64_t run_id = 0;
    std::size_t most_threads = 2;  // 0: whoever submits writes
  };

  Writers(RunSessions& sessions, const Terms& terms, IdentityRefresher& mirror,
          std::function<void(const Executed&, const CommittedChanges&)> on_committed);
  ~Writers();  // abandons what is queued
  Writers(const Writers&) = delete;
  Writers& operator=(const Writers&) = delete;

  // Blocks while enough is queued. Rethrows what a writer met.
  void submit(Work work);
  // Waits for everything submitted; rethrows.
  void finish();

 private:
  void work(const std::stop_token& stop);
  void write_at_once(Work work);
  void write(store::Connection& connection, Work work);
  void rethrow();

  RunSessions& sessions_;
  Terms terms_;
  IdentityRefresher& mirror_;
  std::function<void(const Executed&, const CommittedChanges&)> on_committed_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Work> queue_;
  std::size_t busy_ = 0;
  std::exception_ptr failure_;
  std::unique_ptr<store::Connection> own_;  // of whoever submits
  std::vector<std::jthread> threads_;       // last: joined first
};

}  // namespace dvsync::sync
