#pragma once
// Ctrl-C and SIGTERM, while a run is under way: the first asks it to stop in good order, the second ends the program at
// once (which the next run survives). A reader that goes away (SIGPIPE) does not end a run.

#include <array>
#include <csignal>
#include <stop_token>
#include <thread>

namespace dvsync::cli {

class StopSignals {
 public:
  // Before any other thread is started: they inherit the blocked signals.
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  void watch();

  sigset_t before_{};
  int signals_ = -1;                // signalfd
  std::array<int, 2> end_{-1, -1};  // a pipe, closed once nobody needs the signals any more
  std::stop_source stop_;
  std::thread thread_;
};

}  // namespace dvsync::cli
