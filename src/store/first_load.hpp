#pragma once
// A first load's pages, straight into tables of the mirror that were empty before. Private to store.

#include <string>

#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

// Within the transaction of a first load. False, and nothing of it is there: `lines` name somebody a second time.
inline bool load_page(Connection& mirror, const std::string& statement, std::string_view lines) {
  if (lines.empty()) return true;
  try {
    Savepoint page_alone(mirror);
    mirror.copy_in(statement, lines);
    page_alone.release();
    return true;
  } catch (const RowError& error) {
    if (!error.unique_violation()) throw;
    return false;
  }
}

// Whether pages of identities are filled by half only, for as long as nothing else is said.
inline void leave_room(Connection& mirror, bool wanted) {
  mirror.exec("SELECT our.leave_room($1::boolean)", {wanted ? "t" : "f"});
}

// An index that the mirror lacks until its first load has brought all memberships. Every pull looks for it: whoever
// migrated under a daemon of an older version may have taken it from a mirror that this daemon had just filled.
// PostgreSQL asks for the right to a function that a statement names even where the statement comes to no call: only
// the pull that makes the index needs that right.
inline void index_memberships(Connection& mirror) {
  if (!mirror.exec("SELECT to_regclass($1)", {mirror.named("membership_id")}).null(0, 0)) return;
  mirror.exec("SELECT our.index_memberships()");
}

}  // namespace dvsync::store
