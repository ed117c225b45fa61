#pragma once
// Sessions: those of one environment's run, and those that are opened for more than one use. Private to sync.

#include <map>
#include <memory>

#include "candidates.hpp"
#include "dvsync/config/configuration.hpp"
#include "dvsync/store/open.hpp"
#include "dvsync/sync/environment_run.hpp"

namespace dvsync::sync {

// Sessions that were opened on the way to a run and that it may go on with: opening one takes longer than looking at
// one user. One thread at a time.
class SpareSessions {
 public:
  // `environment`: nullptr for the mirror. Its schema's version has been checked.
  void keep(const config::Environment* environment, std::unique_ptr<store::Connection> session);
  // nullptr: there is none.
  [[nodiscard]] std::unique_ptr<store::Connection> take(const config::Environment* environment);

 private:
  std::map<const config::Environment*, std::unique_ptr<store::Connection>> sessions_;
};

// Those of one environment's run, or dry run.
class RunSessions {
 public:
  // Connects to the mirror and the environment, or takes spare sessions of the context, and checks both versions.
  RunSessions(const RunContext& context, const config::Environment& environment);

  [[nodiscard]] std::unique_ptr<store::Connection> writer() const;  // one more to the environment, for batches
  // Of their own, since everything else goes on while candidates are read.
  [[nodiscard]] ReadingSessions reading();

  std::unique_ptr<store::Connection> mirror;  // short queries
  std::unique_ptr<store::Connection> main;    // to the environment: short queries, the first and the last transaction

 private:
  [[nodiscard]] std::unique_ptr<store::Connection> spare_session(const config::Environment* of) const;

  const RunContext& context_;
  const config::Environment& environment_;
  store::SessionOptions options_;
  std::unique_ptr<store::Connection> mirror_reading_;
  std::unique_ptr<store::Connection> reading_;
};

}  // namespace dvsync::sync
