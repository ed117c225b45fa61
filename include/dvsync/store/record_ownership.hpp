#pragma once
// The records that a row of systemuser owns, in the user-owned tables of an environment's schema, and their
// reassignment (docs/rules.md D21). An administrator's act: the daemon's role has no rights on these tables.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/store/manual_changes.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

// A table with the columns ownerid and owninguser, both uuid. Partitions stand for themselves.
struct OwnedTable {
  std::string name;
  bool owning_team = false;  // which of these it has besides
  bool owning_business_unit = false;
  bool modified_on = false;
  bool modified_by = false;
};
[[nodiscard]] std::vector<OwnedTable> owned_tables(Connection& environment);

[[nodiscard]] std::int64_t count_records(Connection& environment, const OwnedTable& table, const core::Guid& owner);

struct Reassignment {
  core::Guid from;  // systemuserids
  core::Guid to;
  std::optional<core::Guid> business_unit;  // the target's
};
// The row's business unit; nullopt: it has none, or the table has no such column.
[[nodiscard]] std::optional<core::Guid> business_unit_of_row(Connection& environment, const core::Guid& systemuserid);

// At most `most` records, within the caller's transaction; returns how many. Waits for whoever holds one.
[[nodiscard]] std::int64_t reassign_records(Connection& environment, const OwnedTable& table,
                                            const Reassignment& reassignment, const Act& act, int most);
// Logs them with the source's row, in the same transaction; a table has one line in a run.
void log_reassignment(Connection& environment, const OwnedTable& table, const Reassignment& reassignment,
                      const core::Text& source_name, const Act& act, std::int64_t records);

}  // namespace dvsync::store
