#pragma once
// Numbers for Prometheus: a text file for node_exporter's textfile collector, and the console's /metrics.
// docs/operating.md names them all.
//
// Runs are counted while they happen. How everything stands is read of the databases after each run, and told with the
// judgement that `dvsync status` tells.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/service/health.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::service {

// What is so at the moment when somebody asks.
struct Moment {
  std::int64_t sessions = 0;  // with databases
  std::optional<std::chrono::system_clock::time_point> next_run = {};
};

class Metrics : public sync::Observer {
 public:
  using Time = std::chrono::system_clock::time_point;

  explicit Metrics(
      std::function<Time()> clock = std::chrono::system_clock::now,
      std::function<Moment()> moment = [] { return Moment(); });
  ~Metrics() override;

  void merged(const sync::PullReport& pull) override;
  void committed(const std::string& name, std::int64_t run_id, const sync::CommittedChanges& changes) override;
  void environment_ends(std::int64_t run_id, const sync::EnvironmentReport& report) override;
  void run_ended(bool went_through);

  // Counters of these environments begin at zero, so that an alert sees the first failure as an increase.
  void begin_at_zero(const config::Configuration& configuration);
  // How everything stands now, instead of what was told before.
  void set_status(const Status& status, const std::vector<Finding>& findings);

  // Any thread may ask, whatever the others do.
  [[nodiscard]] std::string text() const;
  // Replaces the file by a whole one. Why that was not possible, else nullopt: numbers never end a run.
  [[nodiscard]] std::optional<std::string> write(const std::filesystem::path& file) const;

 private:
  class Families;
  class Snapshot;
  std::function<Time()> clock_;
  std::function<Moment()> moment_;
  std::unique_ptr<Families> families_;
  mutable std::mutex mutex_;
  std::shared_ptr<Snapshot> snapshot_;  // guarded by mutex_; what it points to does not change
  std::optional<Time> pull_began_;
  std::map<std::string, Time> in_line_since_;  // by environment: when the reading of what it reflects began
};

}  // namespace dvsync::service
