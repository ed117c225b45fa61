#pragma once
// What a run tells: to the terminal, to the journal, to whoever called it.

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dvsync/core/counters.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/store/run_log.hpp"
#include "dvsync/store/staging.hpp"

namespace dvsync::sync {

// Why something failed, as far as whoever called has to tell it apart.
enum class FailureCause : std::uint8_t {
  none,           // it did not fail, or passes by itself: another dvsync took over
  refused,        // a saved plan is not what would be done now
  incomplete,     // it goes through, but for what a missing fact decides
  unavailable,    // could not be reached or read
  denied,         // a role, or the credentials, lack a right
  configuration,  // not migrated, or not as the rules need it
};
// As sysexits.h numbers them. The causes stand in the order of their weight: what is wrong for good is the heaviest.
[[nodiscard]] int exit_code_of(FailureCause cause);

// What a plan was made on: while this is the same, and the rows are, the same is decided.
struct PlanBasis {
  core::Guid mirror_id = {};
  std::int64_t mirror_version = 0;
  std::optional<core::Guid> mark = {};  // of that version
  std::string schema = {};
  std::uint64_t settings = 0;   // a hash of the configuration that decides
  std::uint64_t knowledge = 0;  // a hash of what the directory and the environment cannot tell
};

struct EnvironmentReport {
  std::string name;
  store::RunKind kind = store::RunKind::incremental;
  store::Outcome outcome = store::Outcome::succeeded;
  core::Counters counters;
  store::ClassCounts wanted{};  // unapproved guarded decisions of this run, by class
  std::array<bool, core::guard_class_count> held_classes{};
  std::vector<std::string> held_because;  // the guard's arithmetic, a sentence for each class that is held
  std::vector<std::string> missing;
  std::vector<std::string> warnings;
  std::string error;  // why it failed
  FailureCause cause = FailureCause::none;
  std::string why_full;  // why everything was evaluated
  // The mirror was ahead of this environment before the run's own pull: `plan`, a look-up or a run of other
  // environments had read these changes.
  bool was_behind = false;
  bool caught_up = false;  // it is in line with the mirror's version now
  std::chrono::milliseconds duration{0};
  PlanBasis basis = {};  // of a plan
};

struct PullReport {
  std::chrono::steady_clock::time_point began = {};
  std::uint64_t records = 0;
  std::int64_t version_before = 0;  // of the mirror
  store::MergeReport merge;
  std::vector<std::string> warnings;
  std::chrono::milliseconds staged{0};    // from the start until the last record was staged …
  std::chrono::milliseconds duration{0};  // … and until the mirror was merged
};

struct RunReport {
  std::int64_t run_id = 0;
  std::optional<PullReport> pull;  // nullopt: none was made
  std::string pull_error;          // why it failed
  FailureCause pull_cause = FailureCause::unavailable;
  std::string note;  // "planned on the mirror of 12:30: …"
  std::vector<EnvironmentReport> environments;
  std::vector<std::string> in_line;  // environments that had nothing to do, and were not opened

  // sysexits.h: 0; 69, 77 or 78 by cause where the pull or every environment failed, 69 where only some did; 75 held,
  // incomplete or interrupted.
  [[nodiscard]] int exit_code() const;
};

[[nodiscard]] inline std::chrono::milliseconds elapsed_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
}

// A change that is in the table and in the sync log for good.
struct CommittedChange {
  core::Decision action = core::Decision::update;
  core::Reason reason = core::Reason::entitled;
  core::Guid object_id;
  core::Text user;                 // the row's user name
  std::vector<std::string> notes;  // held, approved
};

// Those of one transaction. All are counted; beyond the first few thousand they are not listed one by one, so that a
// run that changes a million rows in one transaction fits in memory (the sync log has them all).
struct CommittedChanges {
  static constexpr std::size_t most_listed = 10'000;
  int batch_no = 0;
  std::vector<CommittedChange> listed;
  std::map<std::pair<core::Decision, core::Reason>, std::int64_t> counted;

  void add(const core::Change& change, const std::vector<std::string>& notes);
};

// A user of a plan whose decision the guard counts.
struct GuardedUser {
  core::Guid object_id;
  core::Text user;  // the row's user name
  core::GuardClass guard_class = core::GuardClass::stated;
  bool undecided = false;               // an earlier run holds it, and nobody can tell whether it is still wanted
  std::optional<core::Change> instead;  // what is written if the guard holds the decision
};

// What happens while it happens. Calls come from several threads, one at a time.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void waiting_for(const std::string& /*holder*/) {}
  // PostgreSQL has no session to give at the moment; `why` are its words.
  virtual void waiting_for_session(const std::string& /*why*/) {}
  virtual void pulled(std::uint64_t /*records so far*/) {}
  // Everything was read; taking it over may last.
  virtual void merging() {}
  virtual void merged(const PullReport&) {}
  // So many environments have nothing to do, and are not opened.
  virtual void in_line(std::int64_t /*run_id*/, std::size_t /*environments*/) {}
  // `expected`: how many identities will be looked at, at most; 0: that is not known.
  virtual void environment_begins(const std::string& /*name*/, std::int64_t /*run_id*/, std::int64_t /*expected*/) {}
  virtual void progress(const std::string& /*name*/, const core::Counters&) {}
  // Of a plan: a change that a run would make.
  virtual void changed(const std::string& /*name*/, std::int64_t /*run_id*/, const core::Change&,
                       const std::vector<std::string>& /*notes*/) {}
  // Of a run: changes that were made.
  virtual void committed(const std::string& /*name*/, std::int64_t /*run_id*/, const CommittedChanges&) {}
  // Of a plan: a user whose decision is the guard's; held if the report says that its class is.
  virtual void may_be_held(const std::string& /*name*/, const GuardedUser&) {}
  virtual void rejected(const std::string& /*name*/, std::int64_t /*run_id*/,
                        const std::optional<core::Guid>& /*object_id*/, const core::Text& /*user*/,
                        const std::string& /*reason*/, const std::string& /*detail*/) {}
  virtual void environment_ends(std::int64_t /*run_id*/, const EnvironmentReport&) {}
};

}  // namespace dvsync::sync
