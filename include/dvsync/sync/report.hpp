#pragma once
// What a run tells: to the terminal, to the journal, to whoever called it.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/core/counters.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/store/run_log.hpp"
#include "dvsync/store/staging.hpp"

namespace dvsync::sync {

struct EnvironmentReport {
  std::string name;
  store::RunKind kind = store::RunKind::incremental;
  store::Outcome outcome = store::Outcome::succeeded;
  core::Counters counters;
  store::ClassCounts wanted{};  // unapproved guarded decisions of this run, by class
  std::array<bool, core::guard_class_count> held_classes{};
  std::vector<std::string> missing;
  std::vector<std::string> warnings;
  std::string error;         // why it failed
  bool unavailable = false;  // it failed because something could not be reached
  std::string why_full;      // why everything was evaluated
  std::chrono::milliseconds duration{0};
};

struct PullReport {
  std::uint64_t records = 0;
  store::MergeReport merge;
  std::vector<std::string> warnings;
  std::chrono::milliseconds staged{0};    // from the start until the last record was staged …
  std::chrono::milliseconds duration{0};  // … and until the mirror was merged
};

struct RunReport {
  std::int64_t run_id = 0;
  std::optional<PullReport> pull;  // nullopt: none was made
  std::string pull_error;          // why it failed
  std::string note;                // "planned on the mirror of 12:30: …"
  std::vector<EnvironmentReport> environments;

  // sysexits.h: 0, 69 unavailable, 75 held, incomplete or interrupted.
  [[nodiscard]] int exit_code() const;
};

// What happens while it happens. Calls come from several threads, one at a time.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void waiting_for(const std::string& /*holder*/) {}
  virtual void pulled(std::uint64_t /*records so far*/) {}
  virtual void merged(const PullReport&) {}
  // `expected`: how many identities will be looked at, at most.
  virtual void environment_begins(const std::string& /*name*/, std::int64_t /*run_id*/, std::int64_t /*expected*/) {}
  virtual void progress(const std::string& /*name*/, const core::Counters&) {}
  virtual void changed(const std::string& /*name*/, std::int64_t /*run_id*/, const core::Change&,
                       const std::vector<std::string>& /*notes*/) {}
  virtual void rejected(const std::string& /*name*/, std::int64_t /*run_id*/, const core::Text& /*user*/,
                        const std::string& /*reason*/, const std::string& /*detail*/) {}
  virtual void environment_ends(std::int64_t /*run_id*/, const EnvironmentReport&) {}
};

}  // namespace dvsync::sync
