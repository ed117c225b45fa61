#include "dvsync/store/system_users.hpp"

#include "dvsync/store/postgres/copy_line.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "system_user_columns.hpp"

namespace dvsync::store {
namespace {

constexpr int first_text = 4;
constexpr int after_texts = first_text + static_cast<int>(core::text_column_count);
constexpr int most_reported = 100;  // collisions and the like: a run names so many and no more

}  // namespace

const char* const touchable_rows =
    "u.azureactivedirectoryobjectid IS NOT NULL AND u.applicationid IS NULL AND coalesce(u.deletedstate, 0) = 0 "
    "AND coalesce(lower(u.domainname), '') NOT IN ('crmoln@microsoft.com', 'crmoln2@microsoft.com')";

const char* const stub_rows =
    "(u.azureactivedirectoryobjectid IS NULL AND u.applicationid IS NULL AND u.deletedstate = 0 "
    "AND u.accessmode NOT IN (3, 5) AND coalesce(u.fullname, '') NOT IN ('SYSTEM', 'INTEGRATION') "
    "AND lower(u.domainname) NOT IN ('crmoln@microsoft.com', 'crmoln2@microsoft.com'))";

core::SystemUser row_from(const Rows& rows, int row) {
  core::SystemUser user;
  const auto id = guid_at(rows, row, 0);
  if (!id) throw StoreError(StoreError::Kind::schema, "a row of systemuser has no systemuserid: give it one");
  user.systemuserid = *id;
  user.azureactivedirectoryobjectid = guid_at(rows, row, 1);
  user.applicationid = guid_at(rows, row, 2);
  const auto small = [&](int column) { return static_cast<std::int16_t>(rows.number(row, column)); };
  user.deletedstate = small(3);
  for (std::size_t text = 0; text < core::text_column_count; ++text) {
    const auto column = first_text + static_cast<int>(text);
    if (!rows.null(row, column)) user.texts[text].emplace(rows.text(row, column));
  }
  user.islicensed = rows.boolean(row, after_texts);
  user.isdisabled = rows.boolean(row, after_texts + 1);
  user.disabledreason = rows.optional_text(row, after_texts + 2);
  user.accessmode = small(after_texts + 3);
  user.setupuser = rows.boolean(row, after_texts + 4);
  user.azurestate = small(after_texts + 5);
  user.azuredeletedon = timestamp_at(rows, row, after_texts + 6);
  user.invitestatuscode = small(after_texts + 7);
  return user;
}

namespace {

void add_by_object_id(const Rows& rows, RowsById& found) {
  found.reserve(found.size() + static_cast<std::size_t>(rows.size()));
  for (int row = 0; row < rows.size(); ++row) {
    auto user = row_from(rows, row);
    found.emplace(*user.azureactivedirectoryobjectid, std::move(user));
  }
}

RowsById by_object_id(const Rows& rows) {
  RowsById found;
  add_by_object_id(rows, found);
  return found;
}

RowsById rows_of(Connection& environment, const std::vector<core::Guid>& object_ids, const char* locking) {
  if (object_ids.empty()) return {};
  // Locked in one order, so that two writers never wait for each other.
  const auto rows = environment.exec_uuids("SELECT " + system_user_columns::select_list() +
                                               " FROM our.systemuser u WHERE u.azureactivedirectoryobjectid = ANY ($1) "
                                               "ORDER BY u.azureactivedirectoryobjectid" +
                                               locking,
                                           uuid_array(object_ids));
  return by_object_id(rows);
}

// Not longer than a moment, all of them together: then those that are free by now. A moment is less than PostgreSQL
// takes to look for deadlocks (1 s), so of two who wait for each other it is we who give way.
RowsById wait_for_rows(Connection& environment, const std::vector<core::Guid>& object_ids) {
  try {
    Savepoint waiting(environment, std::chrono::milliseconds(400));
    auto rows = rows_of(environment, object_ids, " FOR NO KEY UPDATE");
    waiting.release();
    return rows;
  } catch (const RowError&) {
    throw;
  } catch (const StoreError&) {  // lock_timeout, deadlock, or a statement_timeout that is shorter
    if (environment.broken()) throw;
  }
  return rows_of(environment, object_ids, " FOR NO KEY UPDATE SKIP LOCKED");
}

}  // namespace

std::optional<core::SystemUser> read_row(Connection& environment, const core::Guid& systemuserid, Lock lock) {
  const auto rows = environment.exec("SELECT " + system_user_columns::select_list() +
                                         " FROM our.systemuser u WHERE u.systemuserid = " + "$1::uuid" +
                                         (lock == Lock::yes ? " FOR NO KEY UPDATE" : ""),
                                     {core::to_string(systemuserid)});
  return rows.empty() ? std::nullopt : std::optional(row_from(rows, 0));
}

RowsById read_rows(Connection& environment, const std::vector<core::Guid>& object_ids, Lock lock) {
  return rows_of(environment, object_ids, lock == Lock::yes ? " FOR NO KEY UPDATE" : "");
}

std::optional<RowsById> few_linked_rows(Connection& environment, int most) {
  const auto limit = most + 1;
  Chunks chunks(environment,
                "SELECT " + system_user_columns::select_list() +
                    " FROM our.systemuser u WHERE u.azureactivedirectoryobjectid IS NOT NULL LIMIT " +
                    std::to_string(limit),
                limit);
  RowsById found;
  Rows rows;
  while (chunks.next(rows)) add_by_object_id(rows, found);
  if (found.size() > static_cast<std::size_t>(most)) return std::nullopt;
  return found;
}

LockedRows lock_rows_that_are_free(Connection& environment, const std::vector<core::Guid>& object_ids) {
  LockedRows locked{.rows = rows_of(environment, object_ids, " FOR NO KEY UPDATE SKIP LOCKED"), .left = {}};
  if (locked.rows.size() == object_ids.size()) return locked;
  std::vector<core::Guid> others;  // nobody's, or somebody else's at this moment
  for (const auto& id : object_ids) {
    if (!locked.rows.contains(id)) others.push_back(id);
  }
  if (rows_of(environment, others, "").empty()) return locked;
  locked.rows.merge(wait_for_rows(environment, others));
  for (const auto& [id, row] : rows_of(environment, others, "")) {
    if (!locked.rows.contains(id)) locked.left.push_back(id);
  }
  return locked;
}

std::unordered_set<core::Guid> lock_free_rows(Connection& environment, const std::vector<core::Guid>& object_ids) {
  const auto rows = environment.exec_uuids(
      "SELECT azureactivedirectoryobjectid FROM our.systemuser WHERE azureactivedirectoryobjectid = ANY ($1) "
      "ORDER BY azureactivedirectoryobjectid FOR NO KEY UPDATE SKIP LOCKED",
      uuid_array(object_ids));
  std::unordered_set<core::Guid> free;
  for (int row = 0; row < rows.size(); ++row) free.insert(guid_at(rows, row, 0).value());
  return free;
}

WrittenById read_written(Connection& environment, const std::vector<core::Guid>& systemuserids) {
  WrittenById found;
  if (systemuserids.empty()) return found;
  const auto rows = environment.exec_uuids(
      "SELECT systemuserid, column_name, value, edited FROM our.sync_user WHERE systemuserid = ANY ($1)",
      uuid_array(systemuserids));
  for (int row = 0; row < rows.size(); ++row) {
    const auto column = core::column_named(rows.text(row, 1));
    if (!column) continue;  // a column that a later version knows
    found[guid_at(rows, row, 0).value()].push_back({*column, {rows.optional_text(row, 2), rows.boolean(row, 3)}});
  }
  return found;
}

Chunks::Chunks(Connection& connection, const std::string& query, int rows_a_piece)
    : connection_(connection), transaction_(connection), rows_a_piece_(rows_a_piece) {
  connection_.begin_reading(query);
}

void prefer_indexes(Connection& environment, bool prefer) {
  environment.exec(prefer ? "SET LOCAL enable_seqscan = off" : "SET LOCAL enable_seqscan = on");
}

std::vector<LeftAlone> rows_left_alone(Connection& environment) {
  // Three conditions for three indexes.
  const auto rows = environment.exec(
      "SELECT azureactivedirectoryobjectid, systemuserid, domainname FROM our.systemuser "
      "WHERE (applicationid IS NOT NULL OR deletedstate <> 0) AND azureactivedirectoryobjectid IS NOT NULL "
      "UNION ALL SELECT azureactivedirectoryobjectid, systemuserid, domainname FROM our.systemuser "
      "WHERE hashtextextended(lower(domainname), 0) IN (hashtextextended('crmoln@microsoft.com', 0), "
      "hashtextextended('crmoln2@microsoft.com', 0)) AND lower(domainname) IN ('crmoln@microsoft.com', "
      "'crmoln2@microsoft.com') AND applicationid IS NULL AND azureactivedirectoryobjectid IS NOT NULL LIMIT 10000");
  std::vector<LeftAlone> found;
  for (int row = 0; row < rows.size(); ++row) {
    found.push_back({guid_at(rows, row, 0).value(), guid_at(rows, row, 1).value(), std::string(rows.text(row, 2))});
  }
  return found;
}

std::int64_t count_non_interactive(Connection& environment) {
  return environment.exec("SELECT count(*) FROM our.systemuser WHERE accessmode = 4 AND applicationid IS NULL")
      .number(0, 0);
}

std::vector<Collision> find_collisions(Connection& environment, std::int64_t run_id) {
  // All names at once by a hash, then the repeated ones: an index would be read in its order, a page for each row.
  environment.exec("SET LOCAL work_mem = '64MB'; SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = off");
  const auto rows = environment.exec(
      "WITH repeated AS MATERIALIZED (SELECT hashtextextended(lower(domainname), 0) AS name FROM our.systemuser "
      "GROUP BY 1 HAVING count(*) > 1 LIMIT 1000) "
      "SELECT a.domainname, a.systemuserid, b.systemuserid FROM repeated r "
      "JOIN our.systemuser a ON hashtextextended(lower(a.domainname), 0) = r.name "
      "JOIN our.systemuser b ON hashtextextended(lower(b.domainname), 0) = r.name "
      "AND lower(b.domainname) = lower(a.domainname) AND b.systemuserid <> a.systemuserid "
      "JOIN our.sync_change c ON c.systemuserid = a.systemuserid "
      "WHERE c.run_id = $1::bigint AND (c.action = 'create' OR c.fields ? 'domainname') LIMIT " +
          std::to_string(most_reported),
      {std::to_string(run_id)});
  environment.exec("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = on");
  std::vector<Collision> found;
  for (int row = 0; row < rows.size(); ++row) {
    found.push_back({std::string(rows.text(row, 0)), guid_at(rows, row, 1).value(), guid_at(rows, row, 2).value()});
  }
  return found;
}

}  // namespace dvsync::store
