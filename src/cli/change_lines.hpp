#pragma once
// Every change of a run in the foreground as a line of the log, as the daemon writes them: for a pipe, where no
// progress bar stands in the way.

#include "dvsync/service/engine.hpp"
#include "dvsync/service/run_reporter.hpp"

namespace dvsync::cli {

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

}  // namespace dvsync::cli
