#pragma once
// Giving the records that one row of systemuser owns to another one (docs/rules.md D21): an administrator's act, beside
// whatever run there may be.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dvsync/config/configuration.hpp"
#include "dvsync/store/record_ownership.hpp"
#include "dvsync/store/user_references.hpp"

namespace dvsync::sync {

struct ReassignedTable {
  std::string name;
  std::int64_t records = 0;  // moved; of a dry run: that would be
  std::string error;         // why the table did not take it, or not all of it
};

struct Reassigned {
  store::RowReference from;
  store::RowReference to;
  std::optional<std::int64_t> run_id;  // of the log; nullopt: nothing was moved
  std::vector<ReassignedTable> tables;

  [[nodiscard]] std::int64_t records() const;
  [[nodiscard]] bool refused() const;  // by any table
};

class RecordReassigner {
 public:
  struct Options {
    std::vector<std::string> tables = {};  // empty: all that there are
    bool dry_run = false;
  };
  using OnProgress = std::function<void(const std::string& table, std::int64_t done, std::int64_t expected)>;

  // Connects with `migrate_connection` where there is one: the daemon's role has no rights on these tables. Throws
  // StoreError, and UsageError for a table that is not user-owned.
  RecordReassigner(const config::Configuration& configuration, const config::Environment& environment, Options options,
                   std::string requested_by, std::stop_token stop);

  // Each of the two by systemuserid, object id or user name. Some records a transaction, so that what was moved stays
  // moved, and a second time moves the rest. Throws UsageError, StoreError, Interrupted.
  [[nodiscard]] Reassigned reassign(const std::string& source, const std::string& target,
                                    const OnProgress& on_progress);

 private:
  [[nodiscard]] ReassignedTable move_all(const store::OwnedTable& table, Reassigned& reassigned,
                                         const store::Reassignment& reassignment, const OnProgress& on_progress);

  const config::Configuration& configuration_;
  const config::Environment& environment_;
  Options options_;
  std::string requested_by_;
  std::stop_token stop_;
  std::unique_ptr<store::Connection> mirror_;
  std::unique_ptr<store::Connection> session_;
  std::vector<store::OwnedTable> tables_;
};

}  // namespace dvsync::sync
