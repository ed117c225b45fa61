#pragma once
// What the tests of the service share.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "dvsync/service/log.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::service::test {

// A log that remembers.
class RecordedLog {
 public:
  Log log{std::make_unique<Recorder>(*this), Priority::debug};

  [[nodiscard]] std::vector<std::string> lines() const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> lines;
    for (const auto& entry : entries_) lines.push_back(entry.message);
    return lines;
  }
  [[nodiscard]] std::vector<Entry> entries() const {
    const std::scoped_lock lock(mutex_);
    return entries_;
  }
  [[nodiscard]] bool says(const std::string& words) const {
    for (const auto& line : lines()) {
      if (line.find(words) != std::string::npos) return true;
    }
    return false;
  }

 private:
  class Recorder : public Sink {
   public:
    explicit Recorder(RecordedLog& owner) : owner_(owner) {}
    void write(const Entry& entry) override {
      const std::scoped_lock lock(owner_.mutex_);
      owner_.entries_.push_back(entry);
    }

   private:
    RecordedLog& owner_;
  };

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

inline sync::EnvironmentReport environment(const std::string& name) {
  sync::EnvironmentReport report;
  report.name = name;
  return report;
}

inline sync::RunReport run(std::int64_t run_id, std::vector<sync::EnvironmentReport> environments) {
  sync::RunReport report;
  report.run_id = run_id;
  report.environments = std::move(environments);
  return report;
}

inline sync::EnvironmentReport failed_environment(const std::string& name, const std::string& why) {
  auto report = environment(name);
  report.outcome = store::Outcome::failed;
  report.error = why;
  return report;
}

}  // namespace dvsync::service::test
