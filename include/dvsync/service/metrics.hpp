#pragma once
// Numbers for Prometheus, as a text file for node_exporter's textfile collector. docs/operating.md names them all.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "dvsync/service/agenda.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::service {

class Metrics : public sync::Observer {
 public:
  using Time = std::chrono::system_clock::time_point;

  explicit Metrics(std::function<Time()> clock = std::chrono::system_clock::now);
  ~Metrics() override;

  void merged(const sync::PullReport& pull) override;
  void committed(const std::string& name, std::int64_t run_id, const sync::CommittedChanges& changes) override;
  void environment_ends(std::int64_t run_id, const sync::EnvironmentReport& report) override;
  void run_ended(bool went_through);

  [[nodiscard]] std::string text() const;
  // Replaces the file by a whole one. Why that was not possible, else nullopt: numbers never end a run.
  [[nodiscard]] std::optional<std::string> write(const std::filesystem::path& file) const;

 private:
  class Families;
  std::function<Time()> clock_;
  std::unique_ptr<Families> families_;
  std::optional<Time> pull_began_;
  std::map<std::string, Time> in_line_since_;  // by environment: when the reading of what it reflects began
};

}  // namespace dvsync::service
