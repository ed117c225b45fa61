#include "dvsync/store/batch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <unordered_set>

#include "dvsync/store/change_fields.hpp"
#include "dvsync/store/postgres/values.hpp"
#include "new_guid.hpp"
#include "postgres/copy_tuples.hpp"
#include "system_user_columns.hpp"

namespace dvsync::store {
namespace {

template <class Lines>
void write_columns(Lines& lines, const core::SystemUser& row) {
  for (const auto& text : row.texts) lines.text(text);
  lines.boolean(row.islicensed).boolean(row.isdisabled).text(row.disabledreason).small(row.accessmode);
  lines.boolean(row.setupuser).small(row.azurestate).timestamp(row.azuredeletedon).small(row.invitestatuscode);
}

// How long a row that somebody else holds is waited for.
constexpr std::chrono::milliseconds beside_a_lock{1000};

bool is_create(const core::Change& change) { return change.action == core::Decision::create; }

void keep_refused(std::vector<core::Change*>& changes, const std::vector<RefusedChange>& refused) {
  std::erase_if(changes, [&](const core::Change* change) {
    return std::none_of(refused.begin(), refused.end(),
                        [&](const RefusedChange& one) { return one.object_id == change->object_id; });
  });
}

// A trigger of a foreign table may swallow a row: what did not happen is not logged.
void require_all_taken(std::int64_t taken, std::size_t given) {
  if (taken == static_cast<std::int64_t>(given)) return;
  throw RowError("", "the table did not take the row and raised no error: look at its triggers and rules");
}

}  // namespace

Batch::Batch(Connection& environment, const WriteSettings& settings, std::int64_t fence, std::int64_t run_id,
             int batch_no)
    : environment_(environment), settings_(settings), run_id_(run_id), batch_no_(batch_no) {
  transaction_.emplace(environment);
  if (share_state() != fence) {
    throw StoreError(StoreError::Kind::fenced,
                     "another dvsync works on " + environment_.place() + "; this one stops writing");
  }
}

Batch::Batch(Connection& environment, const WriteSettings& settings, std::int64_t run_id, int batch_no)
    : environment_(environment), settings_(settings), run_id_(run_id), batch_no_(batch_no) {
  share_state();
}

std::int64_t Batch::share_state() {
  environment_.exec("SET CONSTRAINTS ALL IMMEDIATE");
  const auto state = environment_.exec("SELECT fence FROM our.sync_state FOR SHARE");
  if (state.empty()) {
    throw StoreError(StoreError::Kind::schema, environment_.place() + ": sync_state is empty: run `dvsync migrate`");
  }
  return state.number(0, 0);
}

// To empty a table takes longer than to fill it with a few rows. Of a transaction of its own the batch knows what it
// has filled; one that joins another's is not the only one in it.
void Batch::make_empty(const std::string& table, const std::string& columns) {
  environment_.exec("CREATE TEMP TABLE IF NOT EXISTS " + table + " (" + columns + ") ON COMMIT DELETE ROWS");
  const bool first = filled_.insert(table).second;
  if (!first || !transaction_) environment_.exec("TRUNCATE " + table);
}

// Most batches of a quiet run write none.
void Batch::number_rows() {
  if (versionnumber_ > 0) return;
  const auto drawn = environment_.exec("SELECT nextval(" + environment_.object("sync_versionnumber") + "), " +
                                       microseconds_of("now()"));
  versionnumber_ = drawn.number(0, 0);
  now_ = timestamp_at(drawn, 0, 1).value();
}

LockedRows Batch::lock_rows(const std::vector<core::Guid>& object_ids) {
  auto locked = transaction_ ? lock_rows_that_are_free(environment_, object_ids)
                             : LockedRows{.rows = read_rows(environment_, object_ids, Lock::yes), .left = {}};
  std::vector<core::SystemUser*> rows;
  for (auto& [id, row] : locked.rows) rows.push_back(&row);
  settings_.access.read(environment_, rows);
  return locked;
}

WrittenById Batch::read_written(const std::vector<core::Guid>& systemuserids) {
  return store::read_written(environment_, systemuserids);
}

std::vector<RefusedChange> Batch::write(std::vector<core::Change>& changes,
                                        const std::vector<std::vector<std::string>>& notes, bool together) {
  if (!changes.empty()) number_rows();
  Set creates;
  Set updates;
  for (auto& change : changes) (is_create(change) ? creates : updates).push_back(&change);
  for (auto* change : creates) change->after.systemuserid = new_guid();
  std::vector<RefusedChange> refused;
  write_set(creates, refused);
  write_set(updates, refused);
  if (together) exchange(changes, refused);
  log(changes, notes, refused);
  return refused;
}

// A set that fails is halved until the row that fails stands alone. All of a set are creates, or none.
void Batch::write_set(const Set& changes, std::vector<RefusedChange>& refused) {
  if (changes.empty()) return;
  try {
    Savepoint set(environment_, transaction_ ? std::optional(beside_a_lock) : std::nullopt);
    is_create(*changes.front()) ? create(changes) : update(changes);
    settings_.access.write(environment_, changes);
    set.release();
    return;
  } catch (const RowError& error) {
    if (changes.size() == 1) return refused.push_back(refusal_of(*changes.front(), error));
  } catch (const ContentionError& error) {
    if (!transaction_) throw;
    if (changes.size() == 1) return refused.push_back(refusal_of(*changes.front(), error));
  }
  const auto middle = changes.begin() + static_cast<std::ptrdiff_t>(changes.size() / 2);
  write_set(Set(changes.begin(), middle), refused);
  write_set(Set(middle, changes.end()), refused);
}

RefusedChange Batch::refusal_of(const core::Change& change, const StoreError& error) {
  const auto* row_error = dynamic_cast<const RowError*>(&error);
  const auto& id = change.object_id;
  if (row_error == nullptr) return {id, RefusedChange::Why::blocked, error.what()};
  if (!row_error->unique_violation()) return {id, RefusedChange::Why::refused, error.what()};
  const bool exists = is_create(change) && !read_rows(environment_, {id}, Lock::no).empty();
  return {id, exists ? RefusedChange::Why::exists_now : RefusedChange::Why::taken, error.what()};
}

// What another row stood in the way of: one after the other as long as that helps, then all together.
void Batch::exchange(std::vector<core::Change>& changes, std::vector<RefusedChange>& refused) {
  Set waiting;
  for (auto& change : changes) {
    const auto found = std::find_if(refused.begin(), refused.end(), [&](const RefusedChange& one) {
      return one.object_id == change.object_id && one.why == RefusedChange::Why::taken;
    });
    if (found != refused.end()) waiting.push_back(&change);
  }
  std::erase_if(refused, [](const RefusedChange& one) { return one.why == RefusedChange::Why::taken; });
  std::vector<RefusedChange> still;
  for (std::size_t before = waiting.size() + 1; !waiting.empty() && waiting.size() < before;) {
    before = waiting.size();
    still.clear();
    for (auto* change : Set(waiting)) write_set({change}, still);
    keep_refused(waiting, still);
  }
  while (!waiting.empty()) {
    std::vector<RefusedChange> not_even_so;
    if (exchange_all(waiting, not_even_so)) return;
    // Without those who stand in the way themselves the others may go.
    for (auto& one : not_even_so) {
      std::erase_if(waiting, [&](const auto* change) { return change->object_id == one.object_id; });
      refused.push_back(std::move(one));
    }
  }
}

// False: nothing is written, and at least one is refused.
bool Batch::exchange_all(const Set& changes, std::vector<RefusedChange>& refused) {
  Savepoint exchange(environment_);
  try {
    park_names(changes);
    for (auto* change : changes) write_set({change}, refused);
  } catch (const RowError& error) {  // the table does not even take a name for the moment
    for (const auto* change : changes) refused.push_back(refusal_of(*change, error));
  }
  if (!refused.empty()) return false;
  exchange.release();
  return true;
}

// User names that nobody has, until the rows get their own: nobody else sees them.
void Batch::park_names(const Set& changes) {
  UuidArray ids;
  for (const auto* change : changes) {
    if (!is_create(*change) && change->columns.contains(core::Column::domainname)) ids.add(change->after.systemuserid);
  }
  environment_.exec_uuids("UPDATE our.systemuser SET domainname = systemuserid::text WHERE systemuserid = ANY ($1)",
                          ids.bytes());
}

void Batch::create(const Set& changes) {
  std::string statement = "COPY our.systemuser (" + system_user_columns::rule_columns() +
                          ", systemuserid, azureactivedirectoryobjectid, issyncwithdirectory, createdon, createdby, "
                          "modifiedon, modifiedby, versionnumber";
  if (settings_.business_unit) statement += ", businessunitid";
  for (const auto& [column, value] : settings_.create_values) statement += ", " + environment_.quoted(column);
  if (settings_.binary) {
    write_created(CopyTuples(), statement, changes);
  } else {
    write_created(CopyLines(), statement, changes);
  }
}

template <class Lines>
void Batch::write_created(Lines lines, const std::string& statement, const Set& changes) {
  for (const auto* change : changes) {
    lines.begin_line();
    write_columns(lines, change->after);
    lines.guid(change->after.systemuserid).guid(change->object_id).boolean(true);
    lines.timestamp(now_).guid(settings_.actor).timestamp(now_).guid(settings_.actor).big(versionnumber_);
    if (settings_.business_unit) lines.guid(settings_.business_unit);
    for (const auto& [column, value] : settings_.create_values) lines.text(std::string_view(value));
    lines.end_line();
  }
  require_all_taken(environment_.copy_in(statement + Lines::statement_end, lines.lines()), changes.size());
}

void Batch::update(const Set& all) {
  Set changes;  // a row whose roles alone change stays as it is
  std::ranges::copy_if(all, std::back_inserter(changes), [](const auto* change) { return !change->columns.empty(); });
  if (changes.empty()) return;
  make_empty("batch_row", "systemuserid uuid, " + system_user_columns::rule_column_definitions());
  lines_.clear();
  for (const auto* change : changes) {
    lines_.guid(change->after.systemuserid);
    write_columns(lines_, change->after);
    lines_.end_line();
  }
  environment_.copy_in("COPY batch_row (systemuserid, " + system_user_columns::rule_columns() + ") FROM STDIN",
                       lines_.lines());
  const auto updated = environment_.exec(
      "UPDATE our.systemuser u SET modifiedon = now(), modifiedby = $1::uuid, versionnumber = $2::bigint, " +
          system_user_columns::rule_columns("{} = b.{}") + " FROM batch_row b WHERE u.systemuserid = b.systemuserid",
      {settings_.actor ? Parameter(core::to_string(*settings_.actor)) : Parameter(), std::to_string(versionnumber_)});
  require_all_taken(updated.affected(), changes.size());
}

void Batch::log(const std::vector<core::Change>& changes, const std::vector<std::vector<std::string>>& notes,
                const std::vector<RefusedChange>& refused) {
  std::unordered_set<core::Guid> not_done;
  for (const auto& one : refused) not_done.insert(one.object_id);
  if (not_done.size() == changes.size()) return;
  CopyTuples lines;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto& change = changes[i];
    if (not_done.contains(change.object_id)) continue;
    lines.begin_line();
    lines.big(run_id_).integer(batch_no_).text(core::name_of(change.action)).text(core::code_of(change.reason));
    lines.guid(change.after.systemuserid).guid(change.after.azureactivedirectoryobjectid);
    lines.text(change.after[core::Column::domainname]);
    const auto fields = logged_fields(change);
    fields.empty() ? lines.null() : lines.json(fields);
    auto all = notes_of(change);
    all.insert(all.end(), notes[i].begin(), notes[i].end());
    all.empty() ? lines.null() : lines.texts(all);
    lines.end_line();
  }
  environment_.copy_in(
      std::string("COPY our.sync_change (run_id, batch_no, action, reason, systemuserid, azureactivedirectoryobjectid, "
                  "domainname, fields, notes") +
          CopyTuples::statement_end,
      lines.lines());
}

void Batch::log_batch(const core::Counters& counters) { log_batches(environment_, run_id_, {{batch_no_, counters}}); }

void Batch::commit() { transaction_.value().commit(); }

}  // namespace dvsync::store
