#pragma once
// A run in the foreground, of `sync` and `approve`: who is told while it works, and what is printed at its end.

#include "command.hpp"
#include "dvsync/service/observers.hpp"
#include "dvsync/service/run_reporter.hpp"
#include "dvsync/service/worker.hpp"
#include "terminal/progress.hpp"

namespace dvsync::cli {

// Every change as a line of the log, as the daemon writes them: for a pipe, where no progress bar stands in the way.
class ChangeLines : public sync::Observer {
 public:
  explicit ChangeLines(const config::Configuration& configuration)
      : log_(service::make_sink(configuration.log.format, false)), reporter_(log_, progress_) {}

  void committed(const std::string& name, std::int64_t run_id, const sync::CommittedChanges& changes) override {
    reporter_.committed(name, run_id, changes);
  }

 private:
  service::Log log_;
  service::Progress progress_;
  service::RunReporter reporter_;
};

// Who is told of a run in the foreground: the progress, and in a pipe the lines of its changes. To be gone before the
// result is printed.
class Foreground {
 public:
  Foreground(Output& err, const config::Configuration& configuration)
      : progress_(make_progress(err, Work::run)), lines_(configuration), observers_(told(err.terminal())) {}
  [[nodiscard]] sync::Observer& observer() { return observers_; }

 private:
  std::vector<sync::Observer*> told(bool terminal) {
    if (terminal) return {progress_.get()};
    return {progress_.get(), &lines_};
  }

  std::unique_ptr<sync::Observer> progress_;
  ChangeLines lines_;
  service::Observers observers_;
};

// Prints how a run ended, and returns its exit code.
[[nodiscard]] int tell(const Context& context, const config::Configuration& configuration,
                       const sync::RunReport& report, bool json);

}  // namespace dvsync::cli
