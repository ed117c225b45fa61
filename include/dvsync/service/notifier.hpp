#pragma once
// Tells people about alarms (docs/alarms.md), beside the runs.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "dvsync/service/component.hpp"
#include "dvsync/service/log.hpp"

namespace dvsync::service {

// One thread, with a session of its own: it looks where everything stands after each run and now and then, queues what
// is due, and delivers what is queued. A place that hangs keeps other places waiting, but never a run.
class Notifier : public Component {
 public:
  // `log` is the caller's, and outlives this.
  explicit Notifier(Log& log);
  ~Notifier() override;
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  void start(std::shared_ptr<const config::Configuration> configuration, store::Lease& lease) override;
  // A message on its way is given up, and sent again by whoever works next.
  void stop() override;
  // A run has ended. Any thread.
  void wake();

 private:
  class Round;
  void work(const std::stop_token& stop, Round& round);

  Log& log_;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  bool look_ = false;  // guarded by mutex_
  std::unique_ptr<Round> round_;
  std::jthread thread_;  // last: ends first
};

}  // namespace dvsync::service
