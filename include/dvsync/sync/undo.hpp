#pragma once
// Undo: brings the rows that one run changed back to what its log says they were, where nobody changed them since. An
// administrator's act: the guard has no say. What the rules would do again at once is told; a disable among that is put
// on hold like a decision that an operator rejected.

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/core/plan.hpp"
#include "dvsync/sync/engine.hpp"

namespace dvsync::sync {

struct UndoRequest {
  enum class Only : std::uint8_t { everything, disables, updates };

  std::int64_t run_id = 0;
  Only only = Only::everything;
  std::vector<std::string> environments = {};  // empty: all
  std::string comment = {};
  std::string requested_by = {};
  bool wait = true;  // for the lease; false: Busy
};

// A row that is brought back.
struct UndoneRow {
  core::Change change;
  std::optional<core::Change> again = {};  // what the rules would do to it then
  bool on_hold = false;                    // and that is put on hold
};
// A row that stays as it is.
struct LeftRow {
  core::Guid object_id;
  core::Text user;
  std::string why;
};

struct UndoEnvironment {
  std::string name;
  core::Counters counters = {};  // of rows that are brought back; those left as they are count as ignored
  std::int64_t again = 0;        // what the rules would do again …
  std::int64_t on_hold = 0;      // … and of these, what is put on hold
  std::int64_t created = 0;      // rows that the run made: they stay
  std::int64_t undone = 0;       // brought back by an earlier undo
  bool knows_run = false;
  std::string error = {};
  FailureCause cause = FailureCause::none;

  [[nodiscard]] bool partial() const { return counters.ignored > 0 || created > 0; }
};
struct UndoReport {
  std::int64_t run_id = 0;  // of the undo in the log; 0: nothing was written
  std::vector<UndoEnvironment> environments = {};
};

class UndoObserver {
 public:
  virtual ~UndoObserver() = default;
  virtual void waiting_for(const std::string& /*holder*/) {}
  virtual void brings_back(const std::string& /*environment*/, const UndoneRow&) {}
  virtual void leaves(const std::string& /*environment*/, const LeftRow&) {}
  virtual void ends(const UndoEnvironment&) {}
};

// What undo() would do; writes nothing. Both throw UsageError (no environment's log has the run, or it is of a kind
// that cannot be undone), Busy, Interrupted, and StoreError of the mirror.
[[nodiscard]] UndoReport plan_undo(const config::Configuration& configuration, const UndoRequest& request,
                                   UndoObserver& observer, std::stop_token stop);
// A few thousand rows share a transaction. Cut off, it goes on where it was when it is called again.
[[nodiscard]] UndoReport undo(const config::Configuration& configuration, const UndoRequest& request,
                              UndoObserver& observer, std::stop_token stop);

}  // namespace dvsync::sync
