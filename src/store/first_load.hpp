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
inline void index_memberships(Connection& mirror) {
  mirror.exec("SELECT our.index_memberships() WHERE to_regclass('our.membership_id') IS NULL");
}

}  // namespace dvsync::store
