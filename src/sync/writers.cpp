#include "writers.hpp"

namespace dvsync::sync {

Writers::Writers(RunSessions& sessions, const Terms& terms, IdentityRefresher& mirror,
                 std::function<void(const Executed&, const CommittedChanges&)> on_committed)
    : sessions_(sessions), terms_(terms), mirror_(mirror), on_committed_(std::move(on_committed)) {}

Writers::~Writers() {
  for (auto& thread : threads_) thread.request_stop();
  changed_.notify_all();
}

void Writers::submit(Work work) {
  if (terms_.most_threads == 0 || sessions_.serves_few()) return write_at_once(std::move(work));
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return failure_ || queue_.size() < terms_.most_threads; });
  rethrow();
  queue_.push_back(std::move(work));
  // A thread, and its session, only when the ones there are busy: a small run needs one.
  if (threads_.size() < terms_.most_threads && queue_.size() + busy_ > threads_.size()) {
    threads_.emplace_back([this](const std::stop_token& stop) { this->work(stop); });
  }
  changed_.notify_all();
}

void Writers::write_at_once(Work work) {
  if (sessions_.serves_few()) return write(*sessions_.main, std::move(work));
  if (!own_) own_ = sessions_.writer();
  write(*own_, std::move(work));
}

void Writers::finish() {
  if (own_) sessions_.give_back(std::move(own_));
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return failure_ || (queue_.empty() && busy_ == 0); });
  rethrow();
}

void Writers::rethrow() {
  if (failure_) std::rethrow_exception(failure_);
}

void Writers::work(const std::stop_token& stop) {
  try {
    auto connection = sessions_.writer();
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [&] { return !queue_.empty(); })) {
      auto next = std::move(queue_.front());
      queue_.pop_front();
      ++busy_;
      changed_.notify_all();
      lock.unlock();
      write(*connection, std::move(next));
      lock.lock();
      --busy_;
      changed_.notify_all();
    }
    lock.unlock();
    sessions_.give_back(std::move(connection));
  } catch (...) {
    const std::scoped_lock lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
    changed_.notify_all();
  }
}

void Writers::write(store::Connection& connection, Work work) {
  store::Batch batch(connection, terms_.settings, terms_.fence, terms_.run_id, work.batch_no);
  if (&connection == sessions_.main.get()) batch.commit_later();  // the run's last transaction is the one to wait for
  batch.hold_until_end(work.pending);
  batch.remember(work.remembered);
  CommittedChanges changes;
  changes.batch_no = batch.batch_no();
  auto executed = execute(
      batch, terms_.rules, std::move(work.tasks), mirror_,
      [&changes](const auto& change, const auto& notes) { changes.add(change, notes); }, LeftOver::hand_back);
  executed.counters += work.counters;
  executed.rejections.insert(executed.rejections.end(), work.rejections.begin(), work.rejections.end());
  batch.list_rejections(executed.rejections);
  batch.log_batch(executed.counters);
  batch.commit();
  on_committed_(executed, changes);
}

}  // namespace dvsync::sync
