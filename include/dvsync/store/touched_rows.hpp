#pragma once
// Rows that others changed: noted by triggers on systemuser until a run has looked at them (docs/rules.md D16).

#include <cstdint>
#include <string>
#include <vector>

#include "dvsync/core/guid.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

// Beyond this many a run looks at everybody, so that one statement notes no more; once so many wait, a statement that
// touches several rows only notes that it did (under the nil id).
inline constexpr std::int64_t most_touched = 50'000;

struct TouchedRows {
  std::string seen;                    // what to forget once a run has looked at them
  std::vector<core::Guid> object_ids;  // whose rows; each once
  bool too_many = false;               // more than most_touched, or nobody knows how many: then object_ids is empty
};
[[nodiscard]] TouchedRows read_touched_rows(Connection& environment);
// Forgets those that were there when `seen` was read. Inside the caller's transaction.
void forget_touched_rows(Connection& environment, const std::string& seen);

// Up to `most` of the notes, locked until the transaction ends, whose rows nobody else has claimed; none where more
// than most_touched_at_once wait: those are a run's.
inline constexpr std::int64_t most_touched_at_once = 1000;
struct ClaimedRows {
  std::vector<std::int64_t> notes;
  std::vector<core::Guid> object_ids;  // in the same order
};
[[nodiscard]] ClaimedRows claim_touched_rows(Connection& environment, int most);
void forget_claimed_rows(Connection& environment, const ClaimedRows& claimed);

// Whether the table has the triggers, and how many notes wait (counted up to most_touched + 1).
struct RowWatch {
  bool watches = true;
  std::int64_t touched = 0;
};
[[nodiscard]] RowWatch read_row_watch(Connection& environment);

}  // namespace dvsync::store
