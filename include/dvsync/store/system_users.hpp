#pragma once
// Reading an environment's systemuser rows.

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "dvsync/core/plan.hpp"
#include "dvsync/core/system_user.hpp"
#include "dvsync/store/postgres/connection.hpp"

namespace dvsync::store {

// From a row of linked_rows() (store/identity_queries.hpp), or of another statement of the store over the same columns.
[[nodiscard]] core::SystemUser row_from(const Rows& rows, int row);

// Rows that gate 0 lets through (docs/rules.md, The gates), as an SQL condition on systemuser u.
extern const char* const touchable_rows;
// Placeholders, in the same way. Dataverse's own rows have no object id either, but nobody imported them.
extern const char* const stub_rows;

using RowsById = std::unordered_map<core::Guid, core::SystemUser>;
enum class Lock : bool { no, yes };

// The row with this systemuserid, if there is one; with Lock::yes it stays locked until the transaction ends.
[[nodiscard]] std::optional<core::SystemUser> read_row(Connection& environment, const core::Guid& systemuserid,
                                                       Lock lock);

// The rows of these identities; with Lock::yes they stay locked until the transaction ends.
[[nodiscard]] RowsById read_rows(Connection& environment, const std::vector<core::Guid>& object_ids, Lock lock);

// All rows with an object id; nullopt: there are more than `most`.
[[nodiscard]] std::optional<RowsById> few_linked_rows(Connection& environment, int most);

// As read_rows(), but rows that somebody else holds for longer than a moment are left to them.
struct LockedRows {
  RowsById rows;
  std::vector<core::Guid> left;  // identities whose rows somebody else holds
};
[[nodiscard]] LockedRows lock_rows_that_are_free(Connection& environment, const std::vector<core::Guid>& object_ids);

// Of these identities' rows, those that nobody holds; they stay locked until the transaction ends.
[[nodiscard]] std::unordered_set<core::Guid> lock_free_rows(Connection& environment,
                                                            const std::vector<core::Guid>& object_ids);

// What the sync last wrote into these users' until_edited columns, by systemuserid.
using WrittenById = std::unordered_map<core::Guid, std::vector<core::WrittenColumn>>;
[[nodiscard]] WrittenById read_written(Connection& environment, const std::vector<core::Guid>& systemuserids);

// A query read in pieces, the server being ahead of us. Lives in a transaction of its own, so its session serves
// nothing else meanwhile.
class Chunks {
 public:
  Chunks(Connection& connection, const std::string& query, int rows_a_piece);
  // False: that was all.
  bool next(Rows& rows) { return connection_.read(rows, rows_a_piece_); }

 private:
  Connection& connection_;
  Transaction transaction_;
  int rows_a_piece_;
};

// Until the transaction ends, or it is taken back: few rows through their own indexes. A planner without statistics
// would rather read the whole table.
void prefer_indexes(Connection& environment, bool prefer);

// Rows that gate 0 leaves alone although they carry an object id: applications, deleted ones, placeholders.
struct LeftAlone {
  core::Guid object_id;
  core::Guid systemuserid;
  std::string domainname;
};
[[nodiscard]] std::vector<LeftAlone> rows_left_alone(Connection& environment);

[[nodiscard]] std::int64_t count_non_interactive(Connection& environment);

// Pairs of rows with one user name, ignoring case, one of which this run wrote (D10). Looks at all names; of few rows,
// find_namesakes() does (user_references.hpp).
struct Collision {
  std::string domainname;
  core::Guid written;
  core::Guid other;
};
[[nodiscard]] std::vector<Collision> find_collisions(Connection& environment, std::int64_t run_id);

}  // namespace dvsync::store
