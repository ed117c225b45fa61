#pragma once
// The thread that does everything that blocks: a step at a time, each result posted back. Private to service.

#include <boost/asio.hpp>
#include <exception>
#include <string>
#include <utility>
#include <variant>

#include "dvsync/error.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::service {

// Why a step of the worker came to nothing.
struct StepFailure {
  std::string why;
  bool interrupted = false;
};

// Used by the thread that runs `io`, which outlives this.
class WorkerThread {
 public:
  explicit WorkerThread(boost::asio::io_context& io) : io_(io) {}

  // A step is under way, or its result is.
  [[nodiscard]] bool busy() const { return busy_; }

  // Runs `step` on the thread, then `done` with what it returned, or with its StepFailure, on `io`.
  template <class Step, class Done>
  void begin(Step step, Done done) {
    busy_ = true;
    boost::asio::post(thread_, [this, step = std::move(step), done = std::move(done)] {
      auto result = attempt(step);
      boost::asio::post(io_, [this, done, result = std::move(result)] {
        busy_ = false;
        done(result);
      });
    });
  }

  void join() { thread_.join(); }

 private:
  // The one place where exceptions of the work end.
  template <class Step>
  static auto attempt(const Step& step) -> std::variant<decltype(step()), StepFailure> {
    try {
      return step();
    } catch (const Interrupted& stopped) {
      return StepFailure{.why = stopped.what(), .interrupted = true};
    } catch (const std::exception& error) {
      return StepFailure{.why = words_of(error)};
    }
  }

  boost::asio::io_context& io_;
  bool busy_ = false;
  boost::asio::thread_pool thread_{1};
};

}  // namespace dvsync::service
