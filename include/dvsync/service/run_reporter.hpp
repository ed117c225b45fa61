#pragma once
// Tells the log what happens in runs, while it happens. What every run would say again (rejected users, warnings,
// missing facts) is said when it is new.

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "dvsync/service/log.hpp"
#include "dvsync/service/worker.hpp"
#include "dvsync/sync/report.hpp"

namespace dvsync::service {

class RunReporter : public sync::Observer {
 public:
  // Changes beyond this in one run of one environment are not lines of the log: the sync log has them all.
  static constexpr std::int64_t most_lines = 10'000;

  RunReporter(Log& log, Progress& progress) : log_(log), progress_(progress) {}

  void waiting_for(const std::string& holder) override;
  void waiting_for_session(const std::string& why) override;
  void pulled(std::uint64_t records) override;
  void merged(const sync::PullReport& pull) override;
  void in_line(std::int64_t run_id, std::size_t environments) override;
  void environment_begins(const std::string& name, std::int64_t run_id, std::int64_t expected) override;
  void progress(const std::string& name, const core::Counters& counters) override;
  void committed(const std::string& name, std::int64_t run_id, const sync::CommittedChanges& changes) override;
  void rejected(const std::string& name, std::int64_t run_id, const std::optional<core::Guid>& object_id,
                const core::Text& user, const std::string& reason, const std::string& detail) override;
  void environment_ends(std::int64_t run_id, const sync::EnvironmentReport& report) override;

 private:
  struct Said {
    std::set<std::string> before;  // by the last run
    std::set<std::string> now;
    std::int64_t lines = 0;
  };
  // Whether this is news; remembered for the next run.
  [[nodiscard]] static bool is_new(Said& said, const std::string& what);
  void tell_attention(std::int64_t run_id, const sync::EnvironmentReport& report);

  Log& log_;
  Progress& progress_;
  std::map<std::string, Said> said_;  // by environment
};

}  // namespace dvsync::service
